"""Reads a table of the file key by key, and gathers all that is wrong with it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from typing import TypeVar

from threatstamp.config.lines import Lines, Path, say_path
from threatstamp.texts.catalogue import Texts

T = TypeVar("T")
_DURATION = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")


class Problems:
    """What was found wrong, each with its line and key."""

    def __init__(self, file: str, lines: Lines, texts: Texts, *, into: Problems | None = None) -> None:
        self.texts = texts
        self._file = file
        self._lines = lines
        self._found: list[tuple[int, str]] = [] if into is None else into._found

    def add(self, path: Path, key: str, **values: object) -> None:
        """Notes a problem at a path; key chooses the sentence."""
        self._note(
            self._lines.of(path), self.texts(f"config.{key}", key=say_path(path), **{"hint": "", **values})
        )

    def add_at(self, line: int, key: str) -> None:
        """Notes a problem of a whole line."""
        self._note(line, self.texts(f"config.{key}"))

    def add_text(self, text: str) -> None:
        """Notes a problem that says itself where it is."""
        self._found.append((0, text))

    def _note(self, line: int | None, words: str) -> None:
        at = f"{self._file}:{line}: " if line else f"{self._file}: "
        self._found.append((line or 0, at + words))

    def sorted(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(text for _, text in sorted(self._found, key=lambda one: one[0])))

    def __bool__(self) -> bool:
        return bool(self._found)


class Table:
    """One table of the file. What is asked for is known; `close` names what nobody asked for."""

    def __init__(self, values: Mapping[str, object], path: Path, problems: Problems) -> None:
        self.path = path
        self.problems = problems
        self._values = values
        self._known: set[str] = set()

    def has(self, key: str) -> bool:
        self._known.add(key)
        return key in self._values

    def at(self, key: str | int) -> Path:
        return (*self.path, key)

    def wrong(self, key: str, sentence: str, **values: object) -> None:
        self.problems.add(self.at(key), sentence, **values)

    def text(self, key: str, default: T, *, empty: bool = False) -> str | T:
        """Returns a string, or the default if there is none or it is wrong."""
        value = self._get(key, str, "type_text")
        if value is None:
            return default
        if not value.strip() and not empty:
            self.wrong(key, "empty")
            return default
        return value if empty else value.strip()

    def flag(self, key: str, *, default: bool = False) -> bool:
        value = self._get(key, bool, "type_flag")
        return default if value is None else value

    def texts(self, key: str) -> tuple[str, ...]:
        """Returns a list of strings; one string alone is a wrong type, said with the mend."""
        value = self._get(key, list, "type_list")
        found: list[str] = []
        for one in value or []:
            if not isinstance(one, str) or not one.strip():
                self.wrong(key, "type_list")
                continue
            found.append(one.strip())
        return tuple(found)

    def choice(self, key: str, choices: Iterable[str], default: str) -> str:
        value = self.text(key, default)
        known = tuple(choices)
        if value not in known:
            self.wrong(key, "choice", value=value, choices=", ".join(known), hint=self._hint(value, known))
            return default
        return value

    def duration(self, key: str, default: float) -> float:
        """Returns seconds from "0s", "30s", "5m", "1h30m"."""
        value = self.text(key, "")
        if not value:
            return default
        match = _DURATION.fullmatch(value)
        if not match or not any(match.groups()):
            self.wrong(key, "duration", value=value)
            return default
        hours, minutes, seconds = (int(part or 0) for part in match.groups())
        return float(hours * 3600 + minutes * 60 + seconds)

    def table(self, key: str) -> Table:
        value = self._get(key, dict, "type_table")
        return Table(value or {}, self.at(key), self.problems)

    def tables(self, key: str) -> tuple[Table, ...]:
        value = self._get(key, list, "type_tables")
        found: list[Table] = []
        for number, one in enumerate(value or []):
            if isinstance(one, dict):
                found.append(Table(one, (*self.at(key), number), self.problems))
            else:
                self.wrong(key, "type_tables")
        return tuple(found)

    def close(self, *, forbidden: Mapping[str, str] | None = None) -> None:
        """Names every key that is not known, with the nearest one that is."""
        for key in self._values:
            if key in self._known:
                continue
            if forbidden and key in forbidden:
                self.wrong(key, forbidden[key])
            else:
                self.wrong(key, "unknown_key", hint=self._hint(key, self._known - set(forbidden or ())))

    def _get(self, key: str, kind: type[T], sentence: str) -> T | None:
        self._known.add(key)
        value = self._values.get(key)
        if value is None:
            return None
        if not isinstance(value, kind):
            self.wrong(key, sentence)
            return None
        return value

    def _hint(self, word: str, known: Iterable[str]) -> str:
        near = difflib.get_close_matches(word, sorted(known), n=1, cutoff=0.6)
        return self.problems.texts("config.did_you_mean", near=near[0]) if near else ""
