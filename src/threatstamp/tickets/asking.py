"""What the APIs of all trackers have in common: JSON over the guarded client, and refusals in our own words.

The client follows no redirect, so an answer leads nowhere that the operator has not named. What a server
says in a refusal is shown to nobody: it may repeat a secret.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, cast
from urllib.parse import urlencode

from threatstamp.core.errors import TrackerError
from threatstamp.desk.ports.tickets import Tracker
from threatstamp.http.client import Client
from threatstamp.http.errors import ExchangeError, StoppedError
from threatstamp.http.guard import EVERYWHERE
from threatstamp.http.patience import LONGEST, read_retry_after
from threatstamp.http.question import Answer, Method, Question
from threatstamp.http.target import read_target

TIMEOUT = 15.0
"""Seconds of one exchange; LONGEST_CALL of the step is for all that making one ticket takes."""

MOST = 16_000_000
"""Bytes of an answer: a hundred tickets with long texts."""

PAGE, MOST_PAGES = 100, 5
"""Tickets on one page, and the pages that are looked through for one that may have been made."""

SLACK = 3_600.0
"""Seconds by which the tracker's clock may differ from ours where it is asked for what is new."""

_LIMIT_WAIT = 60.0
_CODES = {
    400: "tracker_fields",
    401: "tracker_unauthorized",
    403: "tracker_forbidden",
    404: "tracker_not_found",
    410: "tracker_closed",
    422: "tracker_fields",
}

Pairs = Sequence[tuple[str, str]]


class TrackerClient(Tracker, Protocol):
    """A tracker over the network."""

    def check(self) -> None:
        """Asks whether tickets can be made, and makes none. Raises TrackerError if not."""

    def close(self) -> None:
        """Ends a call that is under way; every later one raises TrackerError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What an API answered. value: the JSON of its body, None where there is none.

    was_written: it was asked to change something, which it has probably done.
    """

    status: int
    value: object
    was_written: bool
    headers: Mapping[str, str] = field(repr=False)


class Api:
    """One API. base: its address, without a slash at the end. headers: of each question, secrets among them.

    query: of each question, too.
    """

    def __init__(
        self,
        base: str,
        *,
        headers: Mapping[str, str],
        query: Pairs = (),
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        self._base = base
        self._headers = {"Accept": "application/json", **headers}
        self._query = tuple(query)
        self._client = Client(allow_private=EVERYWHERE, environ=environ)  # the operator chose the address

    def close(self) -> None:
        self._client.close()

    def get(
        self, path: str, *, query: Pairs = (), mark: str = "", beside: frozenset[int] = frozenset()
    ) -> Said:
        """Reads something. Raises TrackerError.

        mark: an ETag; 304 is answered where nothing has changed. beside: statuses that are no errors.
        """
        headers = {"If-None-Match": mark} if mark else {}
        return self._ask(Method.GET, path, query, headers=headers, content=None, beside=beside | {304})

    def post(
        self,
        path: str,
        *,
        value: object = None,
        form: Pairs | None = None,
        headers: Mapping[str, str] | None = None,
        is_reading: bool = False,
    ) -> Said:
        """Sends JSON, or a form. is_reading: it changes nothing, so a lost answer leaves no doubt.

        Raises TrackerError.
        """
        if form is not None:
            kind, content = "application/x-www-form-urlencoded", urlencode(form).encode()
        else:
            kind, content = "application/json", json.dumps(value, ensure_ascii=False).encode()
        said = {"Content-Type": kind, **(headers or {})}
        try:
            return self._ask(Method.POST, path, (), headers=said, content=content, beside=frozenset())
        except TrackerError as error:
            if is_reading:
                error.ambiguous = False
            raise

    def _ask(
        self,
        method: Method,
        path: str,
        query: Pairs,
        *,
        headers: Mapping[str, str],
        content: bytes | None,
        beside: frozenset[int],
    ) -> Said:
        asked = urlencode((*query, *self._query))
        said = {**self._headers, **headers}
        try:
            question = Question(
                target=read_target(f"{self._base}{path}{'?' if asked else ''}{asked}"),
                method=method,
                headers=tuple((name.encode("latin-1"), one.encode("latin-1")) for name, one in said.items()),
                body=content,
                most=MOST,
                until=time.monotonic() + TIMEOUT,
            )
            answer = self._client.ask(question)
        except ExchangeError as error:
            raise TrackerError("tracker_network", ambiguous=error.is_sent and content is not None) from None
        except StoppedError:
            raise TrackerError("tracker_network", ambiguous=content is not None) from None
        if not answer.is_success and answer.status not in beside:
            raise _refusal(answer, is_writing=content is not None)
        return Said(
            status=answer.status,
            value=_json(answer),
            was_written=content is not None,
            headers=answer.headers,
        )


def table_of(said: Said) -> Mapping[str, object]:
    """Returns an answer that must be an object. Raises TrackerError."""
    if not isinstance(said.value, dict):
        raise TrackerError("tracker_answer", permanent=True, ambiguous=said.was_written)
    return cast(Mapping[str, object], said.value)


def list_of(value: object) -> list[Mapping[str, object]]:
    """Returns the objects of a list. Raises TrackerError for anything else."""
    if not isinstance(value, list):
        raise TrackerError("tracker_answer", permanent=True)
    return [one for one in value if isinstance(one, dict)]


def text_at(value: object, *names: str) -> str:
    """Returns a text or a number within objects, as text; "" if it is not there."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    is_plain = isinstance(value, str | int) and not isinstance(value, bool)
    return str(value) if is_plain else ""


def _json(answer: Answer) -> object:
    try:
        return json.loads(answer.body) if answer.body else None
    except (ValueError, RecursionError):
        return None


def _refusal(answer: Answer, *, is_writing: bool) -> TrackerError:
    """Returns why a tracker refused. A fault of the server leaves open whether it did what it was asked."""
    status, wait = answer.status, _patience(answer)
    if status == 429 or (status == 403 and _is_limit(answer)):
        return TrackerError("tracker_limit", retry_after=wait or _LIMIT_WAIT)
    if status >= 500:
        return TrackerError("tracker_server", retry_after=wait, ambiguous=is_writing)
    if 300 <= status < 400:
        return TrackerError("tracker_moved", permanent=True)
    return TrackerError(_CODES.get(status, "tracker_refused"), permanent=True)


def _is_limit(answer: Answer) -> bool:
    """True for GitHub's limits, which are 403 or 429.

    https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
    """
    headers = answer.headers
    is_used_up = headers.get("x-ratelimit-remaining") == "0" or "retry-after" in headers
    return is_used_up or "rate limit" in text_at(_json(answer), "message").lower()


def _patience(answer: Answer) -> float | None:
    """Returns the seconds that the tracker wants: by Retry-After, or until its limit is renewed."""
    now = time.time()
    wait = read_retry_after(answer.headers, now)
    renewed = answer.headers.get("x-ratelimit-reset", "")  # seconds since 1970 (GitHub, Backlog)
    if wait is None and renewed.isascii() and renewed.isdigit() and answer.status in (403, 429):
        wait = min(max(float(renewed[:12]) - now, 1.0), LONGEST)
    return wait
