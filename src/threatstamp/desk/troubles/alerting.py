"""Alerts are sent: messages for the operator in the alerts channel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from threatstamp.core import signs
from threatstamp.core.ids import ChannelId, TeamId
from threatstamp.core.outbox.body import flag_in, read_body, table_in, text_in, write_body
from threatstamp.core.outbox.departure import Departure, DepartureKind, NewDeparture
from threatstamp.core.time import Micros
from threatstamp.desk.ports.departing import Act, Departing, Message
from threatstamp.desk.ports.slack import Saying
from threatstamp.desk.ports.store import Tx

ALERT = DepartureKind(name="alert", is_reported=False)
"""Not reported: an alert about undeliverable alerts would be undeliverable, too. `status` displays it."""

HEAD = "head"
"""The kind of an alert about the ledger's head, beside the values of TroubleKind."""


OUTAGE = "outage"
"""The kind of an alert that the database cannot be written, which therefore cannot be a trouble on record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert(Saying):
    """A message for the operator: a trouble, an outage, the end of one, or the ledger's head.

    kind: the value of a TroubleKind, OUTAGE or HEAD; it chooses the sentence. values: its placeholders.
    """

    kind: str
    values: Mapping[str, str]
    fixed: bool

    def write(self) -> str:
        return write_body(kind=self.kind, values=dict(self.values), fixed=self.fixed)

    @classmethod
    def read(cls, text: str) -> Self:
        body = read_body(text)
        return cls(kind=text_in(body, "kind"), values=table_in(body, "values"), fixed=flag_in(body, "fixed"))


def order_alert(name: str, alert: Alert, *, team: TeamId, channel: ChannelId, now: Micros) -> NewDeparture:
    """Returns the order for an alert; name: its natural key."""
    return NewDeparture(name=name, team=team, kind=ALERT, channel=channel, due_at=now, body=alert.write())


class Alerting(Departing):
    """Posts an alert."""

    kind = ALERT

    def prepare(self, departure: Departure, *, edit: bool) -> Act:
        return Message(saying=Alert.read(departure.body), thread_ts=departure.thread_ts)

    def given_up(self, tx: Tx, departure: Departure, *, error: str, now: Micros) -> None:
        tx.vitals.put(signs.ALERTS_ERROR, error, now=now)
