"""Tickets over the APIs of GitHub, Jira Cloud and Backlog, and over a webhook, as their documents say."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest

from tests.support.trackers import ACCOUNT, LOST, TOKEN, FakeTracker, fake_tracker
from threatstamp.config.secrets import Secret
from threatstamp.config.trackers import TrackerKind, TrackerSettings
from threatstamp.core.cases.ticket import TrackerPlan, ticket_name
from threatstamp.core.errors import TrackerError
from threatstamp.core.ids import Key, TrackerName
from threatstamp.core.priority.urgency import Priority
from threatstamp.core.time import Micros
from threatstamp.desk.ports.tickets import TicketDraft
from threatstamp.texts.catalogue import Language, Texts
from threatstamp.texts.codes import say_code
from threatstamp.tickets.asking import TrackerClient
from threatstamp.tickets.opening import open_tracker

KEY = Key("0123456789abcdef0123456789abcdef")
DRAFT = TicketDraft(
    key=KEY,
    case=12,
    title="[#12] FortiGate の脆弱性",
    lines=("Threatstamp の案件 #12", "@ciso [x](https://evil.example) <b> ''bold'' &br; #3 {code}"),
    post="https://acme.slack.example/archives/C1/p1",
    post_words="投稿を見る",
    due_on=date(2026, 12, 24),
    priority=Priority.HIGH,
)
ASKED = (TrackerKind.GITHUB, TrackerKind.JIRA, TrackerKind.BACKLOG)
LONG_AGO = Micros(1_700_000_000_000_000)


@pytest.fixture
def server() -> Iterator[FakeTracker]:
    with fake_tracker() as made:
        yield made


def settings(kind: TrackerKind, server: FakeTracker, *, token: str = TOKEN) -> TrackerSettings:
    is_github = kind is TrackerKind.GITHUB
    return TrackerSettings(
        plan=TrackerPlan(name=TrackerName("dev")),
        kind=kind,
        url=f"{server.url}/hook" if kind is TrackerKind.WEBHOOK else server.url,
        project="dev/app" if is_github else "SEC",
        account=ACCOUNT,
        secret=Secret(token),
    )


def opened(kind: TrackerKind, server: FakeTracker, *, token: str = TOKEN) -> TrackerClient:
    return open_tracker(settings(kind, server, token=token), {})


@pytest.mark.parametrize("kind", ASKED)
def test_a_ticket_is_made_found_again_and_followed_until_it_is_closed(
    kind: TrackerKind, server: FakeTracker
) -> None:
    client = opened(kind, server)
    client.check()
    assert client.find(KEY, since=LONG_AGO) is None
    made = client.make(DRAFT)
    assert ticket_name(made.link) == (f"#{made.number}" if kind is TrackerKind.GITHUB else made.number)
    others = json.dumps(server.issues[0])
    server.issues += [json.loads(others.replace(KEY, f"{number:032}")) for number in range(120)]
    assert client.find(KEY, since=LONG_AGO) == made
    look = client.look(made.number, "")
    assert not look.is_closed
    assert not client.look(made.number, look.mark).is_closed
    server.closed.add(1)
    assert client.look(made.number, look.mark).is_closed
    assert client.look("SEC-999" if "-" in made.number else "999", "").is_gone
    client.close()
    with pytest.raises(TrackerError) as caught:
        client.look(made.number, "")
    assert caught.value.code == "tracker_network"


@pytest.mark.parametrize("kind", ASKED)
def test_an_answer_that_is_lost_leaves_a_doubt_that_ends_with_looking(
    kind: TrackerKind, server: FakeTracker
) -> None:
    client = opened(kind, server)
    server.faults += [200, 200, LOST] if kind is TrackerKind.BACKLOG else [LOST]
    with pytest.raises(TrackerError) as caught:
        client.make(DRAFT)
    assert (caught.value.code, caught.value.ambiguous) == ("tracker_network", True)
    assert client.find(KEY, since=LONG_AGO) is not None
    assert len(server.issues) == 1


REFUSALS = {
    400: ("tracker_fields", True, False),
    401: ("tracker_unauthorized", True, False),
    403: ("tracker_forbidden", True, False),
    404: ("tracker_not_found", True, False),
    409: ("tracker_refused", True, False),
    410: ("tracker_closed", True, False),
    422: ("tracker_fields", True, False),
    301: ("tracker_moved", True, False),
    429: ("tracker_limit", False, False),
    503: ("tracker_server", False, True),
}


@pytest.mark.parametrize("status", REFUSALS)
@pytest.mark.parametrize("kind", TrackerKind)
def test_each_refusal_says_what_to_do_and_no_secret(
    kind: TrackerKind, status: int, server: FakeTracker
) -> None:
    client = opened(kind, server)
    server.faults += [200, 200, status] if kind is TrackerKind.BACKLOG else [status]
    server.headers["Location"] = "http://169.254.169.254/latest/meta-data"
    with pytest.raises(TrackerError) as caught:
        client.make(DRAFT)
    error, (code, permanent, ambiguous) = caught.value, REFUSALS[status]
    assert (error.code, error.permanent, error.ambiguous) == (code, permanent, ambiguous)
    assert server.issues == []
    said = "".join(say_code(Texts(language), error.code) for language in Language)
    assert TOKEN not in f"{said}{error!r}{error.__cause__!r}{client!r}{settings(kind, server)!r}"


def test_the_limits_of_github_are_waited_for(server: FakeTracker) -> None:
    client = opened(TrackerKind.GITHUB, server)
    for headers in (
        {"Retry-After": "30"},
        {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "99999999999"},
    ):
        server.headers = dict(headers)
        server.faults.append(403)
        with pytest.raises(TrackerError) as caught:
            client.look("1", "")
        assert caught.value.code == "tracker_limit"
        assert caught.value.retry_after in (30.0, 86_400.0)


def test_what_a_ticket_says_formats_nothing_and_calls_nobody(server: FakeTracker) -> None:
    opened(TrackerKind.GITHUB, server).make(DRAFT)
    opened(TrackerKind.JIRA, server).make(DRAFT)
    for rules in ("backlog", "markdown"):
        server.rules = rules
        opened(TrackerKind.BACKLOG, server).make(DRAFT)
    github, jira, notation, markdown = server.issues
    for text in (github["body"], notation["description"], markdown["description"]):
        assert "@ciso" not in text
        assert "https://evil" not in text
        assert "#3" not in text
        assert KEY in text
    assert "](https" not in github["body"]
    assert "<b>" not in github["body"]
    assert "''" not in notation["description"]
    assert "&br;" not in notation["description"]
    texts = json.dumps(jira["fields"], ensure_ascii=False)
    assert '"mention"' not in texts
    assert texts.count('"href"') == 1
    assert DRAFT.post in texts
    assert KEY not in texts
    assert notation["priorityId"] == "2"
    assert notation["dueDate"] == "2026-12-24"


def test_a_webhook_is_told_twice_by_one_key_and_may_answer_with_a_link(server: FakeTracker) -> None:
    client = opened(TrackerKind.WEBHOOK, server)
    client.check()
    assert server.seen == []
    server.faults.append(LOST)
    with pytest.raises(TrackerError) as caught:
        client.make(DRAFT)
    assert caught.value.ambiguous
    assert not client.can_be_asked
    assert client.find(KEY, since=LONG_AGO) is None
    server.answer = {"number": 7, "link": "https://flows.example/7"}
    made = client.make(DRAFT)
    assert (made.number, made.link, len(server.issues)) == ("7", "https://flows.example/7", 1)
    assert server.said[0]["authorization"] == f"Bearer {TOKEN}"
    server.answer = ["no object", {"link": "javascript:alert(1)"}]
    assert client.make(DRAFT).link == ""
    assert not client.look("7", "").is_closed


def test_check_says_what_is_in_the_way(server: FakeTracker) -> None:
    def code(kind: TrackerKind, client: TrackerClient | None = None) -> str:
        with pytest.raises(TrackerError) as caught:
            (client or opened(kind, server)).check()
        return caught.value.code

    for kind in ASKED:
        assert code(kind, opened(kind, server, token="wrong")) == "tracker_unauthorized"
        other = replace(settings(kind, server), project="dev/other" if "git" in kind else "OTHER")
        if kind is not TrackerKind.JIRA:
            assert code(kind, open_tracker(other, {})) == "tracker_not_found"
        unset = replace(settings(kind, server), secret=None)
        assert code(kind, open_tracker(unset, {})) == "tracker_environment"
        if kind is not TrackerKind.GITHUB:
            assert code(kind, open_tracker(replace(unset, secret=Secret(TOKEN), type="Epic"), {})) == (
                "tracker_type"
            )
    server.archived, server.may_create = True, False
    assert code(TrackerKind.GITHUB) == "tracker_closed"
    assert code(TrackerKind.BACKLOG) == "tracker_closed"
    assert code(TrackerKind.JIRA) == "tracker_forbidden"
    web = replace(settings(TrackerKind.GITHUB, server), url=f"{server.url}/hook")
    assert code(TrackerKind.GITHUB, open_tracker(web, {})) == "tracker_not_found"


def test_an_answer_that_is_none_of_the_api_is_said(server: FakeTracker) -> None:
    for kind in ASKED:
        client = open_tracker(replace(settings(kind, server), url=f"{server.url}/page"), {})
        for ask in (client.check, lambda client=client: client.make(DRAFT)):
            with pytest.raises(TrackerError) as caught:
                ask()
            assert caught.value.code == "tracker_answer"
