"""By what stories are read beside the built-in rules and names: the company's words, and lists of names."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from threatstamp.config.actors import galaxy_names
from threatstamp.config.reader import Table, Words
from threatstamp.config.secrets import reason_of
from threatstamp.core.facts.actors import NamedThreat
from threatstamp.core.facts.ids import IdKind
from threatstamp.core.facts.subject import OwnWord, StoryKind, parts_of
from threatstamp.core.news.feed import Layer

LARGEST = 50_000_000
"""Bytes of a list of names; the largest galaxies have ten million."""

MOST_WEIGHT = 20
LONGEST_WORD = 120
SIGNS = (*(f"id:{kind}" for kind in IdKind), "has:indicator", "has:name", "has:version")
"""What is read out of a story and counts like a word."""

_KINDS = tuple(kind.value for kind in StoryKind if kind is not StoryKind.OTHER)


@dataclass(frozen=True, slots=True, kw_only=True)
class NameList:
    """A list of groups and of what they use, in the form of MISP's galaxies."""

    file: Path
    names: tuple[NamedThreat, ...] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingSettings:
    """What is the company's own. digest: of all of it, "" if there is nothing."""

    words: tuple[OwnWord, ...] = ()
    lists: tuple[NameList, ...] = ()
    digest: str = ""

    @property
    def files(self) -> tuple[Path, ...]:
        return tuple(one.file for one in self.lists)

    @property
    def names(self) -> tuple[NamedThreat, ...]:
        return tuple(name for one in self.lists for name in one.names)


NOTHING_OWN = ReadingSettings()


def read_reading(top: Table, folder: Path, *, top_keys: frozenset[str]) -> ReadingSettings:
    """Returns the words of [[words]] and the names of the names_files. Adds what is wrong to the problems."""
    words = tuple(_words(top.tables("words"), top_keys))
    content = hashlib.sha256(repr(words).encode())
    lists = []
    for item, said in top.texts("names_files"):
        found, read = _list(top, item, (folder / said).absolute())
        lists.append(found)
        content.update(hashlib.sha256(read).digest())
    digest = content.hexdigest() if words or lists else ""
    return ReadingSettings(words=words, lists=tuple(lists), digest=digest)


def _words(tables: tuple[Table, ...], top_keys: frozenset[str]) -> Iterator[OwnWord]:
    known: set[tuple[str, str]] = set()
    for table in tables:
        said, of, weight = _said(table), _of(table), _weight(table)
        table.close(top=top_keys)
        if said is None or of is None:
            continue
        if (parts_of(said), of) in known:
            table.wrong("word", "word_twice", value=said, of=of.value)
        known.add((parts_of(said), of))
        yield OwnWord(said=said, weight=weight, of=of)


def _said(table: Table) -> str | None:
    if not table.has("word"):
        table.missing("word")
    said = table.text("word", None)
    if said is None:
        return None
    if len(said) > LONGEST_WORD:
        table.wrong("word", "too_long", most=LONGEST_WORD)
    elif not said.isprintable():
        table.wrong("word", "one_line")
    for part in parts_of(said).split(" + "):
        if part.startswith(("id:", "has:")) and part not in SIGNS:
            near = table.hint(part, SIGNS)
            table.wrong("word", "choice", value=part, choices=Words(", ".join(SIGNS)), hint=near)
        elif len(part.removesuffix("*")) < 2:
            table.wrong("word", "word_short", value=part)
    return said


def _of(table: Table) -> StoryKind | Layer | None:
    """Returns what the word speaks for; a rule has to say exactly one thing."""
    said: list[StoryKind | Layer] = []
    if table.has("kind"):
        said.append(StoryKind(table.choice("kind", _KINDS, _KINDS[0])))
    if table.has("layer"):
        said.append(Layer(table.choice("layer", [one.value for one in Layer], Layer.OPERATIONAL.value)))
    if len(said) == 1:
        return said[0]
    table.problems.add(table.path, "word_of")
    return None


def _weight(table: Table) -> int:
    value = table.value("weight")
    if not table.has("weight"):
        table.missing("weight")
    elif not isinstance(value, int) or isinstance(value, bool) or abs(value) > MOST_WEIGHT:
        table.wrong("weight", "word_weight", most=MOST_WEIGHT)
    else:
        return value
    return 0


def _list(top: Table, item: int, file: Path) -> tuple[NameList, bytes]:
    """Returns a list of names, an empty one if something is wrong with it, and the file's content."""
    content, problems = b"", top.problems
    try:
        with file.open("rb") as opened:
            content = opened.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        reason = reason_of(error, problems.texts) if isinstance(error, OSError) else str(error)
        top.wrong("names_files", "unreadable", item=item, path=Words(file), reason=reason)
        return NameList(file=file, names=()), content
    names: tuple[NamedThreat, ...] = ()
    try:
        if len(content) > LARGEST:
            top.wrong("names_files", "list_large", item=item, path=Words(file), most=LARGEST // 1_000_000)
        else:
            names = galaxy_names(content.decode("utf-8-sig"))
            if not names:
                top.wrong("names_files", "names_none", item=item, path=Words(file))
    except json.JSONDecodeError as error:
        place = f"{error.lineno}:{error.colno}"
        top.wrong("names_files", "names_json", item=item, path=Words(file), place=Words(place))
    except (ValueError, RecursionError):
        top.wrong("names_files", "names_foreign", item=item, path=Words(file))
    return NameList(file=file, names=names), content
