"""Eight threads on one case: each act counts once, or is refused, as if they had come one after the other."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest

from tests.desk.cases.test_act import CARD, CASED, CISO, GROUP, ITO, SATO, entries, stamp
from tests.desk.cases.test_calls import MEMBERS, STAFF, TEXT, ask
from tests.desk.stamps.test_any_order import POLICY, TEAM, Desk
from threatstamp.core.cases.call import Answer, UpdateCall, count
from threatstamp.core.cases.case import CaseAct, Move, Way, Wish
from threatstamp.core.cases.details import Details
from threatstamp.core.cases.moves import WISHES
from threatstamp.core.cases.track import TrackPlan
from threatstamp.core.ids import ChannelId, TrackName, UserId
from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.priority.table import ChecklistStep, Wording
from threatstamp.core.stamps.route import Track
from threatstamp.desk.cases.act import Acted, Acting, Attempt
from threatstamp.desk.cases.calling import Answered, Calling, NewCall
from threatstamp.desk.record.compare import compare_records
from threatstamp.desk.record.verify import verify_ledger
from threatstamp.store import open_store

THREADS, ROUNDS = 8, 16
STEPS = (ChecklistStep(hours=2, text=Wording(ja="範囲", en="Scope")),) * 3
PLAN = TrackPlan(name=TrackName("staff"), kind=Track.APP_UPDATE, checklist=STEPS, channel=ChannelId("C0DEV"))
PEOPLE = tuple(UserId(f"U0PERSON{number}") for number in range(THREADS))

pytestmark = pytest.mark.postgres


@pytest.fixture
def desk(pg_url: str) -> Iterator[Desk]:
    made = Desk(open_store(pg_url))
    first = CASED.routes[0]
    routes = (replace(first, to=(CARD,), route=replace(first.route, case=PLAN.name)),)
    made.tools.in_force.now = replace(
        CASED, routes=routes, tracks={PLAN.name: PLAN}, announce_to=frozenset({STAFF})
    )
    made.slack.groups = {GROUP: frozenset({ITO})}
    with made.store.transaction() as tx:
        for channel, route in POLICY.contacts():
            body = {"team": TEAM, "channel": channel, "route": route}
            tx.ledger.append(Kind.CONTACT, body, now=made.clock.now())
    stamp(made)
    made.deliver_all()
    yield made
    made.store.close()


def together(*acts: Callable[[], object]) -> None:
    """Does all of it at the same time, as far as there are threads for it."""
    ready = Barrier(len(acts))

    def begin(act: Callable[[], object]) -> None:
        ready.wait(60)
        act()

    with ThreadPoolExecutor(len(acts)) as pool:
        for done in [pool.submit(begin, act) for act in acts]:
            done.result(120)


def wish(rng: random.Random) -> Wish:
    name = rng.choice(sorted(WISHES.keys() - {"withdraw", "return", "decide_accept", "decide_not_affected"}))
    details = Details(item=rng.choice((1, 2, 3)), to=rng.choice((SATO, ITO)))
    reason = "https://tickets.example/7" if name == CaseAct.TICKET else "理由"
    return replace(WISHES[name], reason=reason, details=details)


def test_eight_threads_on_one_case_make_one_history(desk: Desk) -> None:
    acted: list[tuple[Attempt, Acted]] = []

    def work(number: int) -> None:
        rng, step = random.Random(number), Acting(desk.tools)
        for turn in range(ROUNDS):
            # each click comes twice, to two threads, as a sweep or a second process can bring it
            key = f"{number // 2}|{turn}"
            same = random.Random(key)
            by = same.choice((SATO, CISO, ITO))
            seen = None if same.random() < 0.5 else same.randint(0, turn)
            attempt = Attempt(
                case=1, wish=wish(same), by=by, way=Way.DIALOG, key=key, channel=CARD, seen=seen
            )
            acted.append((attempt, step.act(attempt)))
            if rng.random() < 0.3:
                desk.deliver.one()

    together(*(lambda number=number: work(number) for number in range(THREADS)))
    with desk.store.reading() as read:
        [case] = read.cases.every()
        moves = read.cases.moves(case.number)
    made = [(one.last.number, attempt.key) for attempt, one in acted if one.moved and one.last]
    assert (
        sorted(number for number, _ in made) == [one.number for one in moves] == [*range(1, case.version + 1)]
    )
    assert max(Counter(key for _, key in made).values()) == 1
    assert [(one.before, one.after) for one in moves[1:]] == [
        (before.after, after.after) for before, after in itertools.pairwise(moves)
    ]
    assert case.state is moves[-1].after
    assert _ticked(moves) == set(case.ticked)
    refused = {attempt.key for attempt, one in acted if one.denial}
    assert entries(desk, Kind.CASE_MOVED) == len(moves)
    assert entries(desk, Kind.CASE_DENIED) == len(refused)
    assert refused
    assert len(moves) > ROUNDS  # or they would hardly have met
    desk.deliver_all()
    assert verify_ledger(desk.store).ok
    assert compare_records(desk.store).first is None


def _ticked(moves: tuple[Move, ...]) -> set[int | None]:
    found: set[int | None] = set()
    for move in moves:
        if move.wish.act is CaseAct.CHECK:
            found.add(move.wish.details.item)
        elif move.wish.act is CaseAct.UNCHECK:
            found.discard(move.wish.details.item)
    return found


def test_of_eight_who_call_the_staff_one_does_and_of_eight_answers_none_is_lost(desk: Desk) -> None:
    ask(desk, lambda channel: MEMBERS)
    calling = Calling(desk.tools)

    def send(user: UserId) -> None:
        new = NewCall(
            case=1, text=TEXT, channel=STAFF, by=user, way=Way.DIALOG, key=f"call|{user}", told_in=CARD
        )
        sent.append(calling.send(new))

    def answer(user: UserId) -> None:
        for at, said in enumerate((Answer.HELP, Answer.DONE)):
            given = Answered(
                call=1, answer=said, user=user, channel=STAFF, way=Way.BUTTON, key=f"{user}|{at}"
            )
            calling.answer(given)

    sent: list[object] = []
    together(*(lambda user=user: send(user) for user in PEOPLE))
    assert [isinstance(one, UpdateCall) for one in sent].count(True) == 1
    assert entries(desk, Kind.CALL) == 1
    desk.deliver_all()
    together(*(lambda user=user: answer(user) for user in PEOPLE))
    with desk.store.reading() as read:
        people = read.calls.people(1)
    assert count(people).done == THREADS
    assert entries(desk, Kind.ANSWERED) == 2 * THREADS
    together(*(lambda user=user: calling.close(1, by=user) for user in PEOPLE))
    assert entries(desk, Kind.CALL_CLOSED) == 1
    desk.deliver_all()
    assert compare_records(desk.store).first is None
