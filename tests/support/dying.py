"""A desk of real steps and fakes whose process dies before or after its n-th effect, and the next one goes on.

Quicker than `tests.support.harness` by far, which kills a whole desk: nothing is forked, and no time passes.
The effects are found by wrapping the ports, so a new one cannot be left out.
"""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

from sqlalchemy import delete, select

from tests.desk.stamps.test_any_order import NEWS, TEAM, Desk
from tests.support.fakes import memory_store, owed
from tests.support.times import S
from threatstamp.app.kinds import departings
from threatstamp.core.cases.call import Member
from threatstamp.core.facts.change import FactChange
from threatstamp.core.ids import ChannelId
from threatstamp.core.policy import Policy
from threatstamp.core.time import MINUTE, ts_of
from threatstamp.desk.cases.act import Acting
from threatstamp.desk.cases.calling import Calling
from threatstamp.desk.cases.clock import CaseClock
from threatstamp.desk.outbox.deliver import Deliver
from threatstamp.desk.policy.meet import meet
from threatstamp.desk.ports.inbox import InboxEvent
from threatstamp.desk.ports.roles import may_act
from threatstamp.desk.priority.exposing import Exposing
from threatstamp.desk.record.compare import compare_records
from threatstamp.desk.record.verify import verify_ledger
from threatstamp.desk.stamps.take import TakeStamps
from threatstamp.slack.handling import Handling
from threatstamp.store.tables.outbox import departures
from threatstamp.store.tables.routes import contacts


class DiedError(BaseException):
    """The process is gone."""


@dataclass
class Life:
    """Ends before or after the n-th effect. passed: what came before it."""

    ends_at: int
    passed: list[str] = field(default_factory=list)
    has_ended: bool = False

    def effect(self, name: str) -> None:
        self.passed.append(name)
        if len(self.passed) == self.ends_at:
            self.has_ended = True
            raise DiedError(name)


class Mortal:
    """A port of which every call is an effect, before and after."""

    def __init__(self, port: Any, life: Life) -> None:
        self._port, self._life = port, life

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self._port, name)
        if not callable(attribute) or name == "reading":
            return attribute
        if name == "transaction":
            return self._transaction

        def call(*args: Any, **named: Any) -> Any:
            self._life.effect(f"{name}:before")
            found = attribute(*args, **named)
            self._life.effect(f"{name}:after")
            return found

        return call

    @contextmanager
    def _transaction(self) -> Iterator[Any]:
        with self._port.transaction() as tx:
            yield tx
            self._life.effect("commit:before")
        self._life.effect("commit:after")


class Idle:
    """Couriers that only look for what is due."""

    def is_free(self) -> bool:
        return False

    def hand(self, claims: object, *, since: float) -> None:
        assert not list(claims)  # type: ignore[call-overload]

    def wake(self) -> None:
        pass


