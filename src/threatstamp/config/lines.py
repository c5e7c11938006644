"""The line of each key in a TOML text: tomllib returns the values, but not where they are."""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_left
from collections.abc import Iterator, Sequence

Path = tuple[str | int, ...]

_STRING = re.compile(
    r'"""(?:\\[\s\S]|[^\\])*?"{3,5}' + r"|'''[\s\S]*?'{3,5}" + r'|"(?:\\.|[^"\\\n])*"' + r"|'[^'\n]*'"
)
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_GAP = re.compile(r"[ \t]*")
_WIDE_GAP = re.compile(r"(?:\s|#[^\n]*)*")
_PLAIN_VALUE = re.compile(r"[^,\]}#\n]*")


class Lines:
    """The lines of a file's keys and list items, by path: ("routes", 1, "to", 0). The text is valid TOML."""

    def __init__(self, text: str) -> None:
        self._lines: dict[Path, int] = {}
        try:
            for path, line in _Scanner(text.replace("\r\n", "\n")).found():
                self._lines.setdefault(path, line)
        except RecursionError:
            return  # so deep a file has no known key further on

    @classmethod
    def of_rows(cls, lines: Sequence[int], *, table: str = "routes") -> Lines:
        """Returns the lines of a sheet's rows, as if each were one of [[routes]], or of another table."""
        made = cls("")
        made._lines = {(table, number): line for number, line in enumerate(lines)}
        return made

    def of(self, path: Path) -> int | None:
        """Returns the line of a path, or of the nearest thing around it that has one."""
        while path:
            if path in self._lines:
                return self._lines[path]
            path = path[:-1]
        return None


class _Scanner:
    """Walks through a text that tomllib has understood, and notes where things begin."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._breaks = [place.start() for place in re.finditer("\n", text)]
        self._counts: dict[Path, int] = {}

    def found(self) -> Iterator[tuple[Path, int]]:
        table: Path = ()
        while self._skip(_WIDE_GAP):
            if self._here() == "[":
                line = self._line()
                table, whole = self._header()
                yield table, line
                yield whole, line
            else:
                yield from self._pair(table)

    def _header(self) -> tuple[Path, Path]:
        """Returns the path of the table that begins here, and that of the list it is in."""
        is_list = self._text.startswith("[[", self._at)
        self._at += 2 if is_list else 1
        *around, last = self._key()
        self._at += 2 if is_list else 1
        path: Path = ()
        for name in around:
            path = (*path, name)
            if path in self._counts:
                path = (*path, self._counts[path] - 1)
        path = (*path, last)
        if not is_list:
            return path, path
        self._counts[path] = self._counts.get(path, 0) + 1
        return (*path, self._counts[path] - 1), path

    def _pair(self, table: Path) -> Iterator[tuple[Path, int]]:
        line = self._line()
        path = (*table, *self._key())
        yield path, line
        self._at += 1  # the sign =
        yield from self._value(path)

    def _key(self) -> list[str]:
        names: list[str] = []
        while True:
            self._skip(_GAP)
            names.append(self._name())
            self._skip(_GAP)
            if self._here() != ".":
                return names
            self._at += 1

    def _name(self) -> str:
        if self._here() not in "\"'":
            return self._take(_BARE_KEY)
        quoted = self._take(_STRING)
        return str(tomllib.loads(f"name = {quoted}")["name"]) if "\\" in quoted else quoted[1:-1]

    def _value(self, path: Path) -> Iterator[tuple[Path, int]]:
        self._skip(_GAP)
        here = self._here()
        if here in ("'", '"'):
            self._take(_STRING)
        elif here == "[":
            yield from self._items(path)
        elif here == "{":
            yield from self._pairs(path)
        else:
            self._take(_PLAIN_VALUE)

    def _items(self, path: Path) -> Iterator[tuple[Path, int]]:
        number = 0
        self._at += 1
        while self._next() != "]":
            yield (*path, number), self._line()
            yield from self._value((*path, number))
            number += 1
        self._at += 1

    def _pairs(self, path: Path) -> Iterator[tuple[Path, int]]:
        self._at += 1
        while self._next() != "}":
            yield from self._pair(path)
        self._at += 1

    def _next(self) -> str:
        """Goes on to the next item, over gaps, comments and commas."""
        self._skip(_WIDE_GAP)
        if self._here() == ",":
            self._at += 1
            self._skip(_WIDE_GAP)
        return self._here() or "]"

    def _here(self) -> str:
        return self._text[self._at : self._at + 1]

    def _line(self) -> int:
        return bisect_left(self._breaks, self._at) + 1

    def _skip(self, gap: re.Pattern[str]) -> bool:
        """Goes over a gap; False at the end of the text."""
        self._take(gap)
        return self._at < len(self._text)

    def _take(self, what: re.Pattern[str]) -> str:
        match = what.match(self._text, self._at)
        if match is None:  # cannot be in valid TOML; move on, so that this ends
            self._at += 1
            return ""
        self._at = match.end()
        return match[0]


def say_path(path: Path) -> str:
    """Returns a path as a person counts: routes[2].to"""
    words = ""
    for part in path:
        if isinstance(part, int):
            words += f"[{part + 1}]"
        else:
            name = part if _BARE_KEY.fullmatch(part) else f'"{part}"'
            words += f".{name}" if words else name
    return words
