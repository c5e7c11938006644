"""One kind of departure: what it says, and what follows when it was delivered or given up.

A new kind is one file that subclasses `Departing`, beside the step that orders it, and its blocks.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """To be posted exactly once, or edited.

    provisional: it does not say all that it should (it calls nobody), so an edit follows at once.
    """

    saying: Saying
    thread_ts: Ts | None = None
    provisional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Another act. Unless the kind is one that happens at most once, doing it twice is doing it once."""

    act: Callable[[], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class NotYet:
    """Nothing is to be done now. due_at: when it is; None: never, since its reason is gone."""

    due_at: Micros | None


Act = Message | Call | NotYet


class Departing(ABC):
    """One kind of departure."""

    kind: ClassVar[DepartureKind]

    @abstractmethod
    def prepare(self, departure: Departure, *, edit: bool) -> Act:
        """Returns what to do now. Raises SlackError, permanent where it can never be done."""

    def delivered(  # noqa: B027 - most kinds record nothing
        self, tx: Tx, departure: Departure, *, ts: Ts | None, now: Micros
    ) -> None:
        """Records what follows, in the transaction of the outcome. Not called for edits."""

    def given_up(  # noqa: B027 - as above
        self, tx: Tx, departure: Departure, *, error: SlackError, now: Micros
    ) -> None:
        """The same where Slack refused it for good. Not called for edits: the message exists."""

    def cancelled(  # noqa: B027 - as above
        self, tx: Tx, departure: Departure, *, now: Micros
    ) -> None:
        """The same where its reason was gone before it was due."""
