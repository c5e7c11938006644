"""What happens by the clock: the only module that knows DBOS."""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

# DBOS needs it. It has to be there before any thread begins: while it is being imported, SQLAlchemy asks the
# half of it that is there about every value, so that a statement in another thread fails
import sqlalchemy.orm  # noqa: F401
from sqlalchemy import Engine as SqlEngine
from sqlalchemy import event, make_url

from threatstamp.sqlite import BUSY, Sqlite, installed, open_engine

log = logging.getLogger(__name__)

KEPT = timedelta(days=7)
"""How long the engine's own record of finished runs is kept."""

SUBSEC_CAME = (3, 42, 0)
"""An older SQLite knows no 'subsec', and DBOS would write the NULL that comes of it."""

VERSION = "1"
"""Pinned: by default it is a hash of the sources, and an upgrade would leave older runs behind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Something to do by the clock. cron has five fields; several workers on one database share the runs."""

    name: str
    cron: str
    act: Callable[[], None]


class Engine:
    """Runs schedules until it is closed. One a process; `run` alone starts it."""

    def __init__(
        self, database: str, schedules: Sequence[Schedule], *, zone: str, sqlite: Sqlite | None = None
    ) -> None:
        self._database = database
        self._sqlite = sqlite
        self._schedules = schedules
        self._zone = zone
        self._acts = {schedule.name: schedule.act for schedule in schedules}

    def start(self) -> None:
        """Prepares DBOS's tables and starts its scheduler."""
        from dbos import DBOS, DBOSPortableJSONSerializer

        log_through_root()
        config: Any = {  # a TypedDict that takes no parts
            "name": "threatstamp",
            "serializer": DBOSPortableJSONSerializer(),
            "application_version": VERSION,
            # a new name each time: what a dead worker had begun is begun anew by its next schedule
            "executor_id": uuid.uuid4().hex,
            "log_level": "WARNING",
            "enable_otlp": False,
            "notification_listener_polling_interval_sec": 30.0,
            "max_executor_threads": 8,
            **_place(self._database, self._sqlite),
        }
        DBOS(config=config)
        acts = self._acts

        @DBOS.workflow(name="threatstamp_schedule")
        def run(scheduled: datetime, context: Any) -> None:
            acts[str(context)]()

        DBOS.launch()
        DBOS.apply_schedules(
            [
                {
                    "schedule_name": schedule.name,
                    "workflow_fn": run,
                    "schedule": schedule.cron,
                    "context": schedule.name,
                    "cron_timezone": self._zone,
                }
                for schedule in self._schedules
            ]
        )

    def clean(self) -> None:
        """Deletes the engine's own record of old runs."""
        from dbos import DBOS

        before = (datetime.now(UTC) - KEPT).isoformat()
        old = DBOS.list_workflows(end_time=before, limit=10_000, load_input=False, load_output=False)
        if old:
            DBOS.delete_workflows([one.workflow_id for one in old])

    def close(self, timeout: float) -> None:
        """Ends within `timeout` seconds, whatever a run is waiting for."""
        from dbos import DBOS

        def destroy() -> None:
            DBOS.destroy(workflow_completion_timeout_sec=0)

        ending = threading.Thread(target=destroy, daemon=True)
        ending.start()
        ending.join(timeout)


def log_through_root() -> None:
    """Lets DBOS log through the root logger: its own handler would pass by the filter that hides secrets."""
    dbos = logging.getLogger("dbos")
    dbos.setLevel(logging.WARNING)
    dbos.handlers[:] = [logging.NullHandler()]
    dbos.propagate = True


def _place(database: str, sqlite: Sqlite | None) -> dict[str, Any]:
    if not database.startswith("sqlite"):
        address = database.replace("postgresql+psycopg://", "postgresql://", 1)
        return {"system_database_url": address, "sys_db_pool_size": 5}
    return {
        "system_database_url": database,
        "system_database_engine": _sqlite_engine(database, sqlite or installed()),
    }


def _sqlite_engine(database: str, sqlite: Sqlite) -> SqlEngine:
    """An engine of its own on the same file: sharing ours would put transactions into transactions."""
    engine = open_engine(make_url(database), sqlite, pool_size=20, max_overflow=60)

    def prepare(connection: Any, _: object) -> None:
        # as DBOS prepares the engines that it makes itself
        connection.isolation_level = "IMMEDIATE"
        for pragma in (
            f"busy_timeout={int(BUSY * 1000)}",
            "foreign_keys=ON",
            f"journal_mode={sqlite.journal}",
        ):
            connection.execute(f"PRAGMA {pragma}").close()
        if sqlite.version < SUBSEC_CAME:
            connection.create_function("unixepoch", -1, _unixepoch)

    event.listen(engine, "connect", prepare)
    return engine


def _unixepoch(*arguments: object) -> float | int | None:
    if arguments and arguments[0] not in ("now", "subsec"):
        return None
    now = datetime.now(UTC).timestamp()
    return now if "subsec" in arguments else int(now)
