"""One call of Slack's Web API: its answer as a table, its failure as a SlackError."""

from __future__ import annotations

import http.client
import re
import ssl
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Protocol

from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web import WebClient

from threatstamp.core.errors import SlackError
from threatstamp.core.secrets import holds_token
from threatstamp.slack.codes import Sort, sort_of
from threatstamp.slack.reading import well_formed_body

_CODE = re.compile(r"[\w.:/-]+")
"""What an error code of Slack looks like."""

_TUNNEL = re.compile(r"Tunnel connection failed: (\d{3})")
"""How http.client says that a proxy opened no tunnel: the status is in the words of an OSError only."""

Answer = Mapping[str, object]


class FollowingClock(Protocol):
    """A clock that Slack's answers set right."""

    def steady(self) -> float: ...
    def follow(self, date: float, *, began: float, ended: float) -> None: ...


class Calls:
    """A WebClient that never repeats a call by itself, and speaks in SlackErrors."""

    def __init__(
        self,
        token: str,
        *,
        api_url: str,
        timeout: float,
        proxy: str | None = None,
        context: ssl.SSLContext | None = None,
        clock: FollowingClock | None = None,
    ) -> None:
        # slack_sdk repeats a call whose connection broke, also one that Slack had accepted
        self.web = WebClient(
            token=token,
            base_url=api_url,
            timeout=max(1, round(timeout)),
            retry_handlers=[],
            proxy=proxy,
            ssl=context,
        )
        if proxy is None:
            self.web.proxy = None  # it looks into the environment itself, and ignores NO_PROXY
        self._clock = clock
        self.scopes: frozenset[str] | None = None
        """What the token may do, by the last answer that said so."""

    def get(self, method: str, **arguments: object) -> Answer:
        return self._call(method, "GET", arguments)[0]

    def get_dated(self, method: str, **arguments: object) -> tuple[Answer, float | None]:
        """Returns an answer with Slack's time of it, in seconds since 1970; None if it has no Date."""
        return self._call(method, "GET", arguments)

    def post(self, method: str, **arguments: object) -> Answer:
        return self._call(method, "POST", arguments)[0]

    def _call(self, method: str, verb: str, arguments: Mapping[str, object]) -> tuple[Answer, float | None]:
        given = {name: value for name, value in arguments.items() if value is not None}
        began = self._clock.steady() if self._clock else 0.0
        try:
            if verb == "GET":
                answer = self.web.api_call(method, http_verb="GET", params=_flat(given))
            else:
                answer = self.web.api_call(method, json=given)
        except SlackApiError as error:
            raise _refused(method, error) from None
        except SlackClientError as error:
            raise SlackError("bad_answer", ambiguous=True, method=method) from error
        except ConnectionRefusedError:
            raise SlackError("connection", method=method) from None
        except TimeoutError:
            raise SlackError("timeout", ambiguous=True, method=method) from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise _unreached(method, error) from None
        date = self._read_headers(answer.headers, began=began)
        return well_formed_body(answer.data), date

    def _read_headers(self, headers: Mapping[str, object], *, began: float) -> float | None:
        named = {name.lower(): value for name, value in headers.items()}
        scopes = named.get("x-oauth-scopes")
        if isinstance(scopes, str):
            self.scopes = frozenset(scope.strip() for scope in scopes.split(",") if scope.strip())
        date = _seconds(named.get("date"))
        if self._clock is not None and date is not None:
            self._clock.follow(date, began=began, ended=self._clock.steady())
        return date


def _seconds(date: object) -> float | None:
    """Returns the time in a Date header as seconds since 1970; None if it says none."""
    try:
        return parsedate_to_datetime(date).timestamp() if isinstance(date, str) else None
    except ValueError:
        return None


def _flat(arguments: Mapping[str, object]) -> dict[str, object]:
    """Returns arguments with booleans as Slack's query strings have them."""
    return {
        name: ("true" if value else "false") if isinstance(value, bool) else value
        for name, value in arguments.items()
    }


def _refused(method: str, error: SlackApiError) -> SlackError:
    answer = error.response
    status = getattr(answer, "status_code", 200) or 200
    data = getattr(answer, "data", None)
    code = data.get("error") if isinstance(data, dict) else None
    if status == 429 or code in ("ratelimited", "rate_limited"):
        return SlackError("ratelimited", retry_after=_retry_after(answer), method=method)
    if status == 407:  # of a proxy that reads what it passes on; one that opens tunnels: `_unreached`
        return SlackError("proxy_authentication", method=method)
    if status >= 500:
        return SlackError(f"http_{status}", ambiguous=True, method=method)
    if not isinstance(code, str) or not _CODE.fullmatch(code) or holds_token(code):
        # a sentence that slack_sdk puts there, or a server that is not Slack and repeats our token: a code
        # goes on record, into alerts and onto terminals
        return SlackError("bad_answer", ambiguous=True, method=method)
    sort = sort_of(code)
    needed = data.get("needed") if isinstance(data, dict) else None
    return SlackError(
        code,
        permanent=sort is Sort.FINAL,
        ambiguous=sort is Sort.UNCLEAR,
        method=method,
        needed=needed if isinstance(needed, str) else "",
    )


def _retry_after(answer: object) -> float:
    headers = getattr(answer, "headers", None) or {}
    for name, value in headers.items():
        if name.lower() == "retry-after":
            first = value[0] if isinstance(value, (list, tuple)) else value
            try:  # an hour at most: https://docs.slack.dev/apis/web-api/rate-limits names no limit
                return min(max(float(first), 0.0), 3600.0)
            except ValueError:
                break
    return 30.0


def _unreached(method: str, error: Exception) -> SlackError:
    reason = getattr(error, "reason", error)
    if isinstance(reason, ConnectionRefusedError):
        return SlackError("connection", method=method)
    if isinstance(reason, TimeoutError):
        return SlackError("timeout", ambiguous=True, method=method)
    if isinstance(reason, ssl.SSLCertVerificationError):
        return SlackError("certificate", method=method)
    tunnel = _TUNNEL.match(str(reason))
    if tunnel is not None:  # nothing of the call has left
        code = "proxy_authentication" if tunnel[1] == "407" else "proxy_refused"
        return SlackError(code, method=method)
    return SlackError("connection", ambiguous=True, method=method)
