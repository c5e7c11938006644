"""Kinds of departures: what each one sends, and what follows when it was delivered or given up.

A new kind is one file with a subclass of `Departing`, beside the step that orders it, and its blocks in
`slack/blocks`; both are listed in `app/kinds.py`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from threatstamp.core.ids import Ts
from threatstamp.core.outbox.departure import Departure, DepartureKind, Withheld
from threatstamp.core.time import Micros
from threatstamp.desk.ports.slack import Saying
from threatstamp.desk.ports.store import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class NotYet:
    """Nothing is to be sent now. due_at: when to try again; None: never, because the reason is gone.

    record: writes down why, in the transaction of the outcome.
    """

    due_at: Micros | None
    record: Callable[[Tx, Micros], None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message to be posted exactly once, or edited.

    provisional: the first post leaves something out, such as mentions, so an edit follows at once.
    unless_there: it is not to be sent any more now; but an earlier attempt may have, which is looked for.
    """

    saying: Saying
    thread_ts: Ts | None = None
    provisional: bool = False
    unless_there: NotYet | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Another call.

    It must be idempotent, unless its kind is `at_most_once`: it is repeated after a crash.
    """

    act: Callable[[], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Never:
    """It must not or cannot be sent. It becomes undeliverable: an operator hears of it, and can `retry`."""

    reason: Withheld


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """It was said in the message of another departure. ts: of that message. record: as in `NotYet`."""

    ts: Ts
    record: Callable[[Tx, Micros], None] | None = None


Act = Message | Call | NotYet | Said | Never


class Departing(ABC):
    """One kind of departure."""

    kind: ClassVar[DepartureKind]

    @abstractmethod
    def prepare(self, departure: Departure, *, edit: bool) -> Act:
        """Returns what to do now. edit: the message exists and is out of date.

        Called after the claim and outside a transaction. Raises SlackError if Slack is asked, and refuses.
        """

    def delivered(  # noqa: B027 - most kinds record nothing
        self, tx: Tx, departure: Departure, *, ts: Ts | None, now: Micros
    ) -> None:
        """Records what follows from the delivery, in the transaction of the outcome. Not called for edits.

        ts: of the message; None for a Call.
        """

    def given_up(  # noqa: B027 - as above
        self, tx: Tx, departure: Departure, *, error: str, now: Micros
    ) -> None:
        """Records what follows if it is undeliverable. Not called for edits: the message exists.

        error: Slack's code, or the value of a `Withheld`.
        """

    def cancelled(  # noqa: B027 - as above
        self, tx: Tx, departure: Departure, *, now: Micros
    ) -> None:
        """Records what follows if its reason was gone before it was due."""
