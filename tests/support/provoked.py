"""What the tests provoke: troubles, and what can be wrong with a file, a feed and a call, with their own values.

CI fails if there is a kind of trouble, or a sentence of the rooms `config`, `codes` and `feeds`, that no test
provokes: its words would be held to invented values alone. What a process beside the test says is not seen.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from threatstamp.core.errors import ServiceError, SlackError, TrackerError
from threatstamp.core.news.feed import Problem, Reason
from threatstamp.core.outbox.departure import Withheld
from threatstamp.core.time import Micros
from threatstamp.core.trouble import OF_FEEDS, TroubleKind
from threatstamp.desk.troubles.alerting import Alert
from threatstamp.slack.blocks.alert import alert_blocks
from threatstamp.slack.blocks.voice import Voice
from threatstamp.store.rows.troubles import TroubleRows
from threatstamp.texts.catalogue import Language, Texts, room_messages

ROOMS = ("config", "codes", "feeds")
UNWATCHED = frozenset({Withheld.UNKNOWN.value, "waiting", "shadow", "unconfirmed", "sheets_answer"})
"""Codes that are no errors, or that are only said by processes beside the tests."""

_open, _say, _made = TroubleRows.open, Texts.__call__, Problem.__init__
_refused, _no_service, _no_ticket = SlackError.__init__, ServiceError.__init__, TrackerError.__init__
_seen: set[str] = set()


def watch() -> None:
    """Notes from now on what the program opens and says in this process, if all of its sentences can be said."""
    TroubleRows.open = _opened  # type: ignore[method-assign]
    Texts.__call__ = _said  # type: ignore[method-assign]
    Problem.__init__ = _found_wrong  # type: ignore[method-assign]
    SlackError.__init__ = _call_failed  # type: ignore[method-assign]
    ServiceError.__init__ = _service_failed  # type: ignore[method-assign]
    TrackerError.__init__ = _tracker_failed  # type: ignore[method-assign]


def provoked() -> tuple[str, ...]:
    """Returns what was noted since it was asked last: "trouble KIND" and "sentence ROOM.NAME"."""
    found = tuple(_seen)
    _seen.clear()
    return found


def not_provoked(counts: Mapping[str, int]) -> list[str]:
    """Returns what could be provoked and is not among what was noted in a whole run of the tests."""
    expected = [f"trouble {kind.value}" for kind in TroubleKind]
    expected += [
        f"sentence feeds.{reason.value}" for reason in Reason
    ]  # the rest of the room is that of `read`
    for room in ("config", "codes"):
        expected += [f"sentence {room}.{name}" for name in room_messages(Language.EN, room)]
    expected = [one for one in expected if one.removeprefix("sentence codes.") not in UNWATCHED]
    return [one for one in expected if not counts.get(one)]


def _said(self: Texts, key: str, /, **values: object) -> str:
    words = _say(self, key, **values)
    if key.partition(".")[0] in ROOMS and _by_the_program(2):
        _seen.add(f"sentence {key}")
    return words


def _by_the_program(depth: int) -> bool:
    """True if the caller, so many frames away, is no test; whoever only passes a code on is not asked."""
    frame = sys._getframe(depth)
    if frame.f_globals["__name__"] == "threatstamp.texts.codes" and frame.f_back is not None:
        frame = frame.f_back
    return str(frame.f_globals["__name__"]).startswith("threatstamp.")


def _found_wrong(self: Problem, **values: Any) -> None:
    _made(self, **values)
    if sys._getframe(1).f_globals["__name__"].startswith("threatstamp.feeds."):
        key = f"feeds.{self.reason}"
        for language in Language:
            _say(Texts(language), key, **self.values)
        _seen.add(f"sentence {key}")


def _call_failed(self: SlackError, code: str, **how: Any) -> None:
    _refused(self, code, **how)
    if _by_the_program(2):
        _said_as_code(code)


def _service_failed(self: ServiceError, code: str, **how: Any) -> None:
    _no_service(self, code, **how)
    if not isinstance(self, TrackerError) and _by_the_program(2):
        _said_as_code(code)


def _tracker_failed(self: TrackerError, code: str, **how: Any) -> None:
    _no_ticket(self, code, **how)
    if _by_the_program(2):
        _said_as_code(code)


def _said_as_code(code: str) -> None:
    key = "codes._http" if code.startswith("http_") else f"codes.{code}"
    if all(Texts(language).has(key) for language in Language):
        _seen.add(f"sentence {key}")


def _opened(
    self: TroubleRows, kind: TroubleKind, subject: str, *, values: Mapping[str, str], now: Micros
) -> None:
    _open(self, kind, subject, values=values, now=now)
    if all(
        _can_be_said(kind, values, Voice(Texts(language), ZoneInfo("Asia/Tokyo"))) for language in Language
    ):
        _seen.add(f"trouble {kind.value}")


def _can_be_said(kind: TroubleKind, values: Mapping[str, str], voice: Voice) -> bool:
    try:
        for fixed in (False, True):
            alert_blocks(Alert(kind=kind.value, values=values, fixed=fixed), voice)
        if kind not in OF_FEEDS:  # `status` says those beneath the feed
            voice.texts(f"status.trouble_{kind.value}", **values)
    except KeyError:  # a test of the rows alone opens troubles without values
        return False
    return True
