"""response_url: with each click, shortcut and command the app gets an address that it may write to.

Good for five messages within thirty minutes, without a token, also in channels that the app is not in.
Source: https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from threatstamp.sandbox import events
from threatstamp.sandbox.blockkit import check_blocks
from threatstamp.sandbox.events import Body
from threatstamp.sandbox.refusal import RefusedError
from threatstamp.sandbox.talk import Talk

RESPONSE_LIVES = 1_800.0
"""Seconds for which an address is good."""

MOST_RESPONSES = 5


@dataclass(slots=True, kw_only=True)
class ResponseUrl:
    """Where an answer to one interaction goes. ts: of the message that somebody used, "" for a command."""

    user: str
    channel: str
    ts: str
    at: float
    left: int = MOST_RESPONSES


class Responses(Talk):
    """Answers by response_url. response_base: the server's address."""

    def __init__(
        self, team: str = "T0SANDBOX", *, language: Literal["ja", "en"] = "ja", name: str = "Sandbox"
    ) -> None:
        super().__init__(team, language=language, name=name)
        self.response_base = "http://127.0.0.1"
        self.response_lives = RESPONSE_LIVES
        self._response_urls: dict[str, ResponseUrl] = {}

    def new_response_url(self, user: str, channel: str, ts: str = "") -> str:
        with self.changed:
            number = secrets.token_hex(12)
            self._response_urls[number] = ResponseUrl(user=user, channel=channel, ts=ts, at=time.monotonic())
            return f"{self.response_base}/response/{number}"

    def respond(self, number: str, body: Mapping[str, object]) -> None:
        """The app answers an interaction. Raises RefusedError."""
        with self._change():
            used = self._response_urls.get(number)
            if used is None or time.monotonic() - used.at > self.response_lives:
                raise RefusedError("expired_url")
            if not used.left:
                raise RefusedError("used_url")
            self._respond(used, body)
            used.left -= 1

    def _respond(self, used: ResponseUrl, body: Mapping[str, object]) -> None:
        if body.get("delete_original"):
            self._delete_original(used)
            return
        content = _content(body)
        if body.get("replace_original") and used.ts:
            self._replace_original(used, content)
            return
        author = self._author()
        thread = {"thread_ts": body["thread_ts"]} if body.get("thread_ts") else {}
        if body.get("response_type") == "in_channel":
            thread_ts = str(body["thread_ts"]) if thread else None
            self.put_message(used.channel, {**author, **content}, thread_ts=thread_ts)
        else:
            self.put_ephemeral(used.channel, used.user, {**author, **content, **thread})

    def _delete_original(self, used: ResponseUrl) -> None:
        if self.private_message(used.channel, used.ts) is not None:
            self.drop_ephemeral(used.channel, used.ts)
        else:
            self.delete(used.channel, used.ts)

    def _replace_original(self, used: ResponseUrl, content: Body) -> None:
        if self.private_message(used.channel, used.ts) is not None:
            self.change_ephemeral(used.channel, used.ts, content)
        else:
            edited = {"edited": {"user": self.app.bot_id, "ts": self.new_ts()}}
            self.change_message(used.channel, used.ts, {**content, **edited})

    def _author(self) -> Body:
        app = self.app
        profile = events.bot_profile(app.bot_id, app.name, app.id, self.team)
        return {"user": app.user_id, "bot_id": app.bot_id, "bot_profile": profile}


def _content(body: Mapping[str, object]) -> Body:
    """Returns text and blocks. Raises RefusedError for what Slack would refuse."""
    content: Body = {"text": str(body.get("text") or "")}
    if body.get("blocks"):
        content["blocks"] = check_blocks(body["blocks"])
    if not content["text"] and "blocks" not in content:
        raise RefusedError("no_text")
    return content
