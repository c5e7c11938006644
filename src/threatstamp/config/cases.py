"""The table [cases]: who decides about cases, and which emoji on a card does what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path

from threatstamp.config.reader import Table
from threatstamp.config.recommending import DEFAULT, RecommendSettings, built_in, read_recommending
from threatstamp.config.routes import read_channels, read_emoji, read_people, read_time
from threatstamp.config.sources import read_channel
from threatstamp.config.tracks import TrackSettings, usual_tracks
from threatstamp.core.cases.case import CaseAct
from threatstamp.core.cases.moves import BY_EMOJI
from threatstamp.core.cases.weighing import WEEK, CaseRules
from threatstamp.core.ids import Emoji
from threatstamp.core.priority.urgency import SCALE, Priority
from threatstamp.core.stamps.route import Route

EMOJI = (*BY_EMOJI, CaseAct.NOTE.value)
"""What an emoji says: on a card, and for a note on a message in its thread."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CasesSettings:
    """deciders, analysts, viewers, admins: names as written; none: see `desk/ports/roles.py`. morning: the
    time of the morning line; None: there is none. morning_channel: "" for that of alerts. remind: working
    days before a due date; None: never. recommend: the table of recommendations, as written; recommending:
    what it is. second_approver: None: off. remind_before: seconds before the end of an accepted risk.
    announce_to: the channels that update calls go to. tracks: all, the built-in ones among them. The rest:
    which emoji on a card does what.
    """

    deciders: tuple[str, ...] = ()
    analysts: tuple[str, ...] = ()
    viewers: tuple[str, ...] = ()
    admins: tuple[str, ...] = ()
    morning: time | None = None
    morning_channel: str = ""
    remind: int | None = None
    recommend: str = DEFAULT
    recommending: RecommendSettings = field(default_factory=lambda: RecommendSettings(table=built_in()))
    second_approver: Priority | None = None
    response_times: bool = False
    remind_before: float = WEEK
    announce_to: tuple[str, ...] = ()
    tracks: tuple[TrackSettings, ...] = field(default_factory=usual_tracks)
    take_emoji: str = "raising_hand"
    assess_emoji: str = "pray"
    decide_now_emoji: str = "zap"
    decide_plan_emoji: str = "calendar"
    decide_mitigate_emoji: str = "shield"
    approve_emoji: str = "handshake"
    brief_emoji: str = "incoming_envelope"
    acknowledge_emoji: str = "ok_hand"
    ticket_emoji: str = "ticket"
    done_emoji: str = "white_check_mark"
    note_emoji: str = "memo"

    @property
    def signs(self) -> dict[Emoji, str]:
        """What each emoji asks for, as a name of `core/cases/moves.py`."""
        return {Emoji(getattr(self, _key(name))): name for name in EMOJI}

    @property
    def roles(self) -> tuple[str, ...]:
        """Those who have a role, as written."""
        return (*self.deciders, *self.analysts, *self.viewers, *self.admins)

    @property
    def leads(self) -> tuple[str, ...]:
        """Those who lead tracks, as written."""
        return tuple(name for one in self.tracks for name in one.lead)

    @property
    def handed_to(self) -> tuple[str, ...]:
        """The channels in which tracks hand over, as written."""
        return tuple(one.channel for one in self.tracks if one.channel)

    @property
    def files(self) -> tuple[Path, ...]:
        """The files beside the settings that these name."""
        found = (self.recommending.file, *(one.file for one in self.tracks))
        return tuple(one for one in found if one is not None)

    @property
    def content(self) -> bytes:
        """What stands in those."""
        return self.recommending.content + b"".join(one.content for one in self.tracks)

    @property
    def rules(self) -> CaseRules:
        return CaseRules(
            recommending=self.recommending.table,
            has_response_times=self.response_times,
            second_approver=self.second_approver,
            remind_before=self.remind_before,
        )


def read_cases(
    table: Table,
    routes: Sequence[Route],
    tracks: tuple[TrackSettings, ...],
    *,
    alerts: str | None,
    folder: Path,
    top: frozenset[str],
) -> CasesSettings:
    """Returns the settings of cases; what is wrong with them is added to the table's problems.

    alerts: the channel for them, if there is one.
    """
    usual = CasesSettings()
    emoji = {_key(name): read_emoji(table, _key(name), getattr(usual, _key(name))) for name in EMOJI}
    cases = CasesSettings(
        deciders=read_people(table, "deciders"),
        analysts=read_people(table, "analysts"),
        viewers=read_people(table, "viewers"),
        admins=read_people(table, "admins"),
        morning=read_time(table, "morning"),
        morning_channel=read_channel(table, "morning_channel") or "",
        remind=table.count("remind", 1) if table.has("remind") else None,
        recommend=table.text("recommend", DEFAULT),
        recommending=read_recommending(table, folder),
        second_approver=_second(table),
        response_times=table.flag("response_times"),
        remind_before=table.duration("remind_before", WEEK),
        announce_to=read_channels(table, "announce_to"),
        tracks=tracks,
        **emoji,
    )
    if cases.morning is not None and not cases.morning_channel and alerts is None:
        table.wrong("morning", "morning_nowhere")
    if cases.viewers and not cases.analysts:
        table.wrong("viewers", "viewers_alone")
    table.close(top=top)
    _check_signs(table, emoji, routes)
    return cases


def _second(table: Table) -> Priority | None:
    if not table.has("second_approver"):
        return None
    said = table.choice("second_approver", [one.value for one in reversed(SCALE)], "high")
    return Priority(said) if said else None


def _check_signs(table: Table, emoji: Mapping[str, Emoji], routes: Sequence[Route]) -> None:
    """Notes an emoji that would do two things: as the stamp of a route, or on a card."""
    taken = {route.reaction: route.name for route in routes if _has_cases(routes)}
    seen: dict[str, str] = {}
    for key, one in emoji.items():
        if not one:  # said already
            continue
        if one in taken:
            table.wrong(key, "sign_of_route", value=one, route=taken[one])
        elif one in seen:
            table.wrong(key, "sign_twice", value=one, other=seen[one])
        seen.setdefault(one, key)


def _has_cases(routes: Sequence[Route]) -> bool:
    return any(route.case is not None for route in routes)


def _key(name: str) -> str:
    return f"{name}_emoji"
