"""What is asked of an address, and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from threatstamp.http.target import Target

Headers = tuple[tuple[bytes, bytes], ...]


class Method(StrEnum):
    """What an address is asked to do."""

    GET = "GET"
    HEAD = "HEAD"
    POST = "POST"
    PUT = "PUT"
    PATCH = "PATCH"
    DELETE = "DELETE"

    @property
    def is_idempotent(self) -> bool:
        """True if asking twice does no more than asking once (RFC 9110, 9.2.2)."""
        return self not in (Method.POST, Method.PATCH)

    @property
    def has_body(self) -> bool:
        """True if a server waits for a body: its length is said, even if it is 0 (RFC 9110, 8.6)."""
        return self in (Method.POST, Method.PUT, Method.PATCH)


class Writer(Protocol):
    """A file, or whatever else takes bytes piece by piece."""

    def write(self, piece: bytes, /) -> object: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a server said. headers: names in small letters. body: unpacked; empty if it was not read.

    is_public: the server is known to be one of the public internet.
    """

    target: Target
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    is_public: bool = False

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of an address, and what it may cost.

    headers: they replace the client's own of the same name. most: bytes of the answer's body, also unpacked.
    until: the steady time by which all must be done. only_public: networks that are merely allowed do not
    count. bodies: the statuses whose body is read, None for all. into: where a success's body goes piece by
    piece, chosen when the status and headers are there; None for the answer itself.
    """

    target: Target
    method: Method = Method.GET
    headers: Headers = ()
    body: bytes | None = None
    most: int
    until: float
    only_public: bool = False
    bodies: frozenset[int] | None = None
    into: Callable[[Answer], Writer] | None = None
