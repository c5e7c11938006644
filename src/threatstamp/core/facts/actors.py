"""Names of groups and of what they use, found in a text with their other spellings."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from threatstamp.core.facts.spelling import evened


class NameType(StrEnum):
    """What bears a name."""

    ACTOR = "actor"
    RANSOMWARE = "ransomware"
    MALWARE = "malware"
    TOOL = "tool"


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedThreat:
    """A group, or what it uses, with the spellings of its name. common: everyday words among them."""

    name: str
    type: NameType
    synonyms: tuple[str, ...] = ()
    common: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundName:
    """A name that stands in a text. why: the spelling that does."""

    name: str
    type: NameType
    why: str


@dataclass(frozen=True, slots=True)
class _Spelling:
    text: str
    known: NamedThreat
    is_common: bool


LONGEST = 20_000
"""So many characters of one text are read."""

MOST = 50
"""So many names of one text are given."""

_WORD = re.compile(r"[a-z0-9]+")
_BEARERS = evened("ランサムウェア|ランサム|マルウェア|グループ|集団|攻撃者|ギャング")
_BEFORE = re.compile(
    rf"(?:ransomware|malware|gang|groups?|hackers|actor|botnet|operators of|{_BEARERS})"
    r"(?:\s+(?:called|named|as|by|the)|である|の|、)?[\s「『\"'“‘(:]{0,2}(?:the\s)?$"
)
_AFTER = re.compile(
    r"[」』\"'”’)]?(?:の|による|という|を名乗る|と呼ばれる|が使う|系)?\s{0,2}"
    r"(?:ransomware|malware|ransom gang|gang|group|hackers|operators|crew|affiliates|encryptor|leak site"
    rf"|actors|botnet|{_BEARERS})"
)
"""What makes a name of an everyday word: "the Play ransomware", 「ランサムウェアグループ「Play」」."""

_AROUND = 30


class NameBook:
    """Names ready to be looked for. Of equal spellings the first counts."""

    def __init__(self, names: Iterable[NamedThreat]) -> None:
        by_text: dict[str, _Spelling] = {}
        for known in names:
            for said in (known.name, *known.synonyms):
                text = evened(said).casefold().strip()
                if _is_telling(text):
                    by_text.setdefault(text, _Spelling(said, known, said in known.common))
        self._latin: dict[str, list[tuple[str, _Spelling]]] = defaultdict(list)
        self._other: list[tuple[str, _Spelling]] = []
        for text, spelling in sorted(by_text.items(), key=lambda one: -len(one[0])):
            first = _WORD.match(text) if text.isascii() else None
            if first:
                self._latin[first[0]].append((text, spelling))
            else:
                self._other.append((text, spelling))

    def names_in(self, text: str) -> tuple[FoundName, ...]:
        """Returns the names in a text, each once, in the order in which they stand there.

        Of names that begin at one place the longest counts, "Black Basta" and not "Black".
        """
        plain = evened(text[:LONGEST])
        found: dict[str, FoundName] = {}
        for _, spelling in sorted(self._found(plain, plain.casefold()), key=lambda one: one[0]):
            known = spelling.known
            found.setdefault(known.name, FoundName(name=known.name, type=known.type, why=spelling.text))
            if len(found) == MOST:
                break
        return tuple(found.values())

    def _found(self, plain: str, small: str) -> Iterator[tuple[int, _Spelling]]:
        taken = 0
        for word in _WORD.finditer(small):
            if word.start() < taken:
                continue
            for text, spelling in self._latin.get(word[0], ()):
                if _stands(small, text, word.start()) and _is_meant(
                    plain, small, word.start(), text, spelling
                ):
                    taken = word.start() + len(text)
                    yield word.start(), spelling
                    break
        for text, spelling in self._other:
            at = small.find(text)
            if at >= 0 and _stands_alone(small, text, at) and _is_meant(plain, small, at, text, spelling):
                yield at, spelling


def _is_telling(text: str) -> bool:
    """False for spellings that a text is full of: numbers, and one or two letters."""
    return len(text) >= 3 and not text.isdigit() and any(sign.isalpha() for sign in text)


def _stands(small: str, text: str, at: int) -> bool:
    end = at + len(text)
    is_whole = not (text[-1].isalnum() and small[end : end + 1].isascii() and small[end : end + 1].isalnum())
    return small.startswith(text, at) and is_whole


def _stands_alone(small: str, text: str, at: int) -> bool:
    """True if a word in katakana is not a part of a longer one."""
    before, after = small[at - 1 : at], small[at + len(text) : at + len(text) + 1]
    is_longer = (_is_katakana(before) and _is_katakana(text[0])) or (
        _is_katakana(after) and _is_katakana(text[-1])
    )
    return not is_longer


def _is_katakana(sign: str) -> bool:
    return "\u30a1" <= sign <= "\u30fa" if sign else False


def _is_meant(plain: str, small: str, at: int, text: str, spelling: _Spelling) -> bool:
    """True unless the spelling is an everyday word that nothing beside it makes a name.

    One in small letters is none either: "to play".
    """
    if not spelling.is_common:
        return True
    end = at + len(text)
    if len(plain) == len(small) and plain[at] != spelling.text[0]:
        return False
    before, after = small[max(0, at - _AROUND) : at], small[end : end + _AROUND]
    return bool(_BEFORE.search(before) or _AFTER.match(after))
