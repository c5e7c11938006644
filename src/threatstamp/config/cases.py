"""The table [cases]: who decides about cases, and which emoji on a card does what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time

from threatstamp.config.reader import Table
from threatstamp.config.routes import read_emoji, read_people, read_time
from threatstamp.config.sources import read_channel
from threatstamp.core.cases.case import CaseAct
from threatstamp.core.cases.moves import BY_EMOJI
from threatstamp.core.ids import Emoji
from threatstamp.core.stamps.route import Route

EMOJI = (*BY_EMOJI, CaseAct.NOTE.value)
"""What an emoji says: on a card, and for a note on a message in its thread."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CasesSettings:
    """deciders, analysts: names as written; none: everybody may. morning: the time of the morning line; None:
    there is none. morning_channel: "" for that of alerts. remind: working days before a due date; None:
    never. The rest: which emoji on a card does what.
    """

    deciders: tuple[str, ...] = ()
    analysts: tuple[str, ...] = ()
    morning: time | None = None
    morning_channel: str = ""
    remind: int | None = None
    take_emoji: str = "raising_hand"
    assess_emoji: str = "pray"
    decide_now_emoji: str = "zap"
    decide_plan_emoji: str = "calendar"
    decide_mitigate_emoji: str = "shield"
    done_emoji: str = "white_check_mark"
    note_emoji: str = "memo"

    @property
    def signs(self) -> dict[Emoji, str]:
        """What each emoji asks for, as a name of `core/cases/moves.py`."""
        return {Emoji(getattr(self, _key(name))): name for name in EMOJI}


def read_cases(
    table: Table, routes: Sequence[Route], *, alerts: str | None, top: frozenset[str]
) -> CasesSettings:
    """Returns the settings of cases; what is wrong with them is added to the table's problems.

    alerts: the channel for them, if there is one.
    """
    usual = CasesSettings()
    emoji = {_key(name): read_emoji(table, _key(name), getattr(usual, _key(name))) for name in EMOJI}
    cases = CasesSettings(
        deciders=read_people(table, "deciders"),
        analysts=read_people(table, "analysts"),
        morning=read_time(table, "morning"),
        morning_channel=read_channel(table, "morning_channel") or "",
        remind=table.count("remind", 1) if table.has("remind") else None,
        **emoji,
    )
    if cases.morning is not None and not cases.morning_channel and alerts is None:
        table.wrong("morning", "morning_nowhere")
    table.close(top=top)
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
    return cases


def _has_cases(routes: Sequence[Route]) -> bool:
    return any(route.case is not None for route in routes)


def _key(name: str) -> str:
    return f"{name}_emoji"
