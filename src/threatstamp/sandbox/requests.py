"""Events over HTTP: each is posted to the app's request URL, signed, and again until the app says 2xx."""

from __future__ import annotations

import http.client
import json
import secrets
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from urllib.parse import urlencode, urlsplit

from slack_sdk.signature import SignatureVerifier

from threatstamp.sandbox.events import Body, written
from threatstamp.sandbox.faults import Faults
from threatstamp.sandbox.people import TestedApp

SENDERS = 8

SLOW = 0.3
"""Seconds by which a slow request comes after the one that was sent in its place."""

AGENT = "Slackbot 1.0 (+https://api.slack.com/robots)"


class Requests:
    """The app's subscription. touch: is called when something changed that others may wait for.

    Without an answer, or with another one than 2xx, an event is sent again after each of `retries`.
    Source: https://docs.slack.dev/apis/events-api/#retries
    """

    def __init__(self, app: TestedApp, faults: Faults, touch: Callable[[], None]) -> None:
        self._app = app
        self._faults = faults
        self._touch = touch
        self._ended = threading.Event()
        self._senders = ThreadPoolExecutor(SENDERS, thread_name_prefix="requests")
        self.url = ""
        self.patience = 3.0
        """Seconds for an answer."""
        self.retries: tuple[float, ...] = (0.0, 60.0, 300.0)
        """Seconds from each failure to the next attempt."""
        self.answers: list[tuple[str, int]] = []
        """The id of each event that was posted, with the answer's status, 0 where there was none."""

    def subscribe(self, url: str, *, verify: bool = True) -> None:
        """Sends events to this address from now on. verify: it has to answer the challenge first."""
        if verify:
            challenge = secrets.token_urlsafe(40)
            body: Body = {"token": "sandbox", "challenge": challenge, "type": "url_verification"}
            status, text = self.post(url, written(body).encode())
            if (status, text) != (200, challenge):
                raise ValueError(f"the address did not answer the challenge: {status}")
        self.url = url

    def emit(self, payload: Body) -> None:
        """Posts an event, and again for as long as Slack would."""
        self._submit(payload, 0, "")

    def interact(self, payload: Body, *, kind: str, answered: Callable[[Body | None], None]) -> None:
        """Posts an interaction to the address beside that of events, once: Slack does not send it again.

        kind: interactive or slash_commands. answered: takes what the app answers, None if that is no 2xx.
        """
        is_command = kind == "slash_commands"
        url = self.url.removesuffix("/events") + ("/commands" if is_command else "/interactions")
        body = urlencode(payload if is_command else {"payload": written(payload)}).encode()

        def post() -> None:
            with suppress(OSError):
                status, text = self.post(url, body, content_type="application/x-www-form-urlencoded")
                answered(read_answer(text) if 200 <= status < 300 else None)

        with suppress(RuntimeError):  # it is closed
            self._senders.submit(post)

    def post(
        self,
        url: str,
        body: bytes,
        *,
        content_type: str = "application/json",
        headers: dict[str, str] | None = None,
    ) -> tuple[int, str]:
        """Posts a body as Slack does, signed; returns status and text. Raises OSError without an answer."""
        at = str(int(time.time()))
        signature = SignatureVerifier(self._app.signing_secret).generate_signature(timestamp=at, body=body)
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(str(parts.hostname), parts.port or 80, timeout=self.patience)
        signed = {
            "User-Agent": AGENT,
            "Content-Type": content_type,
            "X-Slack-Request-Timestamp": at,
            "X-Slack-Signature": str(signature),
            **(headers or {}),
        }
        try:
            connection.request("POST", parts.path, body, signed)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        except http.client.HTTPException as error:
            raise ConnectionError(type(error).__name__) from None
        finally:
            connection.close()

    def close(self) -> None:
        self._ended.set()
        self._senders.shutdown(wait=False, cancel_futures=True)

    def _attempt(self, payload: Body, number: int, reason: str) -> None:
        again = {"X-Slack-Retry-Num": str(number), "X-Slack-Retry-Reason": reason} if number else {}
        reason = self._try(payload, again)
        if not reason or number == len(self.retries) or self._ended.is_set():
            return
        self._later(self.retries[number], lambda: self._submit(payload, number + 1, reason))

    def _submit(self, payload: Body, number: int, reason: str) -> None:
        with suppress(RuntimeError):  # it is closed
            self._senders.submit(self._attempt, payload, number, reason)

    @staticmethod
    def _later(seconds: float, act: Callable[[], object]) -> None:
        waiting = threading.Timer(seconds, act)
        waiting.daemon = True
        waiting.start()

    def _try(self, payload: Body, headers: dict[str, str]) -> str:
        """Returns why the event has to be sent again, "" if it has arrived."""
        event = payload["event"]
        fault = self._faults.of_request(str(event["type"]) if isinstance(event, dict) else "")
        if fault == "unreached":
            return "http_error"
        if fault == "slow":
            self._later(SLOW, lambda: self._post_event(payload, headers))
            return "http_timeout"
        status, reason = self._post_event(payload, headers)
        if fault == "unanswered":
            return "http_timeout"
        return reason or ("" if 200 <= status < 300 else "http_error")

    def _post_event(self, payload: Body, headers: dict[str, str]) -> tuple[int, str]:
        """Returns the answer's status, or 0 and why there was none."""
        status, reason = 0, ""
        try:
            status, _ = self.post(self.url, written(payload).encode(), headers=headers)
        except TimeoutError:
            reason = "http_timeout"
        except OSError:
            reason = "connection_failed"
        self.answers.append((str(payload["event_id"]), status))
        self._touch()
        return status, reason


def read_answer(text: str) -> Body:
    """Returns what the app said over HTTP; plain text is a message."""
    try:
        found = json.loads(text) if text else {}
    except ValueError:
        return {"text": text}
    return found if isinstance(found, dict) else {}
