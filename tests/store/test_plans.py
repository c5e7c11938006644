"""What is asked as news arrives is found through an index, however many stories there are."""

from __future__ import annotations

from sqlalchemy.dialects import sqlite

from tests.support.fakes import memory_store
from threatstamp.store.rows.clues import _found
from threatstamp.store.rows.stories import _linked


def test_joining_begins_with_what_an_entry_has_and_not_with_all_stories() -> None:
    by_link = "desk_stories USING INDEX ix_desk_stories_link_key"
    first = {
        _found(): ("desk_story_ids", {"clues": ["CVE-2099-1234"], "since": 1}),
        _linked(): (by_link, {"keys": ["//news.example/1"], "excluding": "news", "since": 1}),
    }
    store = memory_store()
    with store.engine.connect() as connection:
        for query, (begins, values) in first.items():
            made = query.params(values).compile(
                dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}
            )
            plan = [str(row[3]) for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {made}")]
            assert plan[0].startswith(f"SEARCH {begins}"), plan
            assert not any(step.startswith("SCAN") for step in plan), plan
