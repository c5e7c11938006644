"""A feed: where news comes from, how it is asked for, and what was found there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from zoneinfo import ZoneInfo


class ProblemKind(StrEnum):
    """What can be wrong with a feed document or with the way to it."""

    NOT_A_FEED = "not_a_feed"
    MALFORMED = "malformed"
    ENCODING = "encoding"
    TOO_LARGE = "too_large"
    TOO_DEEP = "too_deep"
    TIMEOUT = "timeout"
    FORBIDDEN_ADDRESS = "forbidden_address"
    HTTP = "http"
    NETWORK = "network"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something wrong with a document. reason and values choose the sentence in the room `feeds`."""

    kind: ProblemKind
    reason: str
    values: Mapping[str, str | int] = field(default_factory=dict)


class Keep(StrEnum):
    """How much of an entry is kept: all of it, or its title, link and time (commercial news)."""

    FULL = "full"
    HEADLINE = "headline"


class Layer(StrEnum):
    """The layers of threat intelligence that ISO/IEC 27001:2022 A.5.7 names."""

    STRATEGIC = "strategic"
    TACTICAL = "tactical"
    OPERATIONAL = "operational"


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """What a server gave with a document that was understood, to ask for the next one with."""

    etag: str | None = None
    last_modified: str | None = None
    digest: str | None = None
    """SHA-256 of the body, 64 hex digits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One question to a feed's server. zone: for dates that carry none. most: bytes, also decompressed."""

    url: str
    zone: ZoneInfo
    most: int
    validators: Validators = Validators()
