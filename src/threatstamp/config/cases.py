"""The table [cases]: who decides about cases, and which emoji on a card does what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from threatstamp.config.reader import Table
from threatstamp.config.routes import read_emoji, read_people
from threatstamp.core.cases.case import CaseAct
from threatstamp.core.cases.moves import BY_EMOJI
from threatstamp.core.ids import Emoji
from threatstamp.core.stamps.route import Route

EMOJI = (*BY_EMOJI, CaseAct.NOTE.value)
"""What an emoji says: on a card, and for a note on a message in its thread."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CasesSettings:
    """deciders: names as written; none: everybody may decide. The rest: which emoji on a card does what."""

    deciders: tuple[str, ...] = ()
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


def read_cases(table: Table, routes: Sequence[Route], *, top: frozenset[str]) -> CasesSettings:
    """Returns the settings of cases; what is wrong with them is added to the table's problems."""
    usual = CasesSettings()
    emoji = {_key(name): read_emoji(table, _key(name), getattr(usual, _key(name))) for name in EMOJI}
    cases = CasesSettings(deciders=read_people(table, "deciders"), **emoji)
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
