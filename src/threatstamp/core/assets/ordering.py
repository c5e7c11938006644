"""Which of two versions is the later one, as far as that can be told from how they are written.

There is no order of all versions: each maker has its own. What is compared here is what all agree about:
numbers by their size, a pre-release before its release, a patch after it. Everything else is *not
comparable*, which is an answer of its own: a guess would tell somebody that they are not affected.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

LONGEST = 100
"""Characters of a version. What is longer is prose."""

_BEFORE = ("~", "dev", "preview", "pre", "prerelease", "alpha", "beta", "milestone", "rc", "cr")
"""What comes before a release, in its order; the tilde as in packages of Debian and of Red Hat."""

_AFTER = {
    **dict.fromkeys(("p", "pl", "patch"), "p"),
    **dict.fromkeys(("u", "up", "update"), "u"),
    **dict.fromkeys(("sp", "servicepack"), "sp"),
    **dict.fromkeys(("hf", "hotfix"), "hf"),
    **dict.fromkeys(("r", "rev", "revision"), "r"),
    **{one: one for one in ("fp", "cu", "ru", "sr", "mr", "rollup", "take", "build", "post")},
}
"""Words for what comes after a release, by what they are short for; each is only comparable with itself."""

_SAME = frozenset(("ga", "final", "release"))
"""Words that a release has and that mean nothing more."""

_TOKEN = re.compile(r"[0-9]+|[a-z]+|[^\W\d_]+|[~:]")
_LEAD = re.compile(r"^(?:versions?|ver|release|rel|v|バージョン)(?:[.:\s]\s*|(?=[0-9]))")
_HASH = re.compile(r"(?=[0-9]*[a-f])(?=[a-f]*[0-9])[0-9a-f]{7,40}")
_LETTERS = re.compile(r"z?[a-z]")
"""OpenSSL's patches: 1.0.2k, and 1.0.2za after 1.0.2z."""
_SEMVER = re.compile(r"([0-9]+(?:\.[0-9]+){0,2})(?:-([0-9a-z.-]+))?(?:\+[0-9a-z.-]*)?")

GIT = "git"
"""The scheme of versions that are commits."""

Token = int | str


def compare(one: str, other: str, scheme: str = "") -> int | None:
    """Returns -1, 0 or 1 as the first version is before, the same as, or after the other one.

    None: they cannot be compared. scheme: how they are said to compare ("semver", "git", "custom"); "" if
    nobody says.
    """
    left, right = written(one), written(other)
    if left == right:
        return 0
    if max(len(left), len(right)) > LONGEST:
        return None
    if scheme == GIT or _HASH.fullmatch(left) or _HASH.fullmatch(right):
        return None  # which commit is before which is known to the repository alone
    if (":" in left) != (":" in right):
        return None  # one has an epoch, which is before all other numbers
    if scheme in ("semver", "npm"):
        semver = _semver(left), _semver(right)
        if semver[0] is not None and semver[1] is not None:
            return _compare_semver(semver[0], semver[1])
        if "-" in left + right:
            return None  # a pre-release here, a revision elsewhere
    return _compare(tokens(left), tokens(right))


def is_commit(version: str) -> bool:
    """True for what looks like the hash of a commit."""
    return bool(_HASH.fullmatch(written(version)))


@lru_cache(maxsize=4096)
def written(version: str) -> str:
    """Returns a version without what people write around it: "Ver.７.4 " is "7.4"."""
    plain = unicodedata.normalize("NFKC", version[: 2 * LONGEST]).strip().lower()
    return _LEAD.sub("", plain).strip()


@lru_cache(maxsize=4096)
def tokens(version: str) -> tuple[Token, ...]:
    """Returns the numbers and words of what `written` returns, without build metadata; () without a number.

    "r80.40 take 94" is ("r", 80, 40, "take", 94).
    """
    found = _TOKEN.findall(version.partition("+")[0].replace("service pack", "sp"))
    read = (int(one) if one.isascii() and one.isdecimal() else _AFTER.get(one, one) for one in found)
    kept = tuple(one for one in read if one not in _SAME)
    return kept if any(isinstance(one, int) for one in kept) else ()