class Stage(Desk):
    """A desk that lives several lives. staff: who is in every channel. changes: what facts say has changed.

    kept: what a story keeps outside of the desk.
    """

    kept: Any = None

    def __init__(self, life: Life, policy: Policy, *, begin: int, staff: tuple[Member, ...] = ()) -> None:
        super().__init__(memory_store())
        self.life, self.staff = life, staff
        self.changes: list[FactChange] = []
        self.clock.time = begin
        self.tools.in_force.now = policy
        self._events = itertools.count(1)
        with self.store.engine.begin() as connection:
            connection.execute(delete(contacts))
        meet(self.tools)
        store, workspace = Mortal(self.store, life), Mortal(self.slack, life)
        self.tools = replace(self.tools, store=store, workspace=workspace, audience_of=self._audience)
        self._be_born()

    def _be_born(self) -> None:
        """Makes the steps anew: what the dead process had in memory is gone."""
        self.stamps = TakeStamps(self.tools)
        self.deliver = Deliver(self.tools, departings(self.tools))
        self.calling = Calling(self.tools)
        self.case_clock = CaseClock(self.tools, changes=lambda since: self.changes)
        self.handling = Handling(
            self.tools,
            stamps=self.stamps,
            cases=Acting(self.tools),
            calling=self.calling,
            exposing=Exposing(self.tools, may_act=lambda user: may_act(self.tools, user)),
            workspace=self._slack(),
            couriers=Idle(),
        )

    def _slack(self) -> Any:
        policy = self.tools.policy
        return SimpleNamespace(
            team=TEAM,
            me=policy.me,
            emoji=SimpleNamespace(canonical=lambda name: name),
            recent=SimpleNamespace(forget=lambda place: None),
            look_up=self.tools.workspace.look_up,
        )

    def _audience(self, channel: ChannelId) -> tuple[Member, ...]:
        self.life.effect("audience:before")
        return self.staff

    def step(self, act: Callable[[], object]) -> None:
        """Does something; if the process died over it, the next one does it again, once leases are over."""
        while True:
            try:
                act()
                return
            except DiedError:
                self.clock.time += MINUTE
                self._be_born()

    def event(self, body: Mapping[str, object]) -> None:
        """Slack sends something until it is kept; it is handled then, or found in the inbox afterwards."""
        self.clock.time += S
        name = f"Ev{next(self._events)}"
        timing, tools = self.tools.timing, self.tools
        kept: list[InboxEvent] = []

        def keep() -> None:
            text = json.dumps(body, ensure_ascii=False)
            new = tools.store.keep(name, text, team=TEAM, now=tools.clock.now(), lease=timing.event_lease)
            kept[:] = [] if new is None else [new]

        def scan() -> None:
            for one in tools.store.take(now=tools.clock.now(), lease=timing.event_lease, limit=9):
                self.handling.handle(one)

        self.step(keep)
        try:
            for one in kept:
                self.handling.handle(one)
        except DiedError:
            self.clock.time += MINUTE
            self._be_born()
        self.step(scan)

    def react(self, user: str, emoji: str, ts: str, *, channel: str = NEWS, author: str = "") -> None:
        self.event(
            {
                "event": {
                    "type": "reaction_added",
                    "user": user,
                    "reaction": emoji,
                    "item": {"type": "message", "channel": channel, "ts": ts},
                    "item_user": author,
                    "event_ts": ts_of(self.clock.now()),
                }
            }
        )

    def click(self, user: str, action: str, value: str, *, channel: str) -> None:
        self.event(
            {
                "type": "block_actions",
                "trigger_id": f"trigger{self.clock.time}",
                "user": {"id": user},
                "container": {"channel_id": channel, "message_ts": "1.0"},
                "actions": [{"action_id": action, "action_ts": "1.0", "value": value}],
            }
        )

    def deliver_due(self) -> None:
        """Delivers what is due now, and what follows from that."""
        idle = 0
        while idle < 2:
            self.clock.time += 6 * S
            before = len(self.life.passed)
            self.step(self.deliver.one)
            idle = 0 if len(self.life.passed) > before + 2 else idle + 1

    def kinds(self) -> set[str]:
        """Returns the kinds of departures that were ordered."""
        with self.store.engine.connect() as connection:
            return set(connection.execute(select(departures.c.kind)).scalars())

    def broken(self, counts: Mapping[str, int]) -> str:
        """Returns what is wrong with the record, "" if nothing is. counts: of entries of the ledger by kind."""
        with self.store.reading() as read:
            kinds = Counter(entry.kind for entry in read.ledger.entries())
            waiting = read.inbox.counts()
        if any(kinds[kind] != count for kind, count in counts.items()):
            return f"recorded {kinds}"
        if owed(self.store) or waiting != (0, 0) or not verify_ledger(self.store).ok:
            return "something is owed, or the ledger is broken"
        keys = Counter((one.channel, one.key) for one in self.slack.messages)
        if keys and max(keys.values()) > 1:
            return "a message twice"
        difference = compare_records(self.store).first
        return f"tables {difference}" if difference else ""


@dataclass(frozen=True, kw_only=True)
class Story:
    """play: what happens. wrong: what is wrong in the end, "" if nothing. kinds: of departures in it."""

    play: Callable[[Life], Stage]
    wrong: Callable[[Stage], str]
    kinds: frozenset[str]


def die_everywhere(story: Story, *, every: int) -> set[str]:
    """Plays a story without a death, and with one at each n-th effect; returns the names of the effects.

    every: an odd number, since each second effect is the end of the one before it.
    """
    for number in itertools.count(0, every):
        life = Life(ends_at=number)  # none is the 0th
        stage = story.play(life)
        said = story.wrong(stage)
        missing = story.kinds - stage.kinds()
        stage.store.close()
        assert said == "", f"died at effect {number}, {life.passed[number - 1 : number]}: {said}"
        assert not missing
        if number and not life.has_ended:
            break
    return set(life.passed)
