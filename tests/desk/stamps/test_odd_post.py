"""One post that cannot be taken stops nothing else, is said, and is found again once it can be."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from tests.desk.stamps.test_any_order import ALARM, NEWS, TEAM, USERS, Desk
from tests.support.times import S, at
from threatstamp.core import signs
from threatstamp.core.errors import SlackError, StoreError, UnstorableError
from threatstamp.core.ids import ChannelId, Ts
from threatstamp.core.stamps.look import SeenReaction
from threatstamp.core.stamps.post import Place, Snapshot
from threatstamp.core.stamps.route import Contact
from threatstamp.core.trouble import TroubleKind
from threatstamp.desk.ports.slack import Page, SeenPost
from threatstamp.desk.stamps.sweep import Sweep, Swept
from threatstamp.desk.stamps.take import TakeStamps

ODD, FIRST, LAST = Ts("902.000000"), Ts("901.000000"), Ts("903.000000")
ALSO = ChannelId("C0ALSO")
STEPS = (
    "stamps.turns_at",
    "stamps.add_looks",
    "forwards.original",
    "outbox.at",
    "stamps.marks",
    "stamps.presences",
    "stamps.turns",
    "stamps.add_turn",
    "ledger.append",
    "routes.put_verdict",
    "outbox.owe",
    "forwards.add",
    "posts.keep",
    "forwards.of_post",
    "stamps.imported",
    "stories.at",
    "posts.get",
)
"""What a page's transaction calls about one post. A test holds the list to the code."""


class Refusing:
    """Part of a transaction that raises at one method where the odd post is concerned."""

    def __init__(self, inner: Any, name: str, store: RefusingStore) -> None:
        self._inner, self._name, self._store = inner, name, store

    def __getattr__(self, method: str) -> Any:
        value = getattr(self._inner, method)
        if not self._name:
            return Refusing(value, method, self._store)
        if not callable(value):
            return value

        def call(*args: Any, **kwargs: Any) -> Any:
            point = f"{self._name}.{method}"
            if ODD in repr((args, kwargs)):
                self._store.passed.add(point)
                if point == self._store.point:
                    raise self._store.error
            return value(*args, **kwargs)

        return call


class RefusingStore:
    """A store that raises at one point of a transaction where the odd post is concerned."""

    def __init__(self, inner: Any, point: str = "", error: Exception | None = None) -> None:
        self._inner, self.point = inner, point
        self.error = error or ValueError("odd")
        self.passed: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    @contextmanager
    def transaction(self) -> Iterator[Any]:
        with self._inner.transaction() as tx:
            yield Refusing(tx, "", self)


def post(ts: Ts, channel: ChannelId = NEWS) -> SeenPost:
    return SeenPost(
        place=Place(team=TEAM, channel=channel, ts=ts),
        snapshot=Snapshot(text=f"題名{ts[:3]}"),
        reactions=(SeenReaction(reaction=ALARM, users=frozenset({USERS[0]}), whole=True),),
    )


class SweptDesk(Desk):
    """A desk whose channel has three stamped posts, and sweeps that can be made to stumble over the second."""

    def __init__(self) -> None:
        super().__init__()
        self.refusing = RefusingStore(self.store)
        self.tools = replace(self.tools, store=self.refusing)
        self.stamps = TakeStamps(self.tools)
        self.slack.seen = [post(ts) for ts in (FIRST, ODD, LAST)]
        self.odd: list[str] = []

    def sweep(self) -> Swept:
        self.clock.time += 60 * S
        sweep = Sweep(
            self.tools,
            take=lambda page, shared: self.stamps.page(page, shared=shared),
            remember=self.stamps.remember,
            odd=lambda what, error: self.odd.append(f"{what}: {type(error).__name__}"),
        )
        done = sweep.run(days=3)
        self.deliver_all()
        return done

    def forwarded(self) -> set[str]:
        """The posts that stand in the first destination."""
        found = [one.rendered for one in self.slack.messages if one.channel == "C1"]
        return {ts for ts in (FIRST, ODD, LAST) for one in found if f"題名{ts[:3]}" in str(one)}

    def said(self) -> list[str]:
        with self.store.reading() as read:
            return [one.subject for one in read.troubles.unfixed(TroubleKind.POST)]


@pytest.fixture
def desk() -> Iterator[SweptDesk]:
    made = SweptDesk()
    yield made
    made.store.close()


def test_the_steps_that_are_tried_below_are_all_that_mention_a_post(desk: SweptDesk) -> None:
    desk.sweep()
    assert desk.refusing.passed == set(STEPS)
    assert desk.forwarded() == {FIRST, ODD, LAST}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("error", [ValueError("odd"), UnstorableError("odd")], ids=repr)
