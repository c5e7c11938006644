"""Words as they are searched for: the same for what is written down and for what somebody asks."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

LONGEST_WORD = 64
MOST_WORDS = 6_000
"""Of one story: PostgreSQL keeps no positions above 16,383."""

MOST_ASKED = 12
"""Words of one question."""

_RUN = re.compile(r"[0-9a-z]+|[^\W\x00-\x7f]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """Words that follow each other. opens: the last one is the beginning of a word."""

    words: tuple[str, ...]
    opens: bool = False


def indexed_words(text: str) -> list[str]:
    """Returns the words of a text, in order.

    Japanese has no spaces between words: each two signs that stand together are a word there, and the last
    sign is one, so that every sign begins a word. Letters and figures of ASCII are words as they are written.
    """
    found: list[str] = []
    for run in _runs(_plain(text)):
        found += [run[:LONGEST_WORD]] if run.isascii() else _pairs(run, ends=True)
        if len(found) >= MOST_WORDS:
            break
    return found[:MOST_WORDS]


def asked_phrases(question: str) -> tuple[Phrase, ...]:
    """Returns what all has to be found, a phrase for each word or "several words" between quotation marks.

    A star at the end of a word stands for any end of it. None for a question without a letter or figure.
    """
    found = (_phrase(word) for word in _asked(_plain(question)))
    return tuple(dict.fromkeys(one for one in found if one is not None))[:MOST_ASKED]


def _phrase(word: str) -> Phrase | None:
    runs = list(_runs(word))
    if not runs:
        return None
    words: list[str] = []
    for run in runs[:-1]:
        words += [run[:LONGEST_WORD]] if run.isascii() else _pairs(run, ends=True)
    last = runs[-1]
    if last.isascii():
        return Phrase(words=(*words, last[:LONGEST_WORD]), opens=word.endswith("*"))
    return Phrase(words=(*words, *_pairs(last, ends=len(last) == 1)), opens=len(last) == 1)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _asked(question: str) -> Iterator[str]:
    """Yields words, and what stands between quotation marks as one; an open one ends with the question."""
    for number, part in enumerate(question.split('"')):
        yield from [part] if number % 2 else part.split()


def _runs(text: str) -> Iterator[str]:
    """Yields the longest runs of letters and figures, of ASCII or of other signs."""
    return (found[0] for found in _RUN.finditer(text))


def _pairs(run: str, *, ends: bool) -> list[str]:
    pairs = [run[place : place + 2] for place in range(len(run) - 1)]
    return [*pairs, run[-1]] if ends else pairs
