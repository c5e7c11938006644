"""Routes from their tables, whether these are in the file or in a sheet."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import time

from threatstamp.config.cells import folded
from threatstamp.config.names import channel_name, is_everyone, mention_name, person_name
from threatstamp.config.reader import Table
from threatstamp.core.ids import Emoji, RouteId, TrackName
from threatstamp.core.news.marking import Tlp
from threatstamp.core.priority.urgency import SCALE, Priority
from threatstamp.core.stamps.route import OnWithdraw, Route, Track, route_id
from threatstamp.texts.emoji import canonical, name_of

_TIME = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")
LONGEST_TEXT = 2_000
LONGEST_NAME = 80


def read_routes(
    tables: Sequence[Table],
    *,
    sources: tuple[str, ...],
    tracks: Mapping[str, TrackName],
    sheet: bool,
    top: frozenset[str] = frozenset(),
) -> tuple[Route, ...]:
    """Returns the routes; what is wrong with them is added to their tables' problems.

    tracks: by what people write for them.

    sheet: a channel may lack its #. top: keys that belong to the file's top and are often written too low.
    """
    seen: set[RouteId] = set()
    found: list[Route] = []
    for table in tables:
        route = _read_route(table, sources=sources, tracks=tracks, sheet=sheet)
        table.close(top=top)
        if route.id in seen:
            table.wrong("name" if table.has("name") else "reaction", "route_twice", value=route.name)
        if route.reaction or table.has("name"):
            seen.add(route.id)
        found.append(route)
    return tuple(found)


def _read_route(
    table: Table, *, sources: tuple[str, ...], tracks: Mapping[str, TrackName], sheet: bool
) -> Route:
    read = _sheet_channel if sheet else channel_name
    reaction = _reaction(table)
    to, heard = _channels(table, "to", read), _channels(table, "from", read)
    if not table.has("to"):
        table.missing("to")
    named = _name(table)
    route = Route(
        id=route_id(name=named, reaction=reaction, to=tuple(to)),
        name=named or f":{reaction}:",
        reaction=reaction,
        to=tuple(to),
        mention=_people(table, "mention", mention_name),
        text=_words(table),
        sources=tuple(heard),
        allow=read_people(table, "allow"),
        each=table.flag("each"),
        thread=table.flag("thread"),
        on_withdraw=OnWithdraw(table.choice("on_withdraw", [one.value for one in OnWithdraw], "mark")),
        delay=table.duration("delay", 0.0),
        external=table.flag("external"),
        case=_case(table, tracks),
        ack_within=_ack_within(table),
        then=_then(table, read, heard=tuple(heard) or sources),
        digest=read_time(table, "digest"),
        confirm=_confirm(table),
        tlp=Tlp(table.choice("tlp", [one.value for one in Tlp], Tlp.GREEN.value)),
        priority=_priority(table),
    )
    _check_digest(table, route)
    if sources:
        _check_from(table, heard, sources)
    _check_to(table, route, places=to, heard=route.sources or sources)
    return route


def read_emoji(table: Table, key: str, default: str = "") -> Emoji:
    """Returns an emoji's canonical name; the sign itself is understood, too. "" for a wrong one."""
    said = table.text(key, default)
    if not said:
        return Emoji("")
    name = emoji_of(said)
    if name is None:
        table.wrong(key, "reaction", value=said)
    return name or Emoji("")


def emoji_of(said: str) -> Emoji | None:
    """Returns the canonical name of an emoji, however it is written; None for what cannot be one."""
    sign = name_of(said)
    if sign is not None:
        return sign
    name = canonical(said, {})
    if not name or any(char.isspace() or char in ",<>&|:\"'" for char in name.replace("'", "")):
        return None
    return name


def read_people(table: Table, key: str) -> tuple[str, ...]:
    """Returns the people and groups of a list."""
    return _people(table, key, person_name)


def read_channels(table: Table, key: str) -> tuple[str, ...]:
    """Returns the channels of a list."""
    return tuple(_channels(table, key, channel_name))


def _case(table: Table, tracks: Mapping[str, TrackName]) -> TrackName | None:
    if not table.has("case"):
        return None
    if table.is_empty("to"):
        table.wrong("case", "case_without_card")
    said = table.text("case", "")
    known = {folded(word): name for word, name in tracks.items()}
    if folded(said) in known:
        return known[folded(said)]
    return tracks.get(table.choice("case", dict.fromkeys(tracks.values()), Track.PRODUCT))


def _priority(table: Table) -> str:
    if not table.has("priority"):
        return ""
    if not table.has("case"):
        table.wrong("priority", "priority_without_case")
    return table.choice("priority", [one.value for one in reversed(SCALE)], Priority.HIGH.value)


