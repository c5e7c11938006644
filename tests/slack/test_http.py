"""What Slack requests over HTTP: who is believed, what is kept, and what is answered."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as some
from slack_sdk.signature import SignatureVerifier

from tests.support.fakes import FakeClock
from threatstamp.core.errors import StoreError
from threatstamp.core.time import SECOND
from threatstamp.slack.http import HttpEvents, is_signed
from threatstamp.slack.socket import SocketState

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
EVENT = {"type": "event_callback", "event_id": "Ev1", "event": {"type": "reaction_added", "user": "U0YAMADA"}}
JSON, FORM = "application/json", "application/x-www-form-urlencoded"


class Desk:
    """What is behind the requests: remembers what was taken, and fails with `error`."""

    def __init__(self) -> None:
        self.clock = FakeClock(1_764_000_000 * SECOND)
        self.taken: list[Mapping[str, object]] = []
        self.states: list[SocketState] = []
        self.error: Exception | None = None
        self.http = HttpEvents(
            signing_secret=SECRET, take=self.take, on_state=self.states.append, clock=self.clock
        )

    def take(self, body: Mapping[str, object]) -> None:
        if self.error is not None:
            raise self.error
        self.taken.append(body)

    def post(
        self,
        body: object,
        *,
        place: str = "events",
        kind: str = JSON,
        late: int = 0,
        secret: str = SECRET,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, str]:
        """Posts as Slack does. late: seconds by which the request's time is behind."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        signed = {**signature(content, self.clock.now() // SECOND - late, secret), "content-type": kind}
        status, text = self.http.answer(place, {**signed, **(headers or {})}, content)
        return int(status), text


def signature(body: bytes, at: int, secret: str = SECRET) -> dict[str, str]:
    """Returns Slack's headers, by Slack's own library."""
    made = SignatureVerifier(secret).generate_signature(timestamp=str(at), body=body)
    return {"x-slack-request-timestamp": str(at), "x-slack-signature": str(made)}


@pytest.fixture
def desk() -> Desk:
    made = Desk()
    made.http.start()
    return made


def test_an_event_is_taken_and_then_answered_also_one_that_is_sent_again(desk: Desk) -> None:
    assert desk.post(EVENT) == (200, "")
    again = {"x-slack-retry-num": "1", "x-slack-retry-reason": "http_timeout"}
    assert desk.post(EVENT, headers=again) == (200, "")
    assert desk.taken == [EVENT, EVENT]
    assert [state.connected for state in desk.states] == [True]


def test_what_cannot_be_kept_is_sent_again(desk: Desk) -> None:
    desk.error = StoreError("the disk is full")
    assert desk.post(EVENT)[0] == 503


def test_before_the_start_and_after_the_end_events_come_again_and_the_url_can_be_verified() -> None:
    desk = Desk()
    assert desk.post(EVENT)[0] == 503
    challenge = {"type": "url_verification", "token": "x", "challenge": "abc"}
    assert desk.post(challenge) == (200, "abc")
    desk.http.start()
    assert desk.post(EVENT)[0] == 200
    desk.http.close(1.0)
    assert desk.post(EVENT)[0] == 503
    assert len(desk.taken) == 1


@pytest.mark.parametrize("place", ["events", "interactions", "commands"])
@pytest.mark.parametrize(
    "headers",
    [
        {"x-slack-signature": ""},
        {"x-slack-signature": "v0=é"},
        {"x-slack-signature": "v0=" + "0" * 64},
        {"x-slack-request-timestamp": ""},
        {"x-slack-request-timestamp": "soon"},
        {"x-slack-request-timestamp": "１７００００００００"},
        {"x-slack-request-timestamp": "9" * 5000},
    ],
)
def test_a_wrong_signature_is_refused_and_changes_nothing(
    desk: Desk, place: str, headers: dict[str, str]
) -> None:
    for body in (EVENT, {"type": "url_verification", "challenge": "abc"}):
        assert desk.post(body, place=place, headers=headers)[0] == 401
        assert desk.post(body, place=place, secret="another")[0] == 401
    assert desk.taken == []


def test_a_copy_of_a_request_is_worth_nothing_after_five_minutes(desk: Desk) -> None:
    assert desk.post(EVENT, late=301)[0] == desk.post(EVENT, late=-301)[0] == 401
    assert desk.taken == []


