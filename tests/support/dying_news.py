"""What else a desk sends in a few lives: news of feeds, legends, alerts, refusals, confirmations in threads."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, time

from tests.desk.news.newsroom import FEED, OTHER, entry
from tests.desk.stamps.test_any_order import NEWS, TEAM, USERS
from tests.support.dying import Life, Mortal, Stage, Story
from tests.support.dying_stories import ALARM, CARD, policy
from tests.support.facts import CVE, cvelist_said, kev_said, known, score
from tests.support.fakes import FakeFacts, FakeFetching
from tests.support.script import fails
from tests.support.times import S
from threatstamp.app.matching import lore
from threatstamp.config.kinds import kind_rules
from threatstamp.config.tables import built_in
from threatstamp.core.assets.naming import Name, NameFinder
from threatstamp.core.assets.relevance import Relevance
from threatstamp.core.calendar import Calendar
from threatstamp.core.errors import SlackError
from threatstamp.core.facts.assessment import KEV
from threatstamp.core.facts.document import FactLoad
from threatstamp.core.ids import ChannelId, Ts
from threatstamp.core.news.entry import Document, Entry, Fetched
from threatstamp.core.news.feed import BoundFeed, Show
from threatstamp.core.policy import Confirm
from threatstamp.core.priority.ruling import PriorityPolicy
from threatstamp.core.stamps.post import Place
from threatstamp.core.stamps.route import Track
from threatstamp.core.time import DAY, Micros, ts_of
from threatstamp.core.trouble import TroubleKind
from threatstamp.desk.news.gather import Gather
from threatstamp.desk.outbox.doubling import order_double
from threatstamp.desk.policy.legend import order_legends
from threatstamp.desk.priority.assess import AssessStories
from threatstamp.desk.stamps.refusing import Refusal
from threatstamp.desk.troubles.tell import tell_troubles

OPS = ChannelId("C0OPS")
BEGIN = Calendar(zone=UTC).moment(date(2026, 11, 23), time(8))
POST = Place(team=TEAM, channel=NEWS, ts=ts_of(BEGIN))


def _said(*entries: Entry) -> Fetched:
    return Fetched(document=Document(title="feed", link="https://news.example/", entries=entries))


def _play_news(life: Life) -> Stage:
    feeds = (replace(FEED, burst=1), OTHER)
    house = replace(
        policy(Track.PRODUCT),
        feeds=tuple(BoundFeed(feed=one, channel=NEWS) for one in feeds),
        priority=PriorityPolicy(table=built_in("bod-26-04")),
    )
    stage, servers, facts = Stage(life, house, begin=BEGIN), FakeFetching(), FakeFacts()
    stage.tools = replace(stage.tools, facts=facts)
    began = [1]
    load = FactLoad(source=KEV, edition="", digest="", position=1, broken=0, began_at=Micros(1), is_done=True)

    def poll() -> None:
        gather = Gather(
            stage.tools,
            Mortal(servers, life),
            chance=lambda: 0.5,
            wake=lambda: None,
            report=lambda feed, error: None,
        )
        gather.round(due_only=False)

    def assess() -> None:
        loads = [replace(load, began_at=Micros(began[0]))]
        AssessStories(stage.tools, loads=lambda: loads, lore=lore).run()

    def round_(first: Fetched, second: Fetched) -> None:
        stage.clock.time += 600 * S
        servers.answers = {FEED.name: [first], OTHER.name: [second]}
        stage.step(poll)
        stage.step(poll)
        stage.step(assess)
        stage.deliver_due()

    told = entry(2, title=f"「箱舟VPN」に深刻な脆弱性（{CVE}）")
    facts.vulnerabilities[CVE] = known(cvelist_said(CVE, score(5.0)))
    round_(_said(entry(1)), _said(entry(11)))
    round_(_said(entry(4), entry(3), told, entry(1)), _said(entry(11)))
    other = entry(12, title=f"Ark VPN flaw under attack ({CVE})")
    facts.vulnerabilities[CVE] = known(cvelist_said(CVE, score(9.8)), kev_said())
    began[0] = 2
    round_(_said(entry(4), entry(3), told, entry(1)), _said(other, entry(11)))
    return stage


def _wrong_news(stage: Stage) -> str:
    said = Counter(one.thread_ts is not None for one in stage.slack.messages)
    if said != NEWS_SAID:
        return f"said {said}: {[one.rendered.text for one in stage.slack.messages]}"
    return stage.broken({"entry": 6})


NEWS_SAID = {False: 4, True: 2}

STORIES = Story(
    play=_play_news,
    wrong=_wrong_news,
    kinds=frozenset({"story", "digest", "story_note", "story_notice"}),
)


def _play_daily(life: Life) -> Stage:
    feed = replace(FEED, show=Show.DIGEST)
    names = [Name(text="Hakobune FTP", of="Hakobune FTP"), Name(text="Kazaguruma", of="Kazaguruma")]
    house = replace(
        policy(Track.PRODUCT),
        feeds=(BoundFeed(feed=feed, channel=NEWS),),
        relevance=Relevance(NameFinder(names), {"Hakobune FTP"}, kind_rules()),
    )
    stage, servers = Stage(life, house, begin=BEGIN), FakeFetching()

    def poll() -> None:
        gather = Gather(
            stage.tools,
            Mortal(servers, life),
            chance=lambda: 0.5,
            wake=lambda: None,
            report=lambda feed, error: None,
        )
        gather.round(due_only=False)

    ours = entry(2, title="Hakobune FTPに脆弱性")
    rest = (entry(3, title="Kazagurumaに脆弱性"), entry(4, title="Kazagurumaの新機能"))
    for said in (_said(entry(1)), _said(*rest, ours, entry(1))):
        stage.clock.time += 600 * S
        servers.answers = {feed.name: [said]}
        stage.step(poll)
        stage.step(poll)
        stage.deliver_due()
    for _ in range(2):
        stage.clock.time += DAY
        stage.deliver_due()
    return stage


def _wrong_daily(stage: Stage) -> str:
    said = [one.rendered.text for one in stage.slack.messages if "触れていない" in one.rendered.text]
    ours = [one.rendered.text for one in stage.slack.messages if "Hakobune" in one.rendered.text]
    if (len(said), len(ours)) != (1, 1):
        return f"said {[one.rendered.text for one in stage.slack.messages]}"
    return stage.broken({"entry": 4})


DAILY = Story(play=_play_daily, wrong=_wrong_daily, kinds=frozenset({"story", "feed_digest"}))


def _play_house(life: Life) -> Stage:
    house = policy(Track.PRODUCT)
    [alarm] = house.routes
    alarm = replace(alarm, allow_users=frozenset({USERS[0]}), route=replace(alarm.route, allow=(USERS[0],)))
    house = replace(house, routes=(alarm,), confirm=Confirm.THREAD, alerts=OPS)
    stage = Stage(life, house, begin=BEGIN)
    stage.slack.script.always("put_canvas", fails(SlackError("canvas_disabled_file_team", permanent=True)))
    stage.react(USERS[0], ALARM, ts_of(BEGIN))
    stage.react(USERS[1], ALARM, ts_of(Micros(BEGIN + S)))  # who may not
    stage.step(lambda: order_legends(stage.tools))
    stage.deliver_due()
    with stage.store.transaction() as tx:
        tx.troubles.open(TroubleKind.SWEEP, NEWS, values={"channel": NEWS, "error": "x"}, now=BEGIN)
    stage.step(lambda: tell_troubles(stage.tools))
    stage.step(lambda: tell_troubles(stage.tools))
    stage.deliver_due()
    _double(stage)
    return stage


def _double(stage: Stage) -> None:
    """What a process that was asleep posted stands beside the message that was kept, and is deleted."""
    [card] = [one for one in stage.slack.messages if one.channel == CARD]
    stage.slack.messages.append(replace(card, ts=Ts("18000.000001")))

    def notice() -> None:
        with stage.tools.store.transaction() as tx:
            meant = tx.outbox.get(next(iter(tx.forwards.cards(POST))))
            tx.outbox.owe(order_double(meant, Ts("18000.000001"), due_at=Micros(0)), now=Micros(0))

    stage.step(notice)
    stage.deliver_due()


def _wrong_house(stage: Stage) -> str:
    said = Counter((str(one.channel), one.thread_ts is not None) for one in stage.slack.messages)
    if said != {("C1", False): 1, ("C0NEWS", True): 1, ("C0NEWS", False): 1, ("C0OPS", False): 1}:
        return f"said {said}"
    refused = sum(isinstance(one, Refusal) for one in stage.slack.whispers)
    if refused not in ((0, 1) if stage.life.has_ended else (1,)) or not stage.slack.pins:
        return f"refused {refused} times, pinned {stage.slack.pins}"
    return stage.broken({"case": 1, "forward": 1, "double": 1})


HOUSE = Story(
    play=_play_house,
    wrong=_wrong_house,
    kinds=frozenset(
        {"thread_line", "refusal", "legend_canvas", "legend_message", "legend_pin", "alert", "double"}
    ),
)
