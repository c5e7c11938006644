"""The table [cases]: who decides about cases, and which emoji on a card does what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from threatstamp.config.reader import Table
from threatstamp.config.routes import read_emoji, read_people
from threatstamp.core.cases.moves import BY_EMOJI
from threatstamp.core.ids import Emoji
from threatstamp.core.stamps.route import Route

EMOJI: Mapping[str, Emoji] = {
    "take": Emoji("raising_hand"),
    "assess": Emoji("pray"),
    "decide_now": Emoji("zap"),
    "decide_plan": Emoji("calendar"),
    "decide_mitigate": Emoji("shield"),
    "done": Emoji("white_check_mark"),
}
"""By what it asks for, the emoji unless the file names another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CasesSettings:
    """deciders: names as written; none: everybody may decide. signs: what each emoji asks for."""

    deciders: tuple[str, ...] = ()
    signs: Mapping[Emoji, str] = field(default_factory=lambda: {emoji: name for name, emoji in EMOJI.items()})


def read_cases(table: Table, routes: Sequence[Route], *, top: frozenset[str]) -> CasesSettings:
    """Returns the settings of cases; what is wrong with them is added to the table's problems."""
    deciders = read_people(table, "deciders")
    signs: dict[Emoji, str] = {}
    has_cases = any(route.case is not None for route in routes)
    stamps = {route.reaction: route.name for route in routes} if has_cases else {}
    for name in BY_EMOJI:
        key = f"{name}_emoji"
        emoji = read_emoji(table, key, EMOJI[name])
        if emoji in stamps:
            table.wrong(key, "sign_of_route", value=emoji, route=stamps[emoji])
        elif emoji in signs:
            table.wrong(key, "sign_twice", value=emoji, other=f"{signs[emoji]}_emoji")
        elif emoji:
            signs[emoji] = name
    table.close(top=top)
    return CasesSettings(deciders=deciders, signs=signs)
