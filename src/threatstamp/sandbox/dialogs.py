"""Interactivity: clicks, menus, dialogs, slash commands and shortcuts, and what the app answers to them.

Source: https://docs.slack.dev/interactivity/handling-user-interaction
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from threatstamp.sandbox import events
from threatstamp.sandbox.events import Body
from threatstamp.sandbox.refusal import RefusedError
from threatstamp.sandbox.responses import Responses
from threatstamp.sandbox.views import check_view, state_of

TRIGGER_LIVES = 3.0
"""Seconds within which a trigger_id is good for a dialog, and the app has to answer."""

MOST_PUSHED = 3
_numbers = itertools.count(1)

Answered = Callable[[Body | None], None]
"""Takes what the app answered; None if it did not in time."""


@dataclass(slots=True, kw_only=True)
class Trigger:
    """What lets the app open a dialog. used: each does so once."""

    user: str
    at: float
    used: bool = False


@dataclass(slots=True, kw_only=True)
class Screen:
    """The dialogs that one person has open, the uppermost last, and the app's home as they see it."""

    views: list[Body] = field(default_factory=list)
    home: Body | None = None


class Dialogs(Responses):
    """What people do with what the app shows them."""

    def __init__(
        self, team: str = "T0SANDBOX", *, language: Literal["ja", "en"] = "ja", name: str = "Sandbox"
    ) -> None:
        super().__init__(team, language=language, name=name)
        self.trigger_lives = TRIGGER_LIVES
        self._triggers: dict[str, Trigger] = {}
        self._screens: dict[str, Screen] = {}

    # -- what people do ---------------------------------------------------------------------------------

    def click(self, user: str, channel: str, ts: str, action_id: str, value: str = "") -> None:
        """Somebody presses a button of a message, or chooses `value` in a menu."""
        with self._change():
            message = self.private_message(channel, ts) or self.shown(channel, ts)
            if message.get("ephemeral_to", user) != user:
                raise RefusedError("message_not_found")
            action = events.action(message, action_id, value)
            if action is None:
                raise RefusedError("action_not_found")
            url = self.new_response_url(user, channel, ts)
            at, where = self.new_ts(), self.channels[channel]
            body = events.block_actions(where, message, action, at, response_url=url)
        self._send(user, body)

    def click_home(self, user: str, action_id: str, value: str = "") -> None:
        """Somebody presses a button in the app's home, or chooses `value` in a menu there."""
        with self._change():
            view = self.home(user)
            action = None if view is None else events.action(view, action_id, value)
            if view is None or action is None:
                raise RefusedError("action_not_found")
            body = events.view_actions(view, action, self.new_ts())
        self._send(user, body)

    def submit(self, user: str, values: Mapping[str, object]) -> None:
        """Somebody submits the dialog they have open. values: by block id."""
        with self._change():
            view = self.view(user)
            if view is None:
                raise RefusedError("view_not_found")
            shown = {**view, "state": {"values": state_of(view, values)}}
            body: Body = {"type": "view_submission", "view": shown, "response_urls": []}
        self._send(user, body, answered=lambda answer: self._submitted(user, view, answer))

    def close_view(self, user: str) -> None:
        """Somebody closes the dialog without submitting it."""
        with self._change():
            view = self.view(user)
            if view is None:
                return
            self._screens[user].views.pop()
            self._tell_view(user)
        if view.get("notify_on_close"):
            self._send(user, {"type": "view_closed", "view": view, "is_cleared": False})

    def command(self, user: str, channel: str, text: str) -> None:
        """Somebody writes a slash command: "/threatstamp case list"."""
        name, _, rest = text.strip().partition(" ")
        where = self.channels[channel]
        body: Body = {
            "command": name,
            "text": rest.strip(),
            "user_id": user,
            "user_name": self.users[user].name,
            "team_id": self.team,
            "team_domain": "sandbox",
            "channel_id": channel,
            "channel_name": where.name,
            "api_app_id": self.app.id,
            "token": "sandbox",
            "is_enterprise_install": "false",
            "response_url": self.new_response_url(user, channel),
            "trigger_id": self.new_trigger(user),
        }

        def answered(answer: Body | None) -> None:
            if answer is None:
                self._tell_page({"type": "unanswered", "user": user})
            elif answer.get("text"):
                self.put_ephemeral(channel, user, {**self._author(), **answer})

        self._carry(body, "slash_commands", answered)

    def shortcut(self, user: str, channel: str, ts: str, callback_id: str) -> None:
        """Somebody chooses an entry of the app in a message's menu."""
        with self._change():
            message = self.shown(channel, ts)
            where = self.channels[channel]
        body: Body = {
            "type": "message_action",
            "callback_id": callback_id,
            "action_ts": self.new_ts(),
            "message_ts": ts,
            "channel": {"id": channel, "name": where.name},
            "message": message,
            "response_url": self.new_response_url(user, channel, ts),
        }
        self._send(user, body)

    def open_home(self, user: str) -> None:
        """Somebody opens the app's home (https://docs.slack.dev/reference/events/app_home_opened)."""
        with self._change():
            event: Body = {"type": "app_home_opened", "user": user, "channel": f"D{user[1:]}", "tab": "home"}
            self._emit({**event, "event_ts": self.new_ts()})

    def view(self, user: str) -> Body | None:
        """Returns the dialog that somebody sees."""
        with self.changed:
            views = self._screen(user).views
            return views[-1] if views else None

    def home(self, user: str) -> Body | None:
        """Returns the app's home as somebody sees it."""
        with self.changed:
            return self._screen(user).home

    # -- what the app does ------------------------------------------------------------------------------

    def open_view(self, trigger_id: str, view: object, *, push: bool = False) -> Body:
        """The app opens a dialog for whom a trigger names. Raises RefusedError."""
        with self._change():
            checked = check_view(view, kinds=("modal",))
            user = self._exchange(trigger_id)
            screen = self._screen(user)
            if push and not screen.views:
                raise RefusedError("not_found")
            if push and len(screen.views) >= MOST_PUSHED:
                raise RefusedError("push_limit_reached")
            made = self._made(checked)
            screen.views = [*screen.views, made] if push else [made]
            self._tell_view(user)
            return made

    def update_view(self, view_id: str, view: object, known: str) -> Body:
        """The app changes a dialog. known: the hash it believes it to have, if any. Raises RefusedError."""
        with self._change():
            checked = check_view(view, kinds=("modal",))
            for user, screen in self._screens.items():
                for at, one in enumerate(screen.views):
                    if one["id"] == view_id:
                        if known and known != one["hash"]:
                            raise RefusedError("hash_conflict")
                        screen.views[at] = {**self._made(checked), "id": view_id}
                        self._tell_view(user)
                        return screen.views[at]
            raise RefusedError("not_found")

    def publish_view(self, user: str, view: object) -> Body:
        """The app changes its home for somebody. Raises RefusedError."""
        with self._change():
            made = self._made(check_view(view, kinds=("home",)))
            self._screen(user).home = made
            self._tell_page({"type": "home", "user": user, "view": made})
            return made

    # -- how it travels ---------------------------------------------------------------------------------

    def _submitted(self, user: str, view: Body, answer: Body | None) -> None:
        with self._change():
            if self.view(user) is not view:
                return
            views = self._screens[user].views
            action = (answer or {}).get("response_action")
            if answer is None:
                self._tell_page({"type": "unanswered", "user": user})
            elif action == "errors":
                self._tell_page({"type": "view_errors", "user": user, "errors": answer["errors"]})
                view["errors"] = answer["errors"]
            elif action in ("update", "push"):
                made = self._made(check_view(answer["view"], kinds=("modal",)))
                views[-1:] = [made] if action == "update" else [view, made]
                self._tell_view(user)
            else:
                views[:] = [] if action == "clear" else views[:-1]
                self._tell_view(user)

    def _send(self, user: str, body: Body, *, answered: Answered | None = None) -> None:
        """Sends an interaction once: Slack does not send it again if nobody acknowledges it."""
        who = self.users[user]
        common: Body = {
            "user": {"id": user, "username": who.name, "name": who.name, "team_id": self.team},
            "team": {"id": self.team, "domain": "sandbox"},
            "api_app_id": self.app.id,
            "token": "sandbox",
            "enterprise": None,
            "is_enterprise_install": False,
            "trigger_id": self.new_trigger(user),
        }

        def lost(answer: Body | None) -> None:
            if answer is None:
                self._tell_page({"type": "unanswered", "user": user})

        self._carry({**common, **body}, "interactive", answered or lost)

    def _carry(self, body: Body, kind: str, answered: Answered) -> None:
        once = _Once(answered, self.trigger_lives)
        (self.requests if self.requests.url else self.sockets).interact(body, kind=kind, answered=once)

    def new_trigger(self, user: str) -> str:
        """Returns what lets the app open one dialog for somebody, as each interaction brings it."""
        with self.changed:
            number = f"{next(_numbers)}.1395872398.sandbox"
            self._triggers[number] = Trigger(user=user, at=time.monotonic())
            return number

    def _exchange(self, trigger_id: str) -> str:
        found = self._triggers.get(trigger_id)
        if found is None:
            raise RefusedError("invalid_trigger_id")
        if found.used:
            raise RefusedError("exchanged_trigger_id")
        if time.monotonic() - found.at > self.trigger_lives:
            raise RefusedError("expired_trigger_id")
        found.used = True
        return found.user

    def _made(self, view: Body) -> Body:
        number = next(_numbers)
        ours: Body = {"team_id": self.team, "app_id": self.app.id, "bot_id": self.app.bot_id}
        return {"state": {"values": {}}, **view, **ours, "id": f"V{number:09d}", "hash": f"{number}.h"}

    def _screen(self, user: str) -> Screen:
        return self._screens.setdefault(user, Screen())

    def _tell_view(self, user: str) -> None:
        self._tell_page({"type": "view", "user": user, "view": self.view(user)})


class _Once:
    """Hands an answer on, the first that comes; none if none came in time."""

    def __init__(self, then: Answered, seconds: float) -> None:
        self._then = then
        self._lock = threading.Lock()
        self._done = False
        self._timer = threading.Timer(seconds, self, (None,))
        self._timer.daemon = True
        self._timer.start()

    def __call__(self, answer: Body | None) -> None:
        with self._lock:
            if self._done:
                return
            self._done = True
        self._timer.cancel()
        self._then(answer)
