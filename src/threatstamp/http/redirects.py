"""Follows redirects for a few steps, each checked like the first; tells permanent ones from others."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from threatstamp.http.errors import ExchangeError, Fault
from threatstamp.http.question import Answer
from threatstamp.http.target import Target, read_location

MOST_REDIRECTS = 5
PERMANENT = frozenset({301, 308})
REDIRECTS = frozenset({301, 302, 303, 307, 308})

Ask = Callable[[Target, bool], Answer]
"""Asks an address; the second argument says that it must be public."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """Where a question ended. moved_to: how far the way was permanent. is_direct: it was so to the end."""

    answer: Answer
    moved_to: str | None = None
    is_direct: bool = True


def follow(first: Target, ask: Ask) -> Followed:
    """Asks an address, and on from there. Raises ExchangeError, also for too many steps or a circle.

    For GET and HEAD: nothing else may be asked of an address that nobody chose. From a public server only
    public ones are reached. A step from https to http is not permanent.
    """
    target, moved_to, is_direct, only_public = first, first, True, False
    for _ in range(MOST_REDIRECTS + 1):
        answer = ask(target, only_public)
        if answer.status not in REDIRECTS:
            moved = moved_to.url if moved_to.url != first.url else None
            return Followed(answer=answer, moved_to=moved, is_direct=is_direct)
        only_public = only_public or answer.is_public
        following = _next(answer, first)
        is_safe = (target.scheme, following.scheme) != ("https", "http")
        is_direct = is_direct and is_safe and answer.status in PERMANENT
        target = following
        moved_to = target if is_direct else moved_to
    raise ExchangeError(Fault.TOO_MANY_REDIRECTS, most=MOST_REDIRECTS)


def _next(answer: Answer, first: Target) -> Target:
    """Returns where a redirect leads; credentials go to the server that they were given for, and no other."""
    said = answer.headers.get("location", "").strip()
    if not said:
        raise ExchangeError(Fault.REDIRECT_TO_NOWHERE, status=answer.status)
    with suppress(UnicodeError):
        said = said.encode("latin-1").decode("utf-8")
    found = read_location(said, answer.target)
    return replace(found, authorization=first.authorization) if found.origin == first.origin else found
