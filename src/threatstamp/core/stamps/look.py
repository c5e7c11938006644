"""A look: the reactions that a sweep saw on one post, and what that proves about one person."""

from __future__ import annotations

from dataclasses import dataclass

from threatstamp.core.ids import Emoji, UserId
from threatstamp.core.stamps.post import Place
from threatstamp.core.time import Micros


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenReaction:
    """One emoji on a post as a look found it.

    whole: `users` is complete. Slack may shorten the list: `count` is exact, `users` need not be
    (https://docs.slack.dev/reference/methods/reactions.get).
    """

    reaction: Emoji
    users: frozenset[UserId]
    whole: bool


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Presence:
    """A fact from a look: the reaction existed, or certainly did not, at some moment in [started, ended].

    Slack does not say at which moment it read the reactions, only that it was during the call.
    """

    started: Micros
    ended: Micros
    present: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a sweep saw of one post. Kept for some days, so that late events are folded together with it."""

    place: Place
    started: Micros
    ended: Micros
    reactions: tuple[SeenReaction, ...]

    def presence(self, reaction: Emoji, user: UserId) -> Presence | None:
        """Returns what the look proves about one person; None if they may be among those Slack left out."""
        seen = next((one for one in self.reactions if one.reaction == reaction), None)
        present = seen is not None and user in seen.users
        if seen is not None and not present and not seen.whole:
            return None
        return Presence(started=self.started, ended=self.ended, present=present)
