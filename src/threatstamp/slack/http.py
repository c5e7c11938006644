"""Events over HTTP: signed by Slack, and kept durably before Slack is told that they arrived."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from urllib.parse import parse_qs

from threatstamp.core.errors import SlackError, StoreError
from threatstamp.core.time import SECOND, Micros
from threatstamp.desk.ports.time import Clock
from threatstamp.slack.interactions import BUTTONS, COMMAND, SHORTCUT, SUBMISSION
from threatstamp.slack.reading import Loose, text_in
from threatstamp.slack.socket import SocketState, Take

log = logging.getLogger(__name__)

CLOCKS_APART = 300
"""Seconds by which a request's time may differ from ours: an older one could be somebody's copy of it.

Source: https://docs.slack.dev/authentication/verifying-requests-from-slack/
"""

SAY_AGAIN = 60.0
"""Seconds between two lines in the log about requests that are refused: anybody can send them."""

FIELDS = 100
"""The most fields of a form."""

JSON, FORM = "application/json", "application/x-www-form-urlencoded"

INTERACTIONS = frozenset({"shortcut", "view_closed", "block_suggestion"})
"""The types that may be logged: Slack's own words."""

_SECONDS = re.compile(r"[0-9]{1,12}")

Answer = tuple[int, str]
"""Status and text."""


class HttpEvents:
    """Answers what Slack requests. Between `start` and `close` it takes events; else Slack sends them again.

    Nothing here is ever dropped for being a repetition: it may be the only one that arrives. What was taken
    already is the same event in the inbox, or the same facts in the record.
    """

    def __init__(
        self, *, signing_secret: str, take: Take, on_state: Callable[[SocketState], None], clock: Clock
    ) -> None:
        """on_state: told when events can arrive."""
        self._secret = signing_secret.encode()
        self._take = take
        self._on_state = on_state
        self._clock = clock
        self._is_open = False
        self._said_at = -SAY_AGAIN

    def start(self) -> None:
        self._is_open = True
        self._on_state(SocketState(connected=True, since=self._clock.now()))

    def close(self, timeout: float) -> None:
        """Takes nothing more. timeout: not needed."""
        self._is_open = False

    def answer(self, place: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Returns the answer to a POST. place: events, interactions or commands; headers: in lower case."""
        form = None if place == "events" else _form(body)
        if form is not None and form.get("ssl_check") == "1":  # comes unsigned, and asks for nothing
            return HTTPStatus.OK, ""
        if not is_signed(self._secret, headers, body, now=self._clock.now()):
            self._say_refused()
            return HTTPStatus.UNAUTHORIZED, "wrong signature or time"
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != (JSON if place == "events" else FORM):
            return HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "wrong content type"
        if place == "commands":
            return self._command(form or {})
        content = _table(body if form is None else form.get("payload", ""))
        if content is None:
            return HTTPStatus.BAD_REQUEST, "malformed"
        return self._event(content) if place == "events" else self._interaction(content)

    def _event(self, body: Loose) -> Answer:
        kind = text_in(body, "type")
        if kind == "url_verification":
            log.info("Slack verified the request URL")
            return HTTPStatus.OK, text_in(body, "challenge")
        if kind != "event_callback":
            if kind == "app_rate_limited":
                log.warning("Slack holds back events, because there are too many; a sweep finds them")
            return HTTPStatus.OK, ""
        if not text_in(body, "event_id"):
            return HTTPStatus.BAD_REQUEST, "no event_id"
        return self._kept(body)

    def _command(self, form: Loose) -> Answer:
        if form.get("command") == COMMAND:
            return self._kept(form)
        log.info("a slash command was acknowledged that the desk does not have")
        return HTTPStatus.OK, ""

    def _interaction(self, body: Loose) -> Answer:
        kind = text_in(body, "type")
        if kind in (BUTTONS, SUBMISSION, SHORTCUT):
            return self._kept(body)
        log.info("an interaction (%s) was acknowledged", kind if kind in INTERACTIONS else "of unknown type")
        return HTTPStatus.OK, ""

    def _kept(self, body: Loose) -> Answer:
        if not self._is_open:
            return HTTPStatus.SERVICE_UNAVAILABLE, "starting or ending"
        try:
            answer = self._take(body)
        except (StoreError, SlackError):
            # has been logged; Slack sends an event again, and tells a person that a click failed
            return HTTPStatus.SERVICE_UNAVAILABLE, "not kept"
        return HTTPStatus.OK, json.dumps(answer, ensure_ascii=False) if answer else ""

    def _say_refused(self) -> None:
        now = self._clock.steady()
        if now - self._said_at >= SAY_AGAIN:
            self._said_at = now
            log.warning(
                "a request with a wrong signature or time was refused; if Slack sent it, compare"
                " SLACK_SIGNING_SECRET with the app's page, Basic Information, and this machine's clock"
            )


def is_signed(secret: bytes, headers: Mapping[str, str], body: bytes, *, now: Micros) -> bool:
    """True if a request is Slack's, and from now. headers: names in lower case; body: as it came.

    On bytes throughout: a stranger's header or body that is no text must be a wrong signature, not an error.
    """
    at, said = headers.get("x-slack-request-timestamp", ""), headers.get("x-slack-signature", "")
    if not _SECONDS.fullmatch(at) or abs(now // SECOND - int(at)) > CLOCKS_APART:
        return False
    signed = hmac.new(secret, b"v0:" + at.encode() + b":" + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(b"v0=" + signed.encode(), said.encode(errors="replace"))


def _form(body: bytes) -> dict[str, str]:
    """Returns the fields of a form, each with its first value; {} if it is none."""
    try:
        fields = parse_qs(body.decode(), max_num_fields=FIELDS)
    except ValueError:
        return {}
    return {name: values[0] for name, values in fields.items()}


def _table(text: str | bytes) -> Loose | None:
    """Returns a table of JSON; None if it is anything else."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
