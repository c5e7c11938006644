"""Where in a TOML text a key stands: tomllib says what it holds, but not in which line."""

from __future__ import annotations

import re
from collections.abc import Sequence

Path = tuple[str | int, ...]

_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(
    r"""^\s*((?:"[^"]*"|'[^']*'|[A-Za-z0-9_-]+)(?:\s*\.\s*(?:"[^"]*"|'[^']*'|[A-Za-z0-9_-]+))*)\s*="""
)


class Lines:
    """The lines of a file's keys, by path: ("routes", 1, "to")."""

    def __init__(self, text: str) -> None:
        self._lines: dict[Path, int] = {}
        self._read(text)

    @classmethod
    def of_rows(cls, lines: Sequence[int]) -> Lines:
        """Returns the lines of a sheet's rows, as if each were one of [[routes]]."""
        made = cls("")
        made._lines = {("routes", number): line for number, line in enumerate(lines)}
        return made

    def of(self, path: Path) -> int | None:
        """Returns the line of a path, or of the nearest thing around it that has one."""
        while path:
            if path in self._lines:
                return self._lines[path]
            path = path[:-1]
        return None

    def _read(self, text: str) -> None:
        counts: dict[Path, int] = {}
        table: Path = ()
        within: str | None = None
        for number, line in enumerate(text.splitlines(), 1):
            if within is not None:  # inside a multi-line string nothing is a key
                within = None if within in line else within
                continue
            header = _HEADER.match(line)
            key = None if header else _KEY.match(line)
            if header:
                table = self._enter(_names(header[2]), array=header[1] == "[[", counts=counts)
                self._lines.setdefault(table, number)
                self._lines.setdefault(_names(header[2]), number)
            elif key:
                self._lines.setdefault((*table, *_names(key[1])), number)
                within = _opened(line[key.end() :])

    @staticmethod
    def _enter(names: tuple[str, ...], *, array: bool, counts: dict[Path, int]) -> Path:
        if not array:
            return names
        counts[names] = counts.get(names, 0) + 1
        return (*names, counts[names] - 1)


def _names(dotted: str) -> tuple[str, ...]:
    parts = re.findall(r'"([^"]*)"|\'([^\']*)\'|([A-Za-z0-9_-]+)', dotted)
    return tuple(next((one for one in part if one), "") for part in parts)


def _opened(value: str) -> str | None:
    for quotes in ('"""', "'''"):
        if value.count(quotes) == 1:
            return quotes
    return None


def say_path(path: Path) -> str:
    """Returns a path as a person counts: routes[2].to"""
    words = ""
    for part in path:
        words += f"[{part + 1}]" if isinstance(part, int) else (f".{part}" if words else part)
    return words