def test_five_minutes_off_are_borne_and_a_changed_body_is_not(desk: Desk) -> None:
    assert desk.post(EVENT, late=300)[0] == desk.post(EVENT, late=-300)[0] == 200
    headers = signature(b"{}", desk.clock.now() // SECOND)
    assert desk.http.answer("events", headers, b"{} ")[0] == 401


@given(body=some.binary(max_size=50), said=some.text(max_size=70), at=some.text(max_size=12))
def test_any_bytes_are_signed_or_not_and_the_check_agrees_with_slacks_own(
    body: bytes, said: str, at: str
) -> None:
    now = FakeClock(1_764_000_000 * SECOND).now()
    headers = {"x-slack-request-timestamp": at, "x-slack-signature": said}
    assert not is_signed(SECRET.encode(), headers, body, now=now)
    try:
        right = signature(body, now // SECOND)
    except UnicodeDecodeError:
        return
    assert is_signed(SECRET.encode(), right, body, now=now)


@pytest.mark.parametrize(
    ("body", "place", "kind", "status"),
    [
        (b"{", "events", JSON, 400),
        (b"[]", "events", JSON, 400),
        (b"\xff\xfe\x00", "events", JSON, 400),
        (b"[" * 100_000, "events", JSON, 400),
        (b'{"type": "event_callback"}', "events", JSON, 400),
        (b'{"type": "event_callback", "event_id": 5}', "events", JSON, 400),
        (b'{"type": "something_new"}', "events", JSON, 200),
        (b'{"type": "app_rate_limited"}', "events", JSON, 200),
        (b"{}", "events", "text/plain", 415),
        (b"{}", "events", "", 415),
        (b"{}", "interactions", JSON, 415),
        (b"payload=%7B", "interactions", FORM, 400),
        (b"a=1&" * 200, "interactions", FORM, 400),
        (b"other=1", "interactions", f"{FORM}; charset=utf-8", 400),
        (b"command=%2Fstamp&text=x", "commands", FORM, 200),
    ],
)
def test_each_kind_of_request_has_its_answer(
    desk: Desk, body: bytes, place: str, kind: str, status: int
) -> None:
    try:
        assert desk.post(body, place=place, kind=kind)[0] == status
    except UnicodeDecodeError:  # Slack's library cannot sign it; that of a wrong signature is all there is
        assert desk.http.answer(place, {"content-type": kind}, body)[0] == 401
    assert desk.taken == []


def test_the_check_of_the_certificate_comes_unsigned_and_gets_nothing_but_200(desk: Desk) -> None:
    body = b"ssl_check=1&token=x"
    assert desk.http.answer("commands", {"content-type": FORM}, body) == (200, "")
    assert desk.http.answer("events", {"content-type": FORM}, body)[0] == 401


def test_a_click_is_kept_before_it_is_answered_and_a_person_hears_if_it_was_not(desk: Desk) -> None:
    form = urlencode({"payload": json.dumps({"type": "block_actions", "actions": []})}).encode()
    assert desk.post(form, place="interactions", kind=FORM) == (200, "")
    assert [one["type"] for one in desk.taken] == ["block_actions"]
    desk.error = StoreError("disk full")
    assert desk.post(form, place="interactions", kind=FORM)[0] == 503
    desk.error = None
    desk.http.close(0.0)
    assert desk.post(form, place="interactions", kind=FORM)[0] == 503
    assert len(desk.taken) == 1


def test_the_log_names_nobody_and_no_secret_and_strangers_cannot_fill_it(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    payload = {"type": "view_closed", "user": {"id": "U0YAMADA", "name": "yamada"}, "token": "tok"}
    assert desk.post(
        urlencode({"payload": json.dumps(payload)}).encode(), place="interactions", kind=FORM
    ) == (
        200,
        "",
    )
    odd = {"payload": json.dumps({"type": "U0YAMADA"})}
    assert desk.post(urlencode(odd).encode(), place="interactions", kind=FORM)[0] == 200
    command = b"command=%2Fyamada&user_name=yamada&user_id=U0YAMADA&token=tok"
    assert desk.post(command, place="commands", kind=FORM)[0] == 200
    for _ in range(20):
        assert desk.post(EVENT, secret="another")[0] == 401
    assert caplog.text.count("wrong signature") == 1
    assert "view_closed" in caplog.text
    for word in ("yamada", "YAMADA", "tok", SECRET):
        assert word not in caplog.text
