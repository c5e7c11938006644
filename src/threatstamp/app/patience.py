"""Retries calls to Slack at start: a short outage must not end a service that has just begun."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from threatstamp.core.errors import SlackError
from threatstamp.core.outbox.departure import retry_in

T = TypeVar("T")
log = logging.getLogger(__name__)


def patiently(ask: Callable[[], T], *, wait: Callable[[float], bool], tries: int | None = None) -> T | None:
    """Returns what `ask` returns, retrying while its errors are temporary; None if the process has to end.

    wait: a clock's. tries: the most attempts, None for no limit.
    Raises SlackError if it is permanent, or that of the last attempt.
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