def test_whatever_step_fails_for_one_post_the_others_go_out_and_it_follows_later(
    desk: SweptDesk, step: str, error: Exception
) -> None:
    desk.refusing.point, desk.refusing.error = step, error
    swept = desk.sweep()
    assert desk.forwarded() == {FIRST, LAST}
    assert [place.ts for place, _ in swept.aside] == [ODD]
    assert desk.odd == [f"{NEWS} {ODD}: {type(error).__name__}"]
    assert desk.said() == [f"{NEWS}:{NEWS}:{ODD}"]
    assert swept.channels == 1
    desk.sweep()  # it stays said, and is tried again
    assert desk.said() == [f"{NEWS}:{NEWS}:{ODD}"]
    desk.refusing.point = ""
    assert desk.sweep().aside == ()
    assert desk.forwarded() == {FIRST, ODD, LAST}
    assert desk.said() == []


def test_a_message_that_cannot_be_read_leaves_the_rest_of_its_page(desk: SweptDesk) -> None:
    usual = desk.slack.history

    def history(channel: ChannelId, *, oldest: Any, cursor: str) -> Page:
        page = usual(channel, oldest=oldest, cursor=cursor)
        whole = tuple(one for one in page.posts if one.place.ts != ODD)
        return replace(page, posts=whole, unread=((post(ODD).place, "KeyError"),))

    desk.slack.history = history  # type: ignore[method-assign]
    assert [place.ts for place, _ in desk.sweep().aside] == [ODD]
    assert desk.forwarded() == {FIRST, LAST}
    desk.slack.history = usual  # type: ignore[method-assign]
    desk.sweep()
    assert desk.forwarded() == {FIRST, ODD, LAST}


def test_what_was_put_aside_does_not_slide_out_of_the_window(desk: SweptDesk) -> None:
    desk.refusing.point = "ledger.append"
    desk.sweep()
    with desk.store.reading() as read:
        before = read.vitals.get(signs.swept(TEAM, NEWS))
    desk.sweep()
    with desk.store.reading() as read:
        assert read.vitals.get(signs.swept(TEAM, NEWS)) == before
    desk.refusing.point = ""
    desk.sweep()
    desk.sweep()
    with desk.store.reading() as read:
        assert int(read.vitals.get(signs.swept(TEAM, NEWS)) or 0) > int(before or 0)


def test_a_stamp_from_before_first_contact_is_not_forwarded_because_it_was_put_aside_then(
    desk: SweptDesk,
) -> None:
    for channel, route in desk.tools.policy.contacts():
        with desk.store.transaction() as tx:
            tx.routes.put_contact(channel, route, team=TEAM, contact=Contact(since=at(999)))
    desk.refusing.point = "ledger.append"
    assert len(desk.sweep().aside) == 1
    desk.refusing.point = ""
    desk.sweep()
    assert desk.slack.messages == []


def test_a_database_or_a_slack_that_is_away_puts_nothing_aside(desk: SweptDesk) -> None:
    desk.refusing.point, desk.refusing.error = "posts.keep", StoreError("database is locked")
    with pytest.raises(StoreError):
        desk.sweep()
    desk.refusing.error = SlackError("is_archived", permanent=True)
    assert desk.sweep().failed == ((NEWS, "is_archived"),)
    assert desk.said() == []


def test_a_post_that_is_deleted_while_its_people_are_listed_does_not_end_the_sweep(desk: SweptDesk) -> None:
    cut = replace(post(ODD).reactions[0], whole=False)
    desk.slack.seen[1] = replace(desk.slack.seen[1], reactions=(cut,))

    def everyone(place: Place) -> SeenPost:
        raise SlackError("message_not_found", permanent=True)

    desk.slack.everyone = everyone  # type: ignore[method-assign]
    swept = desk.sweep()
    assert (swept.failed, swept.aside) == ((), ())
    assert desk.forwarded() == {FIRST, LAST}


def test_a_channel_that_fails_for_a_fault_of_ours_stops_no_other(desk: SweptDesk) -> None:
    policy = replace(desk.tools.policy, sources=frozenset({ALSO, NEWS}))
    desk.tools.in_force.now = policy
    usual = desk.slack.history

    def history(channel: ChannelId, *, oldest: Any, cursor: str) -> Page:
        if channel == ALSO:
            raise KeyError("odd")
        return usual(channel, oldest=oldest, cursor=cursor)

    desk.slack.history = history  # type: ignore[method-assign]
    assert desk.sweep().failed == ((ALSO, "unexpected_error"),)
    assert desk.forwarded() == {FIRST, ODD, LAST}
    assert desk.odd == [f"{ALSO}: KeyError"]
