"""What a desk does in a few lives with a checklist and its clocks, and with a hand-over to developers."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from tests.support.dying import Life, Stage, Story
from tests.support.dying_stories import CARD, SATO, opened_stage, policy, submit
from threatstamp.config.tracks import usual_tracks
from threatstamp.core.cases.case import CaseAct, Wish
from threatstamp.core.cases.details import Details
from threatstamp.core.ids import ChannelId
from threatstamp.core.stamps.route import Track
from threatstamp.core.time import HOUR
from threatstamp.desk.cases.steps import StepClock
from threatstamp.slack.blocks.case import ACTION

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
