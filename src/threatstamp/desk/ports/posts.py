"""Posts: snapshots of what was stamped."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from threatstamp.core.ids import ChannelId, TeamId
from threatstamp.core.stamps.post import Place, PostRecord, Snapshot
from threatstamp.core.time import Micros


class ReadPosts(Protocol):
    """Posts on record."""

    def get(self, place: Place) -> PostRecord | None: ...
    def whole(self, team: TeamId, channel: ChannelId, *, before: Micros) -> tuple[Place, ...]:
        """Returns the posts of a channel that were recorded before that and whose snapshot has a text."""


class Posts(ReadPosts, Protocol):
    """The same, to write."""

    def keep(self, place: Place, snapshot: Snapshot | None, *, now: Micros) -> bool:
        """Records a post unless its snapshot is on record already; True if this snapshot was recorded."""

    def put(self, place: Place, snapshot: Snapshot | None, *, gone: bool, now: Micros) -> None:
        """Replaces what is known about a post."""

    def empty(self, places: Sequence[Place]) -> None:
        """Deletes the snapshots of these posts, but for the name of the app that posted them."""

    def put_edited(self, place: Place, digest: str) -> bool:
        """Notes that a post was edited; False if this edit is known, or the post is not on record."""

    def put_deleted(self, place: Place, *, now: Micros) -> bool:
        """Notes that a post was deleted; False if that is known, or the post is not on record."""
