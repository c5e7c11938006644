"""One odd message or event leaves the others alone, and what Slack says is well-formed from the door on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast
from zoneinfo import ZoneInfo

from tests.desk.stamps.test_any_order import NEWS, POLICY, TEAM
from tests.support.fakes import FakeClock, FakeSlack, memory_store, tools_of
from tests.support.times import S, at
from threatstamp.app.kinds import renderer
from threatstamp.core.errors import StoreError
from threatstamp.core.ids import UserId
from threatstamp.desk.cases.act import Acting
from threatstamp.desk.cases.calling import Calling
from threatstamp.desk.ports.inbox import InboxEvent
from threatstamp.desk.priority.exposing import Exposing
from threatstamp.desk.stamps.take import TakeStamps
from threatstamp.slack.client import SlackWorkspace
from threatstamp.slack.emoji import EmojiNames
from threatstamp.slack.intake import Intake
from threatstamp.slack.posts import RecentPosts
from threatstamp.store.store import SqlStore
from threatstamp.texts.catalogue import Language, Texts

CLOCK = FakeClock(1_000 * S)


class OnePage:
    """Slack's answers: always this page."""

    def __init__(self, *messages: object) -> None:
        self._messages = list(messages)

    def get(self, method: str, **arguments: object) -> Mapping[str, object]:
        return {"ok": True, "messages": self._messages, "emoji": {}}

    def get_dated(self, method: str, **arguments: object) -> tuple[Mapping[str, object], float | None]:
        return self.get(method, **arguments), None


def workspace(*messages: object) -> SlackWorkspace:
    calls = cast(Any, OnePage(*messages))
    return SlackWorkspace(
        calls=calls,
        team=TEAM,
        enterprise="",
        me=UserId("U0ME"),
        bot="B0ME",
        renderer=renderer(Texts(Language.JA), ZoneInfo("Asia/Tokyo")),
        clock=CLOCK,
        emoji=EmojiNames(calls),
        recent=RecentPosts(),
        known={},
    )


def nested(depth: int) -> dict[str, object]:
    """Rich text in rich text, deeper than anybody can read."""
    found: dict[str, object] = {"type": "link", "url": "https://n.example/1"}
    for _ in range(depth):
        found = {"type": "rich_text_section", "elements": [found]}
    return found


def test_a_message_that_cannot_be_read_is_named_and_the_rest_of_its_page_is_there() -> None:
    plain = {"type": "message", "ts": "901.000000", "text": "ふつう", "user": "U1"}
    deep = {"type": "message", "ts": "902.000000", "text": "", "blocks": [nested(5_000)]}
    untimed = {"type": "message", "ts": "yesterday", "text": "x"}
    replied = {**plain, "ts": "903.000000", "latest_reply": "soon", "reply_count": 1}
    page = workspace(plain, deep, untimed, replied).history(NEWS, oldest=at(0), cursor="")
    assert [post.place.ts for post in page.posts] == ["901.000000", "903.000000"]
    assert [post.latest_reply for post in page.posts] == [None, None]
    assert [(place.ts, error) for place, error in page.unread] == [
        ("902.000000", "RecursionError"),
        ("yesterday", "ValueError"),
    ]


class Couriers:
    def is_free(self) -> bool:
        return False

    def hand(self, claims: object, *, since: float) -> None:
        pass

    def wake(self) -> None:
        pass


class FullStore:
    """A store that can do anything but put an event back."""

    def __init__(self, inner: SqlStore) -> None:
        self._inner = inner
        self.refused = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def put_back(self, event: InboxEvent, **values: object) -> None:
        self.refused += 1
        raise [StoreError("disk full"), OverflowError("odd")][self.refused % 2]


def reaction(ts: str, user: object = "U1") -> dict[str, object]:
    item = {"type": "message", "channel": NEWS, "ts": ts}
    event = {"type": "reaction_added", "user": user, "reaction": "rotating_light", "item": item}
    return {"team_id": TEAM, "event_id": f"Ev{ts}", "event": {**event, "event_ts": "950.000000"}}


def intake(store: Any) -> Intake:
    tools = tools_of(POLICY, store=store, slack=FakeSlack(CLOCK), clock=CLOCK)
    return Intake(
        tools,
        stamps=TakeStamps(tools),
        cases=Acting(tools),
        calling=Calling(tools),
        exposing=Exposing(tools, may_act=lambda user: True),
        workspace=workspace(),
        couriers=Couriers(),
        on_channels=lambda: None,
        workers=1,
    )


def kept(store: SqlStore, *bodies: object) -> None:
    for number, body in enumerate(bodies):
        text = body if isinstance(body, str) else json.dumps(body)
        store.keep(f"Ev{number}", text, team=TEAM, now=at(0), lease=0.0)


def test_events_of_a_batch_that_fail_keep_none_of_the_others_from_their_turn() -> None:
    store = memory_store()
    kept(store, "{", "[]", reaction("no time"), reaction("901.000000"), "nothing", reaction("902.000000"))
    full = FullStore(store)
    assert intake(full).scan() == 6
    assert full.refused == 4
    with store.reading() as read:
        assert len(list(read.ledger.entries(kind="stamp"))) == 2
        assert read.inbox.counts() == (4, 0)  # nothing is dropped: their lease ends, and they are tried again


def test_an_event_that_is_no_text_is_kept_as_text_and_its_failure_is_said_as_text() -> None:
    store = memory_store()
    odd = reaction("901.000000")
    odd["event"] = {**cast(dict[str, object], odd["event"]), "reaction": "half\ud83d", "item_user": "U\x001"}
    taken = intake(store)
    taken.take(odd)
    taken.close()
    for worker in taken._work:
        worker.shutdown(wait=True)
    taken.scan()
    with store.reading() as read:
        assert read.inbox.counts()[1] == 0
    kept(store, '{"event": {"type": "reaction_added", "item": {"ts": "\\ud83d"}}}')
    taken.scan()
    with store.reading() as read:
        assert read.inbox.counts() == (0, 1)
