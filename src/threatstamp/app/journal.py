"""The journal of `run`: a line for what happened to each stamp, message and feed, with ids and no content."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.news.feed import Problem, read_reason
from threatstamp.core.stamps.route import Verdict
from threatstamp.feeds.problems import problem_message
from threatstamp.render.ledger import entry_sentence
from threatstamp.store.rows.base import Note
from threatstamp.texts.catalogue import Texts
from threatstamp.texts.codes import say_code

log = logging.getLogger(__name__)

ENTRIES = frozenset(
    {
        Kind.STAMP,
        Kind.WITHDRAWAL,
        Kind.SETTLED,
        Kind.REFUSAL,
        Kind.FORWARD,
        Kind.DELIVERED,
        Kind.UNDELIVERABLE,
        Kind.CANCELLED,
        Kind.CONFIRMED,
        Kind.UNCONFIRMED,
        Kind.ACKNOWLEDGED,
        Kind.ESCALATED,
        Kind.RETRY,
        Kind.MESSAGE_DELETED,
        Kind.PUBLISHED,
        Kind.DOUBLE,
        Kind.CASE,
        Kind.CASE_MOVED,
        Kind.CASE_DENIED,
    }
)
"""The kinds of ledger entries whose sentence has ids alone. Posts and entries of feeds have titles."""

WARNINGS = frozenset({Kind.UNDELIVERABLE.value, Verdict.WAITS.value, "put_off", "feed_failing"})
IDS = frozenset(
    {
        *("team", "channel", "ts", "reaction", "user", "route", "destination", "departure", "message_ts"),
        *("kept", "feed", "stories", "error", "why", "reason"),
    }
)
"""The values that a log in JSON has as fields of their own: ids, and codes of what went wrong."""

MOST_WAITING = 1_000
"""How many messages that wait are remembered, so that each attempt is not a line of its own."""


class Journal:
    """Logs what transactions did. It is called after each, possibly by many threads, and never raises."""

    def __init__(self, texts: Texts) -> None:
        self._texts = texts
        self._waiting: dict[object, object] = {}

    def __call__(self, notes: Sequence[Note]) -> None:
        for what, values in notes:
            try:
                line = self._line(what, values)
            except Exception:  # what was recorded must not seem to have failed because it cannot be said
                log.exception("no line can be made of %s", what)
                continue
            if line:
                level = logging.WARNING if what in WARNINGS else logging.INFO
                ids = {name: value for name, value in values.items() if name in IDS}
                log.log(level, "%s", line, extra={"happened": {"what": what, **ids}})

    def _line(self, what: str, values: Mapping[str, object]) -> str:
        """Returns the line; "" where there is nothing to say."""
        if what in ENTRIES:
            self._waiting.pop(values.get("departure"), None)
            line = entry_sentence(what, values, self._texts)
            return self._texts("cli.journal_record", kind=self._texts(f"cli.kind_{what}"), line=line)
        if what == "put_off":
            return self._put_off(values)
        if what == "feed_failing":
            return self._failing(values)
        key = f"cli.journal_{what}"
        return self._texts(key, **values) if self._texts.has(key) else ""

    def _put_off(self, values: Mapping[str, object]) -> str:
        departure, error = values["departure"], values["error"]
        if self._waiting.get(departure) == error:
            return ""
        if len(self._waiting) >= MOST_WAITING:
            self._waiting.clear()
        self._waiting[departure] = error
        why = say_code(self._texts, str(error))
        return self._texts("cli.journal_put_off", departure=departure, error=why)

    def _failing(self, values: Mapping[str, object]) -> str:
        rest = {name: str(value) for name, value in values.items() if name not in ("feed", "reason")}
        problem = Problem(reason=read_reason(str(values["reason"])), values=rest)
        words = problem_message(self._texts, problem)
        return self._texts("cli.journal_feed_failing", feed=values["feed"], words=words)
