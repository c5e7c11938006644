"""What is asked often is found through an index, however many stories there are, without statistics, too."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select
from sqlalchemy.dialects import sqlite

from tests.support.fakes import memory_store
from threatstamp.store.rows.clues import _found
from threatstamp.store.rows.reviews import _counting, _listing
from threatstamp.store.rows.stories import _linked


def test_joining_begins_with_what_an_entry_has_and_not_with_all_stories() -> None:
    by_link = "desk_stories USING INDEX ix_desk_stories_link_key"
    first = {
        _found(): ("desk_story_ids", {"clues": ["CVE-2099-1234"], "since": 1}),
        _linked(): (by_link, {"keys": ["//news.example/1"], "excluding": "news", "since": 1}),
    }
    for query, (begins, values) in first.items():
        plan = plan_of(query, **values)
        assert plan[0].startswith(f"SEARCH {begins}"), plan
        assert not any(step.startswith("SCAN") for step in plan), plan


def test_what_waits_to_be_reviewed_begins_with_the_stories_of_the_span() -> None:
    span = {"since": 1, "until": 2, "until_ts": "2.000000"}
    for query, values in ((_counting(), span), (_listing(), {**span, "most": 8})):
        plan = plan_of(query, **values)
        of_stories = [step for step in plan if " desk_stories " in f"{step} "]
        assert of_stories == [
            "SEARCH desk_stories USING INDEX sqlite_autoindex_desk_stories_1 (id=?)",
            "SEARCH desk_stories USING INDEX ix_desk_stories_told_at (told_at>?)",
        ], plan
        assert not any(step.startswith("SCAN") for step in plan), plan


def plan_of(query: Select[Any], **values: object) -> list[str]:
    """Returns how SQLite would go about a query on tables that it knows nothing of."""
    made = query.params(values).compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
    store = memory_store()
    with store.engine.connect() as connection:
        return [str(row[3]) for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {made}")]
