"""A list of Slack's, such as that of all channels, read page by page and never from the beginning again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from threatstamp.core.errors import SlackError
from threatstamp.slack.calls import Calls
from threatstamp.slack.reading import Loose, next_cursor, tables_in

PAGE = 999
"""Slack takes fewer than 1,000 (https://docs.slack.dev/reference/methods/conversations.list)."""

PAGED: Mapping[str, object] = {"limit": PAGE}


class _CursorGoneError(Exception):
    """Slack does not know the cursor any more."""


class Listing:
    """One list. It keeps what it has read: after an error it goes on where it was.

    A big workspace's list has more pages than Slack's rate limit lets pass at once, so a reading that began
    anew after each limit would never end.

    variants: arguments to try in this order, where Slack may refuse the first for want of a scope. A list
    without pages takes no limit.
    """

    def __init__(
        self, calls: Calls, method: str, name: str, *, variants: Sequence[Mapping[str, object]] = (PAGED,)
    ) -> None:
        self._calls = calls
        self._method = method
        self._name = name
        self._variants = tuple(variants)
        self.restart()

    def restart(self) -> None:
        """Forgets everything: the next `rows` reads the list anew."""
        self._rows: list[Loose] = []
        self._cursor = ""
        self._variant = 0
        self.is_whole = False
        """Every page was read, or Slack refused the list for good."""

    def rows(self) -> list[Loose]:
        """Returns the whole list, empty if Slack refuses it for good. Raises SlackError if it may pass."""
        began_anew = False
        while not self.is_whole:
            try:
                self._read_page()
            except _CursorGoneError as error:
                if began_anew:
                    raise SlackError("invalid_cursor", method=self._method) from error
                began_anew = True
                self.restart()
        return self._rows

    def _read_page(self) -> None:
        arguments = self._variants[self._variant]
        try:
            answer = self._calls.get(self._method, cursor=self._cursor or None, **arguments)
        except SlackError as error:
            if not error.permanent:
                raise
            self._refused(error)
            return
        self._rows += tables_in(answer, self._name)
        self._cursor = next_cursor(answer)
        self.is_whole = not self._cursor

    def _refused(self, error: SlackError) -> None:
        if error.code == "invalid_cursor" and self._cursor:  # Slack keeps its cursors for a while only
            raise _CursorGoneError
        if self._variant + 1 < len(self._variants):
            self._variant += 1
        else:
            self.is_whole = True
