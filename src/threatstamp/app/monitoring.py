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
    from threatstamp.web.server import WebServer  # at run time only where the file says `listen`
    from threatstamp.web.slack import Answer

log = logging.getLogger(__name__)

REASONS = {errno.EADDRINUSE: "taken", errno.EACCES: "denied", errno.EADDRNOTAVAIL: "elsewhere"}
"""Why a port cannot be listened on, each with its sentence `listen_…`."""


def listen_problem(error: OSError, place: str, texts: Texts) -> str:
    """Returns the sentence for a place where it is not possible to listen."""
    key = f"config.listen_{REASONS.get(error.errno or 0, 'failed')}"
    return texts(key, place=place, reason=error.strerror)


class Monitoring:
    """Tells what `Health` and `status` say. `start` listens if the settings say where."""

    def __init__(
        self,
        desk: Desk,
        health: Health,
        *,
        vitals: ProcessVitals,
        texts: Texts,
        slack: Answer | None = None,
    ) -> None:
        """slack: answers Slack's requests at the same place; None if events do not come over HTTP."""
        self._desk = desk
        self._health = health
        self._vitals = vitals
        self._texts = texts
        self._slack = slack
        self._server: WebServer | None = None

    @property
    def port(self) -> int | None:
        """The port that is listened on; None if there is none."""
        return self._server.port if self._server is not None else None

    @property
    def is_serving(self) -> bool:
        """True while pages are answered."""
        return self._server is not None and self._server.is_alive

    def start(self) -> None:
        """Listens, if the settings say so. Raises PolicyError if that is not possible."""
        slack = self._desk.settings.slack
        place = listen_place(slack.listen) if slack.listen else None
        if place is None:
            return
        from threatstamp.web.health import Answers, health_routes
        from threatstamp.web.server import WebServer
        from threatstamp.web.slack import slack_routes

        answers = Answers(
            health=lambda: [one.body(self._texts) for one in self._health.symptoms()],
            readiness=lambda: [one.body(self._texts) for one in self._health.unready()],
            metrics=self._metrics if slack.metrics else None,
        )
        routes = health_routes(answers) + (slack_routes(self._slack) if self._slack is not None else [])
        server = WebServer(routes, host=place[0], port=place[1])
        try:
            server.start()
        except OSError as error:
            raise PolicyError((listen_problem(error, str(slack.listen), self._texts),)) from None
        self._server = server
        what = "health is served" if self._slack is None else "health and Slack's events are served"
        log.info("%s at %s, port %d", what, place[0], server.port)

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
