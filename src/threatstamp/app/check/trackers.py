"""The trackers: each answers, knows the project, and would take a ticket. None is made."""

from __future__ import annotations

from collections.abc import Iterator

from threatstamp.app.check.finding import Check, Findings
from threatstamp.config.settings import Settings
from threatstamp.config.trackers import TrackerKind
from threatstamp.core.errors import TrackerError
from threatstamp.texts.catalogue import Texts
from threatstamp.texts.codes import say_code
from threatstamp.tickets.opening import open_tracker


def check_trackers(settings: Settings, texts: Texts) -> Iterator[Check]:
    """Yields a check of each tracker. A webhook is not asked: whatever it is sent orders a ticket."""
    found = Findings("trackers", texts)
    for tracker in settings.trackers:
        client = open_tracker(tracker)
        try:
            client.check()
        except TrackerError as error:
            yield found.wrong(tracker.plan.name, say_code(texts, error.code))
        else:
            is_webhook = tracker.kind is TrackerKind.WEBHOOK
            sentence = "check_tracker_webhook" if is_webhook else "check_tracker"
            yield found.good(tracker.plan.name, sentence, project=tracker.project)
        finally:
            client.close()
