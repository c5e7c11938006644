"""Slack's rate limits: a bucket for each method, and one message a second into each channel."""

from __future__ import annotations

import threading
import time

TIERS: dict[str, int] = {
    "conversations.history": 50,
    "conversations.replies": 50,
    "conversations.info": 50,
    "reactions.get": 50,
    "reactions.add": 50,
    "reactions.remove": 20,
    "chat.update": 50,
    "chat.delete": 50,
    "conversations.list": 20,
    "users.list": 20,
    "usergroups.list": 20,
    "usergroups.users.list": 20,
    "emoji.list": 20,
    "users.info": 100,
    "users.lookupByEmail": 50,
    "chat.postEphemeral": 100,
    "conversations.canvases.create": 20,
    "canvases.edit": 50,
    "canvases.sections.lookup": 50,
    "pins.add": 20,
}
BURST = 1.5
"""Slack does not say how much above a tier it lets pass for a moment; half as much again is lenient."""

MESSAGE_BURST = 5.0


class Limits:
    """Buckets that fill with time. `small_pages`: the limit of 2025 for apps outside the Marketplace."""

    def __init__(self) -> None:
        self.on = True
        self.small_pages = False
        self.small_period = 60.0
        self._lock = threading.Lock()
        self._buckets: dict[str, tuple[float, float]] = {}

    def off(self) -> None:
        self.on = False

    def wait(self, method: str, channel: str | None) -> float | None:
        """Takes a place for this call; returns the seconds to wait if there is none."""
        if self.small_pages and method in ("conversations.history", "conversations.replies"):
            return self._take(method, most=1.0, period=self.small_period)
        if not self.on:
            return None
        if method == "chat.postMessage":
            return self._take(f"{method}|{channel}", most=MESSAGE_BURST, period=1.0)
        tier = TIERS.get(method)
        return None if tier is None else self._take(method, most=tier * BURST, period=60.0 / tier)

    def _take(self, name: str, *, most: float, period: float) -> float | None:
        now = time.monotonic()
        with self._lock:
            left, at = self._buckets.get(name, (most, now))
            left = min(most, left + (now - at) / period)
            if left < 1.0:
                self._buckets[name] = (left, now)
                return (1.0 - left) * period
            self._buckets[name] = (left - 1.0, now)
            return None
