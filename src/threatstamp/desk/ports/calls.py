"""Update calls to staff, and who was asked."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Protocol

from threatstamp.core.cases.call import Answer, Asked, CallText, Member, Tally, UpdateCall
from threatstamp.core.ids import ChannelId, UserId
from threatstamp.core.stamps.post import Place
from threatstamp.core.time import Micros


class ReadCalls(Protocol):
    """Calls on record."""

    def get(self, number: int) -> UpdateCall | None: ...
    def of(self, case: int) -> UpdateCall | None:
        """Returns a case's newest call."""

    def at(self, place: Place) -> UpdateCall | None:
        """Returns the call whose message is at that place."""

    def is_known(self, key: str) -> bool:
        """True if a call with this key is on record."""

    def every(self, *, sent_before: Micros | None = None) -> tuple[UpdateCall, ...]:
        """Returns the open calls; or those sent before then, open or not, whose people are on record."""

    def people(self, call: int) -> tuple[Asked, ...]:
        """Returns everybody who was asked or has answered, in the order in which they were recorded."""

    def person(self, number: int) -> tuple[int, Asked] | None:
        """Returns the call and the person of a number; None once it is erased."""

    def waiting(self, call: int) -> tuple[tuple[Asked, str, date | None], ...]:
        """Returns those who have not answered, with their time zones and when they were reminded last."""


class Calls(ReadCalls, Protocol):
    """The same, to write."""

    def add(
        self,
        case: int,
        text: CallText,
        *,
        channel: ChannelId,
        owner: UserId,
        key: str,
        now: Micros,
    ) -> int:
        """Records a call without its message, and returns its number."""

    def put_message(self, call: int, departure: int, *, at: Micros) -> None:
        """Notes which departure is a call's message, and when it goes out or went out."""

    def ask(self, call: int, members: Iterable[Member]) -> None:
        """Records who is asked. Asked anew, whoever is not among them goes, unless they have answered."""

    def answer(self, call: int, user: UserId, answer: Answer, *, now: Micros) -> Asked:
        """Records what somebody says, whether they were asked or not."""

    def put_reminded(self, person: int, day: date) -> None:
        """Notes that somebody was reminded."""

    def close(self, call: int, tally: Tally, *, now: Micros) -> None:
        """Ends a call with its counts."""

    def erase(self, call: int) -> None:
        """Forgets who was asked and who answered."""
