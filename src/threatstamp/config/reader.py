"""Reads a table of the file key by key, and collects everything that is wrong with it."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import TypeVar
from zoneinfo import ZoneInfo

from threatstamp.config.lines import Lines, Path, say_path
from threatstamp.config.reference import setting_at
from threatstamp.core.secrets import hide
from threatstamp.texts.catalogue import Texts
from threatstamp.texts.fit import fit

T = TypeVar("T")

MOST_PROBLEMS = 100
LONGEST_VALUE = 60
_DURATION = re.compile(r"(?:([0-9]{1,5})d)?(?:([0-9]{1,6})h)?(?:([0-9]{1,6})m)?(?:([0-9]{1,6})s)?")


_ZONES = {
    "jst": "Asia/Tokyo",
    "japan": "Asia/Tokyo",
    "tokyo": "Asia/Tokyo",
    "kst": "Asia/Seoul",
    "hkt": "Asia/Hong_Kong",
    "sgt": "Asia/Singapore",
    "aest": "Australia/Sydney",
    "aedt": "Australia/Sydney",
    "bst": "Europe/London",
    "est": "America/New_York",
    "edt": "America/New_York",
    "cst": "America/Chicago",
    "cdt": "America/Chicago",
    "mst": "America/Denver",
    "mdt": "America/Denver",
    "pst": "America/Los_Angeles",
    "pdt": "America/Los_Angeles",
    "cet": "Europe/Berlin",
    "cest": "Europe/Berlin",
    "eet": "Europe/Helsinki",
    "eest": "Europe/Helsinki",
    "z": "UTC",
}
"""What people write instead of a time zone's name. Of an abbreviation with several meanings the commonest."""


def shown(value: object) -> str:
    """Returns what somebody wrote, ready for a sentence: short, on one line, without secrets."""
    text = "".join(" " if unicodedata.category(char)[0] in "CZ" else char for char in str(value))
    return fit(hide(text), LONGEST_VALUE)


def duration_of(said: str) -> float | None:
    """Returns the seconds of "30s", "5m", "1h30m" or "365d"; None if it is no length of time."""
    match = _DURATION.fullmatch(said.strip())
    if not match or not any(match.groups()):
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return float(days * 86_400 + hours * 3600 + minutes * 60 + seconds)


class Problems:
    """What was found wrong in a file, each with its line and key.

    root: the part of each path that is left out. into: the problems of the file that names this one.
    """

    def __init__(
        self, file: str, lines: Lines, texts: Texts, *, root: Path = (), into: Problems | None = None
    ) -> None:
        self.texts = texts
        self._file = file
        self._lines = lines
        self._root = root
        self._rank: int = 0 if into is None else into._rank + 1
        self._found: list[tuple[int, int, str]] = [] if into is None else into._found

    def add(self, path: Path, key: str, /, *, item: int | None = None, **values: object) -> None:
        """Notes a problem at a path, or at one item of the list there; key chooses the sentence."""
        line = self._lines.of(path if item is None else (*path, item))
        self.add_at(line, key, key=self._say(path), **values)

    def add_at(self, line: int | None, sentence: str, /, **values: object) -> None:
        """Notes a problem of a line, or of the file as a whole."""
        words = self.texts(
            f"config.{sentence}",
            **{"hint": self.texts("config.stop"), **{name: _clean(value) for name, value in values.items()}},
        )
        at = f"{self._file}:{line}: " if line else f"{self._file}: "
        self._found.append((self._rank, line or 0, at + words))

    def sorted(self) -> tuple[str, ...]:
        """Returns all problems in the order of the file, the whole file's first."""
        found = list(dict.fromkeys(text for *_, text in sorted(self._found, key=lambda one: one[:2])))
        more = len(found) - MOST_PROBLEMS
        rest = [self.texts("config.more", count=more)] if more > 0 else []
        return (*found[:MOST_PROBLEMS], *rest)

    def of_file(self) -> int:
        """Returns how many there are in this very file."""
        return sum(rank == self._rank for rank, *_ in self._found)

    @property
    def are_of_rows(self) -> bool:
        """True for those of a sheet, whose rows have no keys."""
        return bool(self._root)

    def _say(self, path: Path) -> str:
        if path[:1] == self._root and path[1:2]:
            path = path[2:]  # in a sheet the line says which row
        return say_path(path) or self.texts("config.row")

    def __bool__(self) -> bool:
        return bool(self._found)


class Words(str):
    """Part of a sentence that was made here, not by a person."""

    __slots__ = ()


def _clean(value: object) -> object:
    return value if isinstance(value, Words | int) else shown(value)