def _confirm(table: Table) -> bool:
    if not table.has("confirm_by"):
        return False
    if table.is_empty("to"):
        table.wrong("confirm_by", "ack_without_forward")
    return table.choice("confirm_by", ["button"], "button") == "button"


def read_time(table: Table, key: str) -> time | None:
    """Returns a time of day; None if there is none or it is wrong."""
    said = table.text(key, None)
    if said is None:
        return None
    found = time_of_day(said)
    if found is None:
        table.wrong(key, "time", value=said)
    return found


def time_of_day(said: str) -> time | None:
    """Returns "9:00" or "09:00" as a time; None for anything else."""
    clock = _TIME.fullmatch(said)
    return time(int(clock[1]), int(clock[2])) if clock else None


def _check_digest(table: Table, route: Route) -> None:
    """What is said with others is no message of its own."""
    others = {
        "case": route.case,
        "thread": route.thread,
        "delay": route.delay,
        "ack_within": route.ack_within,
        "confirm_by": route.confirm,
    }
    for key, value in others.items():
        if route.digest and value:
            table.wrong("digest", "digest_alone", other=key)


def _ack_within(table: Table) -> float:
    seconds = table.duration("ack_within", 0.0)
    if seconds and table.is_empty("to"):
        table.wrong("ack_within", "ack_without_forward")
    elif seconds and (not table.has("then") or table.is_empty("then")):
        table.wrong("ack_within", "ack_without_then")
    return seconds


def _then(table: Table, read: Callable[[str], str | None], *, heard: tuple[str, ...]) -> tuple[str, ...]:
    """Returns the people, groups and channels that are told if nobody acknowledges a forward."""
    found: dict[str, int] = {}
    for item, said in table.texts("then"):
        name = person_name(said) or read(said)
        if name is None:
            table.wrong("then", "then", item=item, value=said)
        elif name in heard:
            table.wrong("then", "then_source", item=item, value=name)
        else:
            found.setdefault(name, item)
    if found and not table.has("ack_within"):
        table.wrong("then", "then_without_ack")
    return tuple(found)


def _reaction(table: Table) -> Emoji:
    if not table.has("reaction"):
        table.missing("reaction")
    return read_emoji(table, "reaction")


def _name(table: Table) -> str | None:
    name = table.text("name", None)
    if name is None:
        return None
    if len(name) > LONGEST_NAME:
        table.wrong("name", "too_long", most=LONGEST_NAME)
    elif not name.isprintable():
        table.wrong("name", "one_line")
    return name


def _words(table: Table) -> str:
    text = table.text("text", "", empty=True)
    if len(text) > LONGEST_TEXT:
        table.wrong("text", "too_long", most=LONGEST_TEXT)
    return text


def _channels(table: Table, key: str, read: Callable[[str], str | None]) -> dict[str, int]:
    """Returns the channels, each with its place in the list."""
    found: dict[str, int] = {}
    for item, said in table.texts(key):
        name = read(said)
        if name is None:
            with_sign = channel_name(f"#{said}")
            near = table.near(f'"{with_sign}"' if with_sign else None)
            table.wrong(key, "channel", item=item, value=said, hint=near)
        else:
            found.setdefault(name, item)
    return found


def _people(table: Table, key: str, read: Callable[[str], str | None]) -> tuple[str, ...]:
    found: list[str] = []
    for item, said in table.texts(key):
        name = read(said)
        if is_everyone(said) and key == "mention":
            table.wrong(key, "everyone", item=item, value=said)
        elif name is None:
            near = table.near(f'"@{said}"' if said.isidentifier() and person_name(f"@{said}") else None)
            sentence = "mention" if key == "mention" else "allow"
            table.wrong(key, sentence, item=item, value=said, hint=near)
        elif name not in found:
            found.append(name)
    return tuple(found)


def _sheet_channel(text: str) -> str | None:
    """Old sheets often leave the # out."""
    return channel_name(text) or channel_name(f"#{text}")


def _check_from(table: Table, heard: Mapping[str, int], sources: tuple[str, ...]) -> None:
    for channel, item in heard.items():
        if channel not in sources:
            near = table.hint(channel, sources)
            table.wrong("from", "from_no_source", item=item, value=channel, hint=near)


def _check_to(table: Table, route: Route, *, places: Mapping[str, int], heard: tuple[str, ...]) -> None:
    """A forward goes elsewhere, or, with `thread`, into the thread of the post it is about."""
    if route.mention and table.is_empty("to"):
        table.wrong("mention", "nobody_told")
    if route.thread:
        if len(route.to) != 1 or (heard and set(heard) != set(route.to)):
            table.wrong("thread", "thread", channel=heard[0] if heard else "#security-news")
        return
    for channel, item in places.items():
        if channel in heard:
            table.wrong("to", "to_source", item=item, value=channel)
