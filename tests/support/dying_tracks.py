"""What a desk does in a few lives with a checklist and its clocks, and with a hand-over to developers."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import time

from tests.desk.stamps.test_any_order import bound
from tests.support.dying import Life, Stage, Story
from tests.support.dying_stories import CALENDAR, CARD, ITO, MONDAY, SATO, opened_stage, policy, submit
from threatstamp.config.tracks import usual_tracks
from threatstamp.core.cases.case import CaseAct, Wish
from threatstamp.core.cases.details import Details
from threatstamp.core.ids import ChannelId, Emoji, TrackName
from threatstamp.core.stamps.route import Track
from threatstamp.core.time import HOUR, ts_of
from threatstamp.desk.cases.steps import StepClock
from threatstamp.slack.blocks.case import ACTION

FIRE = Emoji("fire")
DEVELOPERS = ChannelId("C0DEV")


def _play(life: Life) -> Stage:
    plans = {one.plan.name: replace(one.plan, channel=DEVELOPERS) for one in usual_tracks()}
    stage = opened_stage(life, replace(policy(Track.INVESTIGATE), tracks=plans))
    stage.click(SATO, f"{ACTION}take", "1", channel=CARD)
    submit(stage, SATO, Wish(act=CaseAct.BRIEF), seen=1)
    submit(stage, SATO, Wish(act=CaseAct.BRIEF), seen=2)  # is handed over already
    stage.deliver_due()
    submit(stage, SATO, Wish(act=CaseAct.ACKNOWLEDGE), seen=2)
    stage.clock.time += 2 * HOUR
    for _ in range(2):
        stage.step(lambda: StepClock(stage.tools).run())
        stage.deliver_due()
    submit(stage, SATO, Wish(act=CaseAct.CHECK, details=Details(item=1)), seen=3)
    stage.deliver_due()
    return stage


def _wrong(stage: Stage) -> str:
    said = Counter((str(one.channel), one.thread_ts is not None) for one in stage.slack.messages)
    if said != {("C1", False): 1, ("C1", True): 1, ("C0DEV", False): 1}:
        return f"said {said}"
    return stage.broken({"case": 1, "case_moved": 4, "case_denied": 0})


TRACKS = Story(play=_play, wrong=_wrong, kinds=frozenset({"brief", "step_reminder"}))


def _play_raised(life: Life) -> Stage:
    house = policy(Track.PRODUCT)
    grave = bound("grave", FIRE, CARD)
    grave = replace(grave, route=replace(grave.route, case=TrackName(Track.PRODUCT), priority="critical"))
    stage = opened_stage(life, replace(house, routes=(*house.routes, grave)))
    post = ts_of(CALENDAR.moment(MONDAY, time(8)))
    for user in (SATO, ITO):
        stage.react(user, FIRE, post)
        stage.deliver_due()
    return stage


def _wrong_raised(stage: Stage) -> str:
    lines = [one.rendered.text for one in stage.slack.messages if one.thread_ts is not None]
    cards = [str(one.rendered.blocks) for one in stage.slack.messages if one.thread_ts is None]
    if len(lines) != 1 or len(cards) != 2:
        return f"said {lines} {cards}"
    if not all("優先度：緊急" in one and "スタンプ：3名" in one for one in cards):
        return f"shown {cards}"
    return stage.broken({"case": 1, "case_moved": 1, "forward": 2})


RAISED = Story(play=_play_raised, wrong=_wrong_raised, kinds=frozenset({"forward", "case_raised"}))