class Table:
    """One table of the file. A key that was read is known; `close` reports those that nobody read."""

    def __init__(self, values: Mapping[str, object], path: Path, problems: Problems) -> None:
        self.path = path
        self.problems = problems
        self._values = values
        self._known: set[str] = set()

    def has(self, key: str) -> bool:
        """True if the key is there; from then on it is a known one."""
        self._know(key)
        return key in self._values

    def is_empty(self, key: str) -> bool:
        """True for an empty list."""
        return self._values.get(key) == []

    def at(self, key: str | int) -> Path:
        return (*self.path, key)

    def wrong(self, key: str, sentence: str, /, *, item: int | None = None, **values: object) -> None:
        """Notes a problem with a key's value, or with one item of its list."""
        self.problems.add(self.at(key), sentence, item=item, **values)

    def missing(self, key: str) -> None:
        """Notes that a required key is missing, with an example of it where it is a line of the file."""
        sentence = "missing" if self.problems.are_of_rows else "missing_key"
        self.problems.add(self.path, sentence, name=key, example=self._example(key))

    def text(self, key: str, default: T, *, empty: bool = False) -> str | T:
        """Returns a string, or the default if there is none or it is wrong."""
        value = self._get(key, str, "type_text")
        if value is None:
            return default
        if not value.strip() and not empty:
            self.wrong(key, "empty")
            return default
        return value.strip()

    def flag(self, key: str, *, default: bool = False) -> bool:
        """Returns true or false."""
        value = self._get(key, bool, "type_flag")
        return default if value is None else value

    def texts(self, key: str) -> tuple[tuple[int, str], ...]:
        """Returns a list of strings, each with its place in it; one string alone is a wrong type."""
        value = self._get(key, list, "type_list")
        found: list[tuple[int, str]] = []
        for item, one in enumerate(value or []):
            if not isinstance(one, str):
                self.wrong(key, "type_list", item=item, example=self._example(key))
            elif not one.strip():
                self.wrong(key, "empty_item", item=item)
            else:
                found.append((item, one.strip()))
        return tuple(found)

    def choice(self, key: str, choices: Iterable[str], default: str) -> str:
        """Returns one of the choices."""
        value = self.text(key, default)
        known = tuple(choices)
        if value not in known:
            near = self.hint(value, known)
            self.wrong(key, "choice", value=value, choices=Words(", ".join(known)), hint=near)
            return default
        return value

    def duration(self, key: str, default: float) -> float:
        """Returns seconds from "0s", "30s", "5m", "1h30m", "365d"."""
        value = self._get(key, str, "type_duration")
        if value is None:
            return default
        seconds = duration_of(value)
        if seconds is None:
            self.wrong(key, "duration", value=value)
            return default
        return seconds

    def zone(self, key: str, name: str) -> ZoneInfo:
        """Returns a time zone by its name, which is the key's value or its default."""
        try:
            return ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            near = _ZONES.get(name.strip().lower())
            if near:
                self.wrong(key, "timezone_near", value=name, near=near)
                return ZoneInfo("UTC")
            from zoneinfo import available_timezones

            self.wrong(key, "timezone", value=name, hint=self.hint(name, available_timezones()))
            return ZoneInfo("UTC")

    def value(self, key: str) -> object:
        """Returns the value of a key, whatever it is; None if there is none."""
        self._know(key)
        return self._values.get(key)

    def count(self, key: str, default: int) -> int:
        """Returns a whole number that is not negative."""
        value = self._get(key, int, "type_count")
        if value is None:
            return default
        if isinstance(value, bool) or not 0 <= value <= 10_000:
            self.wrong(key, "type_count")
            return default
        return value

    def table(self, key: str) -> Table:
        """Returns the table of a key, an empty one if there is none."""
        value = self._get(key, dict, "type_table")
        return Table(value or {}, self.at(key), self.problems)

    def tables(self, key: str) -> tuple[Table, ...]:
        """Returns the tables [[key]]."""
        value = self._get(key, list, "type_tables")
        found: list[Table] = []
        for number, one in enumerate(value or []):
            if isinstance(one, dict):
                found.append(Table(one, (*self.at(key), number), self.problems))
            else:
                self.wrong(key, "type_tables", item=number)
        return tuple(found)

    def close(
        self,
        *,
        forbidden: Mapping[str, str] | None = None,
        top: frozenset[str] = frozenset(),
        inner: Mapping[str, str] | None = None,
    ) -> None:
        """Names every key that is not known, with the nearest one that is.

        forbidden: sentences for keys that are refused for a reason. top: keys that belong to the file's top.
        inner: keys that belong into a table below, with its name.
        """
        for key in self._values:
            if key in self._known:
                continue
            if forbidden and key in forbidden:
                self.wrong(key, forbidden[key])
            elif re.search("token|secret|password", key, re.IGNORECASE):
                self.wrong(key, "secret_key")
            elif key in top:
                self.wrong(key, "belongs_top", name=key)
            elif inner and key in inner:
                self.wrong(key, "belongs_in", name=inner[key])
            else:
                self.wrong(key, "unknown_key", hint=self.hint(key, self._known - set(forbidden or ())))

    def hint(self, word: str, known: Iterable[str]) -> Words:
        """Returns how a sentence ends: with the nearest known word, if there is one."""
        by_low = {one.lower(): one for one in sorted(known)}
        near = difflib.get_close_matches(shown(word).lower(), by_low, n=1, cutoff=0.6)
        return self.near(by_low[near[0]] if near else None)

    def near(self, word: str | None) -> Words:
        """Returns how a sentence ends that knows what was probably meant."""
        said = self.problems.texts
        return Words(said("config.did_you_mean", near=word) if word else said("config.stop"))

    def _example(self, key: str) -> Words:
        setting = setting_at(self.path, key)
        return Words(setting.example_in(self.problems.texts) if setting else "")

    def _know(self, key: str) -> None:
        """Notes that a key is a known one. Raises KeyError for one that nobody has documented."""
        setting_at(self.path, key)
        self._known.add(key)

    def _get(self, key: str, kind: type[T], sentence: str) -> T | None:
        self._know(key)
        value = self._values.get(key)
        if value is None:
            return None
        if not isinstance(value, kind):
            self.wrong(key, sentence, example=self._example(key))
            return None
        return value
