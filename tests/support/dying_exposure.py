"""People are asked whether the internet reaches a product, and answer, in a few lives."""

from __future__ import annotations

from dataclasses import replace

from tests.desk.news.newsroom import FEED, entry
from tests.desk.priority.test_products import HAKOBUNE, LISTED
from tests.desk.stamps.test_any_order import NEWS, USERS
from tests.support.dying import Life, Mortal, Stage, Story
from tests.support.dying_news import BEGIN
from tests.support.dying_stories import ALARM, CARD, CISO, ITO, SATO, policy
from tests.support.facts import CVE, known
from tests.support.fakes import FakeFacts, FakeFetching
from threatstamp.app.matching import lore
from threatstamp.config.tables import built_in
from threatstamp.core.facts.assessment import KEV
from threatstamp.core.facts.document import FactLoad
from threatstamp.core.news.entry import Document, Fetched
from threatstamp.core.news.feed import BoundFeed
from threatstamp.core.policy import People
from threatstamp.core.priority.ruling import PriorityPolicy
from threatstamp.core.stamps.route import Track
from threatstamp.core.time import Micros
from threatstamp.desk.news.gather import Gather
from threatstamp.desk.ports.roles import may_act
from threatstamp.desk.priority.assess import AssessStories
from threatstamp.desk.priority.exposing import Exposing
from threatstamp.desk.priority.exposing_out import ExposureRefusal
from threatstamp.slack.blocks.exposure import ANSWERS_EXPOSURE

LOAD = FactLoad(source=KEV, edition="", digest="", position=1, broken=0, began_at=Micros(1), is_done=True)


def _play(life: Life) -> Stage:
    house = replace(
        policy(Track.PRODUCT),
        feeds=(BoundFeed(feed=FEED, channel=NEWS),),
        priority=PriorityPolicy(table=built_in("bod-26-04")),
        products=(HAKOBUNE,),
        analysts=People(users=frozenset({SATO}), is_anybody=False),
    )
    stage, servers, facts = Stage(life, house, begin=BEGIN), FakeFetching(), FakeFacts()
    stage.tools = replace(stage.tools, facts=facts)
    facts.vulnerabilities[CVE] = known(LISTED)

    def poll(number: int) -> None:
        news = Document(entries=(entry(number, title=f"A flaw ({CVE}), told by number {number}"),))
        servers.answers = {FEED.name: [Fetched(document=news)]}
        gather = Gather(
            stage.tools,
            Mortal(servers, life),
            chance=lambda: 0.5,
            wake=lambda: None,
            report=lambda feed, error: None,
        )
        gather.round(due_only=False)

    def assess() -> None:
        AssessStories(stage.tools, loads=lambda: [LOAD], lore=lore).run()
        Exposing(stage.tools, may_act=lambda user: may_act(stage.tools, user)).ask()

    stage.step(lambda: poll(1))  # the first contact with a feed posts its newest entry
    stage.deliver_due()
    [post] = [one.ts for one in stage.slack.messages if one.channel == NEWS]
    stage.react(USERS[0], ALARM, post)
    stage.deliver_due()
    stage.step(assess)
    stage.step(assess)
    stage.deliver_due()
    stage.click(ITO, f"{ANSWERS_EXPOSURE}yes", "箱舟FTP", channel=CARD)
    stage.click(USERS[2], f"{ANSWERS_EXPOSURE}yes", "箱舟FTP", channel=CARD)  # who may not
    stage.click(CISO, f"{ANSWERS_EXPOSURE}no", "箱舟FTP", channel=CARD)  # who is too late
    stage.step(assess)
    stage.deliver_due()
    return stage


def _wrong(stage: Stage) -> str:
    below = [one.rendered.text for one in stage.slack.messages if one.thread_ts and one.channel == CARD]
    if len(below) != 1 or f"「公開している」（<@{ITO}>" not in below[0]:
        return f"asked {below}"
    told = [one.user for one in stage.slack.whispers if isinstance(one, ExposureRefusal)]
    if len(told) != len(set(told)) or (not stage.life.has_ended and len(told) != 2):
        return f"told {told}"
    return stage.broken({"exposure_answered": 1, "exposure_denied": 2, "assessed": 2, "forward": 1})


EXPOSURE = Story(play=_play, wrong=_wrong, kinds=frozenset({"exposure", "exposure_refusal"}))
