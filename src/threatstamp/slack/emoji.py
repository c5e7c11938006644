"""The workspace's own emoji: aliases are resolved; the list is read again when it changes."""

from __future__ import annotations

import threading

from threatstamp.core.errors import SlackError
from threatstamp.core.ids import Emoji
from threatstamp.slack.calls import Calls
from threatstamp.texts.emoji import canonical


class EmojiNames:
    """Canonical names. Without the scope emoji:read only standard aliases are known."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._lock = threading.Lock()
        self._custom: dict[str, str] = {}

    def canonical(self, name: str) -> Emoji:
        return canonical(name, self._custom)

    def refresh(self) -> None:
        """Reads the custom emoji. Raises SlackError; the names known before stay."""
        answer = self._calls.get("emoji.list")
        found = answer.get("emoji")
        if isinstance(found, dict):
            with self._lock:
                self._custom = {str(name): str(value) for name, value in found.items()}

    def try_refresh(self) -> None:
        try:
            self.refresh()
        except SlackError:
            return  # the names known before stay; `check` reports a missing scope

    def has(self, name: str) -> bool:
        return name in self._custom

    def names(self) -> tuple[str, ...]:
        return tuple(self._custom)
