"""What the next person has to know of a desk, as far as the database knows it. Slack is not called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from threatstamp.core import signs
from threatstamp.core.ids import TeamId
from threatstamp.core.names import KnownName
from threatstamp.core.time import Micros
from threatstamp.desk.ports.store import Read
from threatstamp.desk.views.status import Status
from threatstamp.desk.views.workspace import AppIdentity


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """What the database knows for the next person.

    app: None if no desk has been connected yet. names: what the names in the settings were found to mean.
    last_host, last_seen_at: where a desk was running last, and until when; None if none ever did, and after a
    restoration.
    """

    app: AppIdentity | None
    names: Mapping[str, KnownName]
    last_host: str | None
    last_seen_at: Micros | None
    status: Status


def read_handover(read: Read, status: Status) -> Handover:
    """Returns what is on record now."""
    vitals = read.vitals.every()
    app = AppIdentity.read(vitals[signs.APP][0]) if signs.APP in vitals else None
    runs = ((at, name) for name, (_, at) in vitals.items() if name.startswith(signs.RUN))
    seen_at, name = max(runs, default=(None, ""))
    return Handover(
        app=app,
        names=read.names.known(TeamId(app.team)) if app else {},
        last_host=name.removeprefix(signs.RUN).partition(":")[0] or None,
        last_seen_at=seen_at,
        status=status,
    )
