"""A look: what a sweep saw of one post while it read; and what that says of one person."""

from __future__ import annotations

from dataclasses import dataclass

from threatstamp.core.ids import Emoji, UserId
from threatstamp.core.stamps.post import Place
from threatstamp.core.time import Micros


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenReaction:
    """One emoji under a post as a look found it. whole: everybody who used it is in `users`."""

    reaction: Emoji
    users: frozenset[UserId]
    whole: bool


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Presence:
    """What a look says of one person: the reaction was there, or surely not, sometime in [started, ended]."""

    started: Micros
    ended: Micros
    present: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A sweep's reading of one post, kept so that events that come late are judged with it."""

    place: Place
    started: Micros
    ended: Micros
    reactions: tuple[SeenReaction, ...]

    def presence(self, reaction: Emoji, user: UserId) -> Presence | None:
        """Returns what the look says of one person; None where Slack cut the list short before them."""
        seen = next((one for one in self.reactions if one.reaction == reaction), None)
        present = seen is not None and user in seen.users
        if seen is not None and not present and not seen.whole:
            return None
        return Presence(started=self.started, ended=self.ended, present=present)
