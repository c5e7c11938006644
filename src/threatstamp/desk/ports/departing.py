"""Kinds of departures: what each one sends, and what follows when it was delivered or given up.

A new kind is one file with a subclass of `Departing`, beside the step that orders it, and its blocks in
`slack/blocks`; both are listed in `app/kinds.py`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from threatstamp.core.errors import SlackError
from threatstamp.core.ids import Ts
from threatstamp.core.outbox.departure import Departure, DepartureKind
from threatstamp.core.time import Micros
from threatstamp.desk.ports.slack import Saying
from threatstamp.desk.ports.store import Tx

UNREADABLE = "cannot_be_made"
"""The code of a departure of which no message can be made: no fault of Slack's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message to be posted exactly once, or edited.

    provisional: the first post leaves something out, such as mentions, so an edit follows at once.
    """

    saying: Saying
    thread_ts: Ts | None = None
    provisional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Another call.

    It must be idempotent, unless its kind is `at_most_once`: it is repeated after a crash.
    """

    act: Callable[[], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class NotYet:
    """Nothing is to be sent now. due_at: when to try again; None: never, because the reason is gone."""

    due_at: Micros | None


Act = Message | Call | NotYet


class Departing(ABC):
    """One kind of departure."""

    kind: ClassVar[DepartureKind]

    @abstractmethod
    def prepare(self, departure: Departure, *, edit: bool) -> Act:
        """Returns what to do now. edit: the message exists and is out of date.

        Called after the claim and outside a transaction. Raises SlackError,
        permanent if it can never be done.
        """

    def delivered(  # noqa: B027 - most kinds record nothing
        self, tx: Tx, departure: Departure, *, ts: Ts | None, now: Micros
    ) -> None:
        """Records what follows from the delivery, in the transaction of the outcome. Not called for edits.

        ts: of the message; None for a Call.
        """

    def given_up(  # noqa: B027 - as above
        self, tx: Tx, departure: Departure, *, error: SlackError, now: Micros
    ) -> None:
        """Records what follows if Slack refused it for good. Not called for edits: the message exists."""

    def cancelled(  # noqa: B027 - as above
        self, tx: Tx, departure: Departure, *, now: Micros
    ) -> None:
        """Records what follows if its reason was gone before it was due."""
