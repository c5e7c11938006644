"""What a desk does in a few lives with a ticket: ordered by the hand-over, made, asked for, closed."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from tests.support.dying import Life, Mortal, Stage, Story
from tests.support.dying_stories import CARD, CISO, SATO, opened_stage, policy, submit
from threatstamp.config.tracks import usual_tracks
from threatstamp.core.cases.case import CaseAct, Choice, Wish
from threatstamp.core.cases.ticket import Ticket, TrackerPlan
from threatstamp.core.ids import ChannelId, Key, TrackerName
from threatstamp.core.stamps.route import Track
from threatstamp.core.time import HOUR, MINUTE, Micros
from threatstamp.desk.cases.briefing import BriefSaying
from threatstamp.desk.cases.tickets_out import TendTickets
from threatstamp.desk.ports.tickets import MadeTicket, TicketDraft, TicketLook
from threatstamp.slack.blocks.case import ACTION
from threatstamp.texts.catalogue import Language, Texts
from threatstamp.texts.tickets import draft_of

DEVELOPERS = ChannelId("C0DEV")
NAME = TrackerName("dev")


class FakeTracker:
    """A tracker in memory. closed: numbers of tickets that people have closed. drafts: what was made."""

    can_be_asked = True

    def __init__(self) -> None:
        self.drafts: list[TicketDraft] = []
        self.closed: set[str] = set()
        self.asked = 0

    def make(self, draft: TicketDraft) -> MadeTicket:
        self.drafts.append(draft)
        return self._made(len(self.drafts))

    def find(self, key: Key, *, since: Micros) -> MadeTicket | None:
        keys = [one.key for one in self.drafts]
        return self._made(keys.index(key) + 1) if key in keys else None

    def look(self, number: str, mark: str) -> TicketLook:
        self.asked += 1
        return TicketLook(is_closed=number in self.closed, mark=f"etag{self.asked}")

    def _made(self, number: int) -> MadeTicket:
        return MadeTicket(number=str(number), link=f"https://git.example/dev/app/issues/{number}")


def draft(ticket: Ticket, saying: BriefSaying) -> TicketDraft:
    return draft_of(ticket, saying, Texts(Language.JA))


def _play(life: Life) -> Stage:
    plan = TrackerPlan(name=NAME)
    plans = {one.plan.name: replace(one.plan, channel=DEVELOPERS, tracker=plan) for one in usual_tracks()}
    stage = opened_stage(life, replace(policy(Track.PRODUCT), tracks=plans))
    tracker = FakeTracker()
    steps: Any = SimpleNamespace(tracker=tracker)
    stage.kept = steps
    trackers: Any = {NAME: Mortal(tracker, life)}

    def tend() -> None:
        TendTickets(stage.tools, draft=draft).run(trackers)

    def tend_all() -> None:
        for _ in range(4):
            stage.step(tend)
            stage.clock.time += 20 * MINUTE
            stage.deliver_due()

    stage.click(SATO, f"{ACTION}take", "1", channel=CARD)
    submit(stage, SATO, Wish(act=CaseAct.BRIEF), seen=1)
    submit(stage, SATO, Wish(act=CaseAct.TICKET), seen=2)  # is ordered already
    submit(stage, CISO, Wish(act=CaseAct.DECIDE, choice=Choice.NOW), seen=2)
    tend_all()
    tracker.closed.add("1")
    tend_all()
    stage.clock.time += HOUR
    tend_all()
    return stage


def _wrong(stage: Stage) -> str:
    tracker: FakeTracker = stage.kept.tracker
    if len(tracker.drafts) != 1:
        return f"made {len(tracker.drafts)} tickets"
    said = Counter((str(one.channel), one.thread_ts is not None) for one in stage.slack.messages)
    if said != {("C1", False): 1, ("C1", True): 1, ("C0DEV", False): 1}:
        return f"said {said}"
    with stage.store.reading() as read:
        card = read.cases.card(read.cases.every()[0].place)
    if card is None or not card.ticket.endswith("/issues/1") or card.making is not None:
        return f"the card says {card and card.ticket}"
    return stage.broken({"case": 1, "case_moved": 4, "case_denied": 0})


TICKETS = Story(play=_play, wrong=_wrong, kinds=frozenset({"brief", "ticket_closed"}))
