"""The workspace as a whole: people, conversations, and what the desk did in it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeVar

from threatstamp.sandbox.dialogs import Dialogs
from threatstamp.sandbox.messages import Message
from threatstamp.sandbox.roster import Roster

T = TypeVar("T")
PATIENCE = 60.0
"""Seconds to wait for what a desk should do: enough for the busiest machine, since it only ends a hang."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiCall:
    """A call of the Web API as it came in. answer: "ok", or the error, or the fault's kind."""

    method: str
    arguments: dict[str, object]
    at: float
    answer: str


WRITING = frozenset(
    {
        "chat.postMessage",
        "chat.postEphemeral",
        "chat.update",
        "chat.delete",
        "reactions.add",
        "reactions.remove",
        "conversations.canvases.create",
        "canvases.edit",
        "pins.add",
        "views.open",
        "views.publish",
        "views.update",
    }
)
"""Methods of the Web API whose effect people can see."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A line in the page's panel.

    data: the post it is about, if any: `channel`, `ts`, and `title` in words.
    """

    id: int
    at: float
    kind: str
    text: str
    data: object = None

    def body(self) -> Message:
        """Returns the line as the page takes it."""
        return {"id": self.id, "at": self.at, "kind": self.kind, "text": self.text, "data": self.data}


class SandboxWorkspace(Roster, Dialogs):
    """A Slack team in memory, with the app that is tried in it; `wait_for` waits for what that app does."""

    def __init__(
        self, team: str = "T0SANDBOX", *, language: Literal["ja", "en"] = "ja", name: str = "Sandbox"
    ) -> None:
        super().__init__(team, language=language, name=name)
        self.notes: list[Note] = []
        self.legend: list[Message] = []
        """What the page says of the stamps that a desk knows: `emoji`, `words` for what it does, and the
        `channel` where it does so."""
        self.shortcuts: list[Message] = []
        """The app's entries in the menu of a message: `callback_id`, and `words` for people."""
        self.commands: dict[str, str] = {}
        """A slash command that the page proposes in a channel."""
        self.skip: Callable[[], bool] | None = None
        """Lets what happens next happen now; False if nothing is left. None: nothing happens by itself."""
        self.shows_calls = False
        """The page's panel lists what the app writes: for a sandbox whose desk cannot speak to the panel."""
        self._calls: list[ApiCall] = []
        self.add_user(self.app.user_id, self.app.name, self.app.name, bot=True)

    def calls(self, method: str | None = None) -> list[ApiCall]:
        with self.changed:
            return [call for call in self._calls if method in (None, call.method)]

    def wait_for(self, predicate: Callable[[], T], timeout: float = PATIENCE) -> T:
        """Waits until the predicate is true and returns its value; raises TimeoutError otherwise."""
        until = time.monotonic() + timeout
        with self.changed:
            while True:
                value = predicate()
                if value:
                    return value
                left = until - time.monotonic()
                if left <= 0:
                    raise TimeoutError(f"nothing of the kind within {timeout} s")
                self.changed.wait(left)

    def note(self, text: str, *, kind: str = "info", data: object = None) -> None:
        """Writes a line into the page's panel: what the desk did and recorded."""
        with self._change():
            note = Note(id=len(self.notes) + 1, at=time.time(), kind=kind, text=text, data=data)
            self.notes.append(note)
            self._tell_page({"type": "note", "note": note.body()})

    def clear_notes(self) -> None:
        with self._change():
            self.notes.clear()
            self._tell_page({"type": "reset"})

    def note_call(self, method: str, arguments: dict[str, object], answer: str) -> None:
        with self._change():
            self._calls.append(ApiCall(method=method, arguments=arguments, at=time.time(), answer=answer))
        if self.shows_calls and method in WRITING:
            channel = self.channels.get(str(arguments.get("channel", "")))
            words = f"{method} #{channel.name}: {answer}" if channel else f"{method}: {answer}"
            post = str(arguments.get("ts") or arguments.get("timestamp") or "")
            place = {"channel": channel.id, "ts": post} if channel and post else None
            self.note(words, kind="record" if answer == "ok" else "trouble", data=place)
