"""A tracker of the settings, opened; nothing is asked of it yet."""

from __future__ import annotations

import os
from collections.abc import Mapping

from threatstamp.config.trackers import TrackerKind, TrackerSettings
from threatstamp.core.errors import TrackerError
from threatstamp.core.ids import Key
from threatstamp.core.time import Micros
from threatstamp.desk.ports.tickets import MadeTicket, TicketDraft, TicketLook
from threatstamp.tickets.asking import Api, TrackerClient
from threatstamp.tickets.backlog import Backlog
from threatstamp.tickets.github import GitHub
from threatstamp.tickets.jira import Jira, jira_headers
from threatstamp.tickets.webhook import Webhook

GITHUB_HEADERS = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}


def open_tracker(tracker: TrackerSettings, environ: Mapping[str, str] = os.environ) -> TrackerClient:
    """Returns the client of a tracker. environ: for the proxy. Raises PolicyError for SSL_CERT_FILE."""
    secret = tracker.secret.reveal() if tracker.secret else ""
    if not tracker.url or (tracker.needs_secret and not secret):
        return UnsetTracker()
    base, bearer = tracker.url, {"Authorization": f"Bearer {secret}"} if secret else {}
    match tracker.kind:
        case TrackerKind.GITHUB:
            api = Api(base, headers={**GITHUB_HEADERS, **bearer}, environ=environ)
            return GitHub(api, repository=tracker.project)
        case TrackerKind.JIRA:
            api = Api(base, headers=jira_headers(tracker.account, secret), environ=environ)
            return Jira(api, base=base, project=tracker.project, type=tracker.type)
        case TrackerKind.BACKLOG:
            api = Api(base, headers={}, query=(("apiKey", secret),), environ=environ)
            return Backlog(api, base=base, project=tracker.project, type=tracker.type)
        case TrackerKind.WEBHOOK:
            return Webhook(Api(base, headers=bearer, environ=environ))


class UnsetTracker:
    """A tracker whose variables of the environment are not set: everything is refused."""

    can_be_asked = True

    def make(self, draft: TicketDraft) -> MadeTicket:
        raise self._error()

    def find(self, key: Key, *, since: Micros) -> MadeTicket | None:
        raise self._error()

    def look(self, number: str, mark: str) -> TicketLook:
        raise self._error()

    def check(self) -> None:
        raise self._error()

    def close(self) -> None:
        """Nothing is open."""

    def _error(self) -> TrackerError:
        return TrackerError("tracker_environment", permanent=True)
