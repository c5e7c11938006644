"""What monitoring services are told: a heartbeat while all is well, and pages for those that ask."""

from __future__ import annotations

import errno
import logging
from typing import TYPE_CHECKING

from threatstamp import __version__
from threatstamp.app.desk import Desk
from threatstamp.app.health import Health
from threatstamp.app.vitals import ProcessVitals
from threatstamp.config.addresses import listen_place
from threatstamp.core.errors import PolicyError, StoreError
from threatstamp.desk.views.status import Status, read_status
from threatstamp.http import knock
from threatstamp.render.metrics import metrics_page
from threatstamp.texts.catalogue import Texts

if TYPE_CHECKING:
    from threatstamp.web.health import HealthServer  # at run time only where the file says `listen`

log = logging.getLogger(__name__)

REASONS = {errno.EADDRINUSE: "taken", errno.EACCES: "denied", errno.EADDRNOTAVAIL: "elsewhere"}
"""Why a port cannot be listened on, each with its sentence `listen_…`."""


class Monitoring:
    """Tells what `Health` and `status` say. `start` listens if the settings say where."""

    def __init__(self, desk: Desk, health: Health, *, vitals: ProcessVitals, texts: Texts) -> None:
        self._desk = desk
        self._health = health
        self._vitals = vitals
        self._texts = texts
        self._server: HealthServer | None = None

    @property
    def port(self) -> int | None:
        """The port that is listened on; None if there is none."""
        return self._server.port if self._server is not None else None

    def start(self) -> None:
        """Listens, if the settings say so. Raises PolicyError if that is not possible."""
        slack = self._desk.settings.slack
        place = listen_place(slack.listen) if slack.listen else None
        if place is None:
            return
        from threatstamp.web.health import Answers, HealthServer

        answers = Answers(
            health=lambda: [one.body(self._texts) for one in self._health.symptoms()],
            readiness=lambda: [one.body(self._texts) for one in self._health.unready()],
            metrics=self._metrics if slack.metrics else None,
        )
        server = HealthServer(answers, host=place[0], port=place[1])
        try:
            server.start()
        except OSError as error:
            key = f"config.listen_{REASONS.get(error.errno or 0, 'failed')}"
            raise PolicyError((self._texts(key, place=slack.listen, reason=error.strerror),)) from None
        self._server = server
        log.info("health is served at %s, port %d", place[0], server.port)

    def close(self) -> None:
        if self._server is not None:
            self._server.close()

    def beat(self) -> bool:
        """Requests the heartbeat's address if all is well; False if it is not. Raises StoreError."""
        heartbeat = self._desk.settings.heartbeat
        if not heartbeat:
            return True
        if self._health.unready() or not self._status().ok:
            return False
        wrong = knock(heartbeat)
        if wrong:
            log.warning("the heartbeat's address does not answer: %s", wrong)
        return True

    def _status(self) -> Status:
        tools = self._desk.tools
        with tools.store.reading() as read:
            return read_status(read, self._desk.settings.feeds, now=tools.clock.now())

    def _metrics(self) -> str:
        """Returns the page of numbers; without those of the database if that cannot be read."""
        try:
            status = self._status()
        except StoreError as error:
            log.warning("the metrics have to do without the database: %s", error)
            status = None
        state = self._vitals.socket
        return metrics_page(
            status,
            version=__version__,
            healthy=not self._health.symptoms(),
            connected=bool(state and state.connected),
            started_at=self._vitals.started_at,
        )
