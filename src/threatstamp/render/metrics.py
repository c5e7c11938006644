"""Numbers for Prometheus: https://prometheus.io/docs/instrumenting/exposition_formats/

Ids and the names of feeds are the only words in it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from threatstamp.core.time import SECOND, Micros
from threatstamp.desk.views.status import Status

Labels = Mapping[str, str]
_NONE: Labels = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Family:
    """A metric with all its samples. kind: gauge or counter."""

    name: str
    help: str
    samples: tuple[tuple[Labels, float], ...]
    kind: str = "gauge"


def metrics_page(
    status: Status | None, *, version: str, healthy: bool, connected: bool, started_at: Micros
) -> str:
    """Returns the page. status: None if the database cannot be read; then its numbers are not there.

    Times are in seconds since 1970. healthy: as /healthz says it.
    """
    families = [
        _one("build", "The version that runs.", 1, {"version": version}),
        _one("healthy", "1 if /healthz answers 200.", healthy),
        _one("connected", "1 while events can reach this process.", connected),
        _one("started_time_seconds", "When this process was started.", started_at / SECOND),
        *(_of_database(status) if status is not None else ()),
    ]
    return "".join(line + "\n" for family in families for line in _lines(family))


def _of_database(status: Status) -> Iterator[_Family]:
    yield _one("processes", "Live run processes on this database.", len(status.running))
    yield _one("events_waiting", "Events from Slack that wait to be processed.", status.inbox_waiting)
    yield _one("events_failed", "Events that could not be processed.", status.inbox_failed)
    yield _one("messages_waiting", "Messages that wait to be sent to Slack.", status.owed)
    yield _one("messages_undeliverable", "Messages that need `retry`.", len(status.undeliverable))
    troubles = Counter(trouble.kind.value for trouble in status.troubles)
    yield _one("troubles", "Troubles that are not fixed.", len(status.troubles))
    yield _many("troubles_by_kind", "The same by kind.", "kind", troubles.items())
    if status.last_event_at is not None:
        at = status.last_event_at / SECOND
        yield _one("last_event_time_seconds", "When the last event from Slack arrived.", at)
    yield _many(
        "last_sweep_time_seconds",
        "When a channel was last swept completely.",
        "channel",
        ((channel, at / SECOND) for channel, at in sorted(status.last_sweeps.items())),
    )
    yield _many(
        "feed_ok", "1 if nothing is wrong with a feed.", "feed", ((f.name, f.ok) for f in status.feeds)
    )
    yield _one("ledger_entries_total", "Entries in the ledger.", status.entries, kind="counter")


def _one(name: str, explained: str, value: float, labels: Labels = _NONE, *, kind: str = "gauge") -> _Family:
    return _Family(name=name, help=explained, samples=((labels, value),), kind=kind)


def _many(name: str, explained: str, label: str, values: Iterable[tuple[str, float]]) -> _Family:
    return _Family(name=name, help=explained, samples=tuple(({label: one}, value) for one, value in values))


def _lines(family: _Family) -> Iterator[str]:
    if not family.samples:
        return
    name = f"threatstamp_{family.name}"
    yield f"# HELP {name} {family.help}"
    yield f"# TYPE {name} {family.kind}"
    for labels, value in family.samples:
        inner = ",".join(f'{label}="{_escaped(said)}"' for label, said in labels.items())
        yield f"{name}{{{inner}}} {_number(value)}" if inner else f"{name} {_number(value)}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else f"{value:.3f}"
