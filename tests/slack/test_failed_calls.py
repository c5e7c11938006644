"""Why a call of Slack failed: whatever Python or a server says becomes a code with words in both languages."""

from __future__ import annotations

import http.client
import ssl
from typing import cast

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from threatstamp.core.errors import SlackError
from threatstamp.slack.calls import Calls
from threatstamp.texts.catalogue import Language, Texts
from threatstamp.texts.codes import say_code


class Answer:
    """What slack_sdk puts beside an error."""

    def __init__(self, status: int, error: str = "") -> None:
        self.status_code = status
        self.data = {"error": error}
        self.headers: dict[str, str] = {}


class Failing:
    """A client whose every call ends with the same error."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def api_call(self, method: str, **_: object) -> object:
        raise self._error


def refused(status: int, error: str = "") -> SlackApiError:
    return SlackApiError("refused", Answer(status, error))  # type: ignore[no-untyped-call]


@pytest.mark.parametrize(
    ("error", "code", "may_have_arrived"),
    [
        (ConnectionRefusedError(), "connection", False),
        (ConnectionResetError(), "connection", True),
        (http.client.RemoteDisconnected(""), "connection", True),
        (TimeoutError(), "timeout", True),
        (ssl.SSLCertVerificationError("self-signed certificate"), "certificate", False),
        (
            OSError("Tunnel connection failed: 407 Proxy Authentication Required"),
            "proxy_authentication",
            False,
        ),
        (OSError("Tunnel connection failed: 403 Forbidden"), "proxy_refused", False),
        (refused(407), "proxy_authentication", False),
        (refused(429), "ratelimited", False),
        (refused(503), "http_503", True),
        (refused(200, "<html>"), "bad_answer", True),
        (SlackClientError("not JSON"), "bad_answer", True),
    ],
)
def test_a_call_that_failed_has_a_code_with_words(
    error: Exception, code: str, may_have_arrived: bool
) -> None:
    calls = Calls("xoxb-1", api_url="http://127.0.0.1:9/api/", timeout=1)
    calls.web = cast(WebClient, Failing(error))
    with pytest.raises(SlackError) as caught:
        calls.post("chat.postMessage")
    assert (caught.value.code, caught.value.ambiguous) == (code, may_have_arrived)
    for language in Language:
        texts = Texts(language)
        assert say_code(texts, code) != texts("codes._other", code=code)
