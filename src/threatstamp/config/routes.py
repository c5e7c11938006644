"""Routes from their tables, whether these stand in the file or in a sheet."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from threatstamp.config.names import EVERYONE, channel_name, mention_name, person_name
from threatstamp.config.reader import Table
from threatstamp.core.ids import Emoji, RouteId
from threatstamp.core.route import OnWithdraw, Route, route_id
from threatstamp.texts.emoji import canonical

LONGEST_TEXT = 2_000


def read_routes(tables: Sequence[Table], *, sources: tuple[str, ...], sheet: bool) -> tuple[Route, ...]:
    """Returns the routes; what is wrong with them is added to their tables' problems."""
    seen: dict[RouteId, Table] = {}
    found: list[Route] = []
    for table in tables:
        route = _read_route(table, sources=sources, sheet=sheet)
        if route.id in seen:
            key = "name" if table.has("name") else "reaction"
            table.wrong(key, "route_twice", value=route.name)
        seen.setdefault(route.id, table)
        found.append(route)
    return tuple(found)


def _read_route(table: Table, *, sources: tuple[str, ...], sheet: bool) -> Route:
    reaction = _reaction(table)
    if not table.has("to"):
        table.problems.add(table.path, "missing", name="to")
    to = _names(table, "to", _sheet_channel if sheet else channel_name, "channel")
    named = table.text("name", None)
    heard = _names(table, "from", _sheet_channel if sheet else channel_name, "channel")
    route = Route(
        id=route_id(name=named, reaction=reaction, to=to),
        name=named or f":{reaction}:",
        reaction=reaction,
        to=to,
        mention=_mentions(table),
        text=_words(table),
        sources=heard,
        allow=_names(table, "allow", person_name, "allow"),
        each=table.flag("each"),
        thread=table.flag("thread"),
        on_withdraw=OnWithdraw(table.choice("on_withdraw", [one.value for one in OnWithdraw], "mark")),
        delay=table.duration("delay", 0.0),
        external=table.flag("external"),
    )
    _check_channels(table, route, sources=sources)
    table.close()
    return route


def _reaction(table: Table) -> Emoji:
    if not table.has("reaction"):
        table.problems.add(table.path, "missing", name="reaction")
        return Emoji("")
    said = table.text("reaction", "")
    if said and not _is_one_emoji(said):
        table.wrong("reaction", "reaction", value=said)
    return canonical(said, {})


def _is_one_emoji(said: str) -> bool:
    name = said.strip(":")
    return bool(name) and not any(char.isspace() or char in ",<>&" for char in name)


def _words(table: Table) -> str:
    text = table.text("text", "", empty=True)
    if len(text) > LONGEST_TEXT:
        table.wrong("text", "too_long", most=LONGEST_TEXT)
    return text.strip()


def _names(table: Table, key: str, read: Callable[[str], str | None], sentence: str) -> tuple[str, ...]:
    found: list[str] = []
    for said in table.texts(key):
        name = read(said)
        if name is None:
            table.wrong(key, sentence, value=said)
        elif name not in found:
            found.append(name)
    return tuple(found)


def _mentions(table: Table) -> tuple[str, ...]:
    found: list[str] = []
    for said in table.texts("mention"):
        name = mention_name(said)
        if said in EVERYONE:
            table.wrong("mention", "everyone", value=said)
        elif name is None:
            table.wrong("mention", "mention", value=said)
        elif name not in found:
            found.append(name)
    return tuple(found)


def _sheet_channel(text: str) -> str | None:
    """Old sheets often leave the # out."""
    return channel_name(text) or channel_name(f"#{text}")


def _check_channels(table: Table, route: Route, *, sources: tuple[str, ...]) -> None:
    for channel in route.sources:
        if channel not in sources:
            table.wrong("from", "from_no_source", value=channel)
    heard = route.sources or sources
    if route.thread:
        if len(route.to) != 1 or set(heard) != set(route.to):
            table.wrong("thread", "thread")
        return
    for channel in route.to:
        if channel in heard:
            table.wrong("to", "to_source", value=channel)
