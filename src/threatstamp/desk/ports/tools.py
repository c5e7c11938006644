"""What every step works with: one value, and one holder of the policy that is in force."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from threatstamp.core.outbox.claim import Claim
from threatstamp.core.policy import Policy
from threatstamp.desk.ports.slack import Workspace
from threatstamp.desk.ports.store import Store
from threatstamp.desk.ports.time import Clock, Timing


class PolicyInForce:
    """The policy that counts now. A changed file replaces it, and every step reads the new one."""

    __slots__ = ("now",)

    def __init__(self, policy: Policy) -> None:
        self.now = policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """A store, a workspace, a clock, how patient to be, who we are among processes, the policy in force."""

    store: Store
    workspace: Workspace
    clock: Clock
    timing: Timing
    holder: str
    in_force: PolicyInForce

    @property
    def policy(self) -> Policy:
        """The policy that counts now: read once a step."""
        return self.in_force.now


class Couriers(Protocol):
    """Whoever delivers, as those who order see them."""

    def is_free(self) -> bool:
        """True if somebody rests who could take a claim at once."""

    def hand(self, claims: Iterable[Claim], *, since: float) -> None:
        """Gives over claims that began then (steady clock): they go out without being looked for."""

    def wake(self) -> None:
        """Something may be owed."""
