"""Subject: of what kind a story is and on which layer, by weighed words that are data and not code."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from threatstamp.core.facts.spelling import evened
from threatstamp.core.news.feed import Layer


class StoryKind(StrEnum):
    """What a story is about; of two that the words speak for alike, the upper one."""

    EXPLOITED = "exploited"
    VULNERABILITY = "vulnerability"
    MALWARE = "malware"
    PHISHING = "phishing"
    INCIDENT = "incident"
    GUIDANCE = "guidance"
    UPDATE = "update"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clue:
    """Words that speak for something when they all stand in a text. said: as the rules write it.

    weight: negative if they speak against it.
    """

    said: str
    weight: int
    parts: tuple[ClueWord, ...]


@dataclass(frozen=True, slots=True)
class ClueWord:
    """One word of a clue, evened and in small letters, or a sign: what was read out of the text, "id:cve".

    bounds: None for a word that is found anywhere.
    """

    text: str
    bounds: re.Pattern[str] | None = None
    is_sign: bool = False

    def is_in(self, text: str) -> bool:
        return self.text in text and (self.bounds is None or bool(self.bounds.search(text)))


@dataclass(frozen=True, slots=True, kw_only=True)
class KindRules:
    """The clues for each kind and layer.

    least: so much must speak for a kind. usual: the layer of a kind. leading: the other layers that words can
    give to a kind.
    """

    least: int
    kinds: Mapping[StoryKind, tuple[Clue, ...]]
    layers: Mapping[Layer, tuple[Clue, ...]]
    usual: Mapping[StoryKind, Layer]
    leading: Mapping[StoryKind, tuple[Layer, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnWord:
    """A clue of the company's own, in place of a built-in one that says the same. said: see `clue`.

    weight: 0 if it is to count for nothing. of: what it speaks for.
    """

    said: str
    weight: int
    of: StoryKind | Layer


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a story is about. why: the clues that spoke for its kind, the weightiest first.

    is_said: a person has said the kind.
    """

    kind: StoryKind
    layer: Layer
    why: tuple[str, ...] = ()
    is_said: bool = False


_SIGN = re.compile(r"(?:id|has):[a-z0-9_]+")
_MOST_OF_REST = 2_000
_MOST_OF_TITLE = 500


def clue(said: str, weight: int) -> Clue:
    """Reads a clue as the rules write it: words, "a + b" for both, "phish*" for any ending."""
    return Clue(said=said, weight=weight, parts=tuple(_word(part.strip()) for part in said.split(" + ")))


def parts_of(said: str) -> str:
    """Returns a clue in the form in which two that mean the same are equal."""
    return " + ".join(evened(part.strip()).casefold() for part in said.split(" + "))


def revised(rules: KindRules, words: Iterable[OwnWord]) -> KindRules:
    """Returns the rules with the company's own words in them."""
    own = tuple(words)
    if not own:
        return rules
    return replace(
        rules,
        kinds={kind: _revised(kind, clues, own) for kind, clues in rules.kinds.items()},
        layers={layer: _revised(layer, clues, own) for layer, clues in rules.layers.items()},
    )


def _revised(of: StoryKind | Layer, clues: Iterable[Clue], own: Iterable[OwnWord]) -> tuple[Clue, ...]:
    by_parts = {parts_of(one.said): one for one in clues}
    for word in own:
        if word.of is of:
            by_parts[parts_of(word.said)] = clue(word.said, word.weight)
    return tuple(one for one in by_parts.values() if one.weight)


def subject_of(title: str, rest: str, signs: Iterable[str], rules: KindRules) -> Subject:
    """Returns the subject of a story. signs: what else was read out of it: "id:cve", "has:name".

    A word of the title counts twice; of a long text the beginning is enough.
    """
    text = _Text(title, rest, frozenset(signs))
    kinds = [(kind, text.weigh(rules.kinds.get(kind, ()))) for kind in StoryKind]
    kind, found = max(kinds, key=lambda one: sum(one[1].values()))
    if sum(found.values()) < rules.least:
        kind, found = StoryKind.OTHER, {}
    why = sorted((said for said, weight in found.items() if weight > 0), key=lambda said: -found[said])
    return Subject(kind=kind, layer=_layer(kind, text, rules), why=tuple(why))


def said_of(found: Subject, kind: StoryKind, rules: KindRules) -> Subject:
    """Returns the subject of a story of which a person has said the kind. found: what its words tell.

    That layer stays, if the kind can have it.
    """
    possible = (rules.usual[kind], *rules.leading.get(kind, ()))
    layer = found.layer if found.layer in possible else rules.usual[kind]
    return Subject(kind=kind, layer=layer, is_said=True)


def _layer(kind: StoryKind, text: _Text, rules: KindRules) -> Layer:
    sums = {layer: sum(text.weigh(rules.layers[layer]).values()) for layer in rules.leading.get(kind, ())}
    best = max(sums, key=lambda layer: sums[layer], default=None)
    return best if best is not None and sums[best] >= rules.least else rules.usual[kind]


class _Text:
    """The words of a story, evened and in small letters."""

    def __init__(self, title: str, rest: str, signs: frozenset[str]) -> None:
        self._title = evened(title[:_MOST_OF_TITLE]).casefold()
        self._whole = self._title + "\n" + evened(rest[:_MOST_OF_REST]).casefold()
        self._signs = signs

    def weigh(self, clues: Iterable[Clue]) -> dict[str, int]:
        """Returns what each clue that stands in the text adds."""
        likely = (one for one in clues if one.parts[0].is_sign or one.parts[0].text in self._whole)
        return {one.said: one.weight * times for one in likely if (times := self._times(one))}

    def _times(self, one: Clue) -> int:
        if not all(self._has(word, self._whole) for word in one.parts):
            return 0
        return 2 if all(self._has(word, self._title) for word in one.parts) else 1

    def _has(self, word: ClueWord, text: str) -> bool:
        return word.text in self._signs if word.is_sign else word.is_in(text)


def _word(said: str) -> ClueWord:
    text = evened(said).casefold()
    stem = text.removesuffix("*")
    if _SIGN.fullmatch(text):
        return ClueWord(text, is_sign=True)
    if not stem.isascii():
        return ClueWord(stem)
    start = r"(?<![a-z0-9])" if stem[:1].isalnum() else ""
    end = r"(?![a-z0-9])" if stem == text and stem[-1:].isalnum() else ""
    return ClueWord(stem, re.compile(start + re.escape(stem) + end))
