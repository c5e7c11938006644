"""Asks Slack again while it cannot answer: a hiccup at the wrong moment decides nothing."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from threatstamp.core.errors import SlackError
from threatstamp.core.outbox.departure import retry_in

T = TypeVar("T")
log = logging.getLogger(__name__)


def patiently(ask: Callable[[], T], *, wait: Callable[[float], bool], tries: int | None = None) -> T | None:
    """Returns the answer; None if the process is asked to end meanwhile.

    wait: as a clock's. tries: how many at the most. Raises SlackError for what will not pass, or the last.
    """
    attempt = 0
    while True:
        attempt += 1
        try:
            return ask()
        except SlackError as error:
            if error.permanent or attempt == tries:
                raise
            seconds = error.retry_after or retry_in(attempt)
            log.warning("Slack cannot be reached (%s); next try in %.0f s", error.code, seconds)
            if not wait(seconds):
                return None
