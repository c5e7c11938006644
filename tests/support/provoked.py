"""Which troubles the tests provoke: each is said with its own values as an operator would read it.

CI fails if there is a kind of trouble that no test provokes: its words would be held to invented values alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from threatstamp.core.time import Micros
from threatstamp.core.trouble import OF_FEEDS, TroubleKind
from threatstamp.desk.troubles.alerting import Alert
from threatstamp.slack.blocks.alert import alert_blocks
from threatstamp.slack.blocks.voice import Voice
from threatstamp.store.rows.troubles import TroubleRows
from threatstamp.texts.catalogue import Language, Texts

_open = TroubleRows.open
_seen: set[TroubleKind] = set()


def watch_troubles() -> None:
    """Notes from now on what is opened in this process, if all of its sentences can be said."""
    TroubleRows.open = _opened  # type: ignore[method-assign]


def provoked() -> tuple[str, ...]:
    """Returns the kinds noted since it was asked last."""
    found = tuple(kind.value for kind in _seen)
    _seen.clear()
    return found


def _opened(
    self: TroubleRows, kind: TroubleKind, subject: str, *, values: Mapping[str, str], now: Micros
) -> None:
    _open(self, kind, subject, values=values, now=now)
    if all(
        _can_be_said(kind, values, Voice(Texts(language), ZoneInfo("Asia/Tokyo"))) for language in Language
    ):
        _seen.add(kind)


def _can_be_said(kind: TroubleKind, values: Mapping[str, str], voice: Voice) -> bool:
    try:
        for fixed in (False, True):
            alert_blocks(Alert(kind=kind.value, values=values, fixed=fixed), voice)
        if kind not in OF_FEEDS:  # `status` says those beneath the feed
            voice.texts(f"status.trouble_{kind.value}", **values)
    except KeyError:  # a test of the rows alone opens troubles without values
        return False
    return True