def _compare(left: tuple[Token, ...], right: tuple[Token, ...]) -> int | None:
    if not left or not right:
        return None
    at = 0
    while at < len(left) and at < len(right) and left[at] == right[at]:
        at += 1
    return _compare_rest(left[at:], right[at:], is_first=at == 0)


def _compare_rest(left: tuple[Token, ...], right: tuple[Token, ...], *, is_first: bool) -> int | None:
    """Compares what stands behind the part that is the same in both."""
    if left and right and isinstance(left[0], int) and isinstance(right[0], int):
        return _sign(left[0] - right[0])
    if is_first:
        return None  # "R80" and "7.4" count differently
    left, right = _without_zeros(left), _without_zeros(right)
    if not left and not right:
        return 0
    ranks = _rank(left), _rank(right)
    if None in ranks:
        return None
    if ranks[0] != ranks[1]:
        assert ranks[0] is not None
        assert ranks[1] is not None
        both_after = min(ranks[0], ranks[1]) > 0  # 1.0p1 and 1.0.1: both are after 1.0
        return None if both_after else _sign(ranks[0] - ranks[1])
    return _compare_same(left, right)


_RELEASE, _PATCH, _LETTER, _NUMBER = 0, 1, 2, 3


def _rank(rest: tuple[Token, ...]) -> int | None:
    """Returns what a rest makes of the version before it: below 0 a pre-release, above 0 something later.

    None for a word that could mean either.
    """
    if not rest:
        return _RELEASE
    first = rest[0]
    if isinstance(first, int):
        return _NUMBER
    if first in _BEFORE:
        return _BEFORE.index(first) - len(_BEFORE)
    if first in _AFTER:
        return _PATCH
    return _LETTER if len(rest) == 1 and _LETTERS.fullmatch(first) else None


def _compare_same(left: tuple[Token, ...], right: tuple[Token, ...]) -> int | None:
    """Compares two rests of one rank, which begin with a word."""
    one, other = str(left[0]), str(right[0])
    if one == other:
        return _compare_after(left[1:], right[1:])
    if _rank(left) == _LETTER:
        return _sign(len(one) - len(other)) or (1 if one > other else -1)
    return None


def _compare_after(left: tuple[Token, ...], right: tuple[Token, ...]) -> int | None:
    if left and right and isinstance(left[0], int) and isinstance(right[0], int) and left[0] != right[0]:
        return _sign(left[0] - right[0])
    while left and right and left[0] == right[0]:
        left, right = left[1:], right[1:]
    return _compare_rest(left, right, is_first=False)


def _without_zeros(rest: tuple[Token, ...]) -> tuple[Token, ...]:
    at = next((at for at, one in enumerate(rest) if one != 0), len(rest))
    return rest[at:]


def _sign(difference: int) -> int:
    return (difference > 0) - (difference < 0)


_Semver = tuple[tuple[int, int, int], tuple[str, ...]]


def _semver(version: str) -> _Semver | None:
    """Returns numbers and pre-release of a semantic version (https://semver.org/spec/v2.0.0.html, 11)."""
    found = _SEMVER.fullmatch(version)
    if found is None:
        return None
    major, minor, patch, *_ = (*map(int, found[1].split(".")), 0, 0)
    return (major, minor, patch), tuple(found[2].split(".")) if found[2] else ()


def _compare_semver(one: _Semver, other: _Semver) -> int:
    if one[0] != other[0]:
        return 1 if one[0] > other[0] else -1
    if not one[1] or not other[1]:
        return _sign(len(other[1]) - len(one[1]))
    left, right = (tuple(map(_identifier, some[1])) for some in (one, other))
    return (left > right) - (left < right)


def _identifier(text: str) -> tuple[bool, int, str]:
    return (False, int(text), "") if text.isdecimal() else (True, 0, text)
