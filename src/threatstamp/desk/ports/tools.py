"""What every step works with: one value, which also gives access to the policy in force."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from threatstamp.core.cases.call import Member
from threatstamp.core.errors import SlackError, is_about_one
from threatstamp.core.ids import ChannelId, StoryId
from threatstamp.core.outbox.claim import Claim
from threatstamp.core.policy import Policy
from threatstamp.core.priority.replay import StoryPriority
from threatstamp.desk.ports.facts import Facts
from threatstamp.desk.ports.slack import Workspace
from threatstamp.desk.ports.store import Store
from threatstamp.desk.ports.time import Clock, Timing


class PolicyInForce:
    """Holds the policy in force. Changed settings replace it, and the next step of every thread reads it.

    Setting one attribute is atomic, so no lock is needed.
    """

    __slots__ = ("now",)

    def __init__(self, policy: Policy) -> None:
        self.now = policy


def no_products(title: str) -> frozenset[str]:
    """Knows no names of products."""
    return frozenset()


def no_audience(channel: ChannelId) -> tuple[Member, ...]:
    """Cannot say who is in a channel."""
    raise SlackError("missing_scope", permanent=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """The ports and the policy. holder: the name of this process among those on the same database.

    products_of: returns the names of the products in a title, and of their makers; it never raises.
    audience_of: asks Slack who is in a channel, without guests, apps, and people who are away; raises
    SlackError, permanent if Slack does not say.
    """

    store: Store
    workspace: Workspace
    clock: Clock
    timing: Timing
    holder: str
    in_force: PolicyInForce
    facts: Facts
    products_of: Callable[[str], frozenset[str]] = no_products
    audience_of: Callable[[ChannelId], tuple[Member, ...]] = no_audience

    @property
    def policy(self) -> Policy:
        """The policy in force. A step that needs it twice reads it once, because it may change in between."""
        return self.in_force.now

    def priority_of(self, story: StoryId) -> StoryPriority | None:
        """Returns what was ruled last about a story, for a message that goes out with it or without."""
        try:
            with self.store.reading() as read:
                return read.priorities.of([story]).get(story)
        except Exception as error:
            if not is_about_one(error):
                raise
            return None


class Couriers(Protocol):
    """The delivery threads, as those see them who order departures."""

    def is_free(self) -> bool:
        """True if a thread is idle and could execute a claim at once."""

    def hand(self, claims: Iterable[Claim], *, since: float) -> None:
        """Hands over claims that began at `since` (steady clock): they are executed without a search."""

    def wake(self) -> None:
        """Wakes an idle thread: something may be due."""
