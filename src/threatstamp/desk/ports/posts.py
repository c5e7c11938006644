"""Posts: the evidence of what was stamped."""

from __future__ import annotations

from typing import Protocol

from threatstamp.core.stamps.post import Place, PostRecord, Snapshot
from threatstamp.core.time import Micros


class ReadPosts(Protocol):
    """What is on record of posts."""

    def get(self, place: Place) -> PostRecord | None: ...


class Posts(ReadPosts, Protocol):
    """The same, to write."""

    def keep(self, place: Place, snapshot: Snapshot | None, *, now: Micros) -> bool:
        """Keeps a post as it was when it was first seen; True if what it says was not on record before."""

    def put(self, place: Place, snapshot: Snapshot | None, *, gone: bool, now: Micros) -> None:
        """Replaces what is known of a post."""

    def put_edited(self, place: Place, digest: str) -> bool:
        """Notes that a post on record was edited; False if that edit is known, or the post is not."""

    def put_deleted(self, place: Place, *, now: Micros) -> bool:
        """Notes that a post on record was deleted; False if that is known, or the post is not."""
