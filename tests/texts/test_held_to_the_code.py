"""Whatever the code can say has its words in both languages, and they can be filled with what the code gives."""

from __future__ import annotations

import json
import re
import string
from dataclasses import replace
from datetime import date
from itertools import cycle
from zoneinfo import ZoneInfo

import pytest

from tests.support.priority import story_priority, touch
from tests.support.provoked import not_provoked
from threatstamp.app.importing import RowFault
from threatstamp.app.kinds import BLOCKS, renderer
from threatstamp.core.assets.checking import ProductFault
from threatstamp.core.assets.match import Ground, Match, MatchReason
from threatstamp.core.assets.product import Criticality, Product, Where
from threatstamp.core.assets.versions import Lies, Placing, Standing
from threatstamp.core.cases.agenda import Concern
from threatstamp.core.cases.call import (
    LONGEST_HOW,
    LONGEST_VERSION,
    LONGEST_WHAT,
    Answer,
    CallText,
    Tally,
    UpdateCall,
)
from threatstamp.core.cases.case import Case, CaseState, Choice, Move, Way
from threatstamp.core.cases.moves import WISHES, Denial
from threatstamp.core.cases.risk import Risk, due_risks
from threatstamp.core.cases.weighing import CaseCard
from threatstamp.core.errors import FactsFault, Shadow, Unfit
from threatstamp.core.facts.document import DocumentFault
from threatstamp.core.facts.score import Severity
from threatstamp.core.facts.subject import StoryKind
from threatstamp.core.ids import (
    ChannelId,
    Emoji,
    RouteId,
    StoryId,
    TeamId,
    TrackerName,
    TrackName,
    Ts,
    UserId,
)
from threatstamp.core.ledger.chain import ChainFault
from threatstamp.core.news.feed import Reason
from threatstamp.core.news.joining import Bond
from threatstamp.core.news.marking import Tlp
from threatstamp.core.news.reviewing import Reopened
from threatstamp.core.news.story import Story
from threatstamp.core.outbox.departure import Withheld
from threatstamp.core.priority.exposure import ExposureAnswer, ExposureState, KnownExposure
from threatstamp.core.priority.fact import QUESTIONS
from threatstamp.core.priority.flaws import FlawKind
from threatstamp.core.priority.house import NUMBERS as NUMBERS_OF_RULES
from threatstamp.core.priority.house import WORDS, EffectKind
from threatstamp.core.priority.noticing import Notice, NoticeKind
from threatstamp.core.priority.review import DoubtKind
from threatstamp.core.priority.table import ChecklistStep, Wording
from threatstamp.core.priority.urgency import SCALE, Priority
from threatstamp.core.stamps.forward import Holders, Holding, Order
from threatstamp.core.stamps.post import Place, Snapshot
from threatstamp.core.stamps.route import OnWithdraw, Track
from threatstamp.core.time import Micros
from threatstamp.core.trouble import OF_FEEDS, TroubleKind
from threatstamp.desk.cases.briefing import BriefSaying
from threatstamp.desk.cases.calling import Refused
from threatstamp.desk.cases.calls_out import (
    CallReminder,
    CallSaying,
    CallTold,
    HelpSaying,
    ThanksSaying,
)
from threatstamp.desk.cases.clock import CaseReminder
from threatstamp.desk.cases.denying import Denied
from threatstamp.desk.cases.morning import MorningSaying, NamedCase
from threatstamp.desk.cases.reminding import Reminder
from threatstamp.desk.cases.requesting import DecisionRequest
from threatstamp.desk.cases.steps import StepReminder
from threatstamp.desk.cases.ticketing import TicketClosed
from threatstamp.desk.news.noting import StoryNote
from threatstamp.desk.news.publishing import DailySaying, DigestSaying, StorySaying
from threatstamp.desk.policy.legend import Legend, LegendLine
from threatstamp.desk.ports.sheets import RowStatus
from threatstamp.desk.ports.slack import Saying
from threatstamp.desk.priority.explaining import PriorityWhy
from threatstamp.desk.priority.exposing import Unanswered
from threatstamp.desk.priority.exposing_out import ExposureQuestion, ExposureRefusal
from threatstamp.desk.priority.noticing import StoryNotice
from threatstamp.desk.stamps.asking import Stage, StampQuestion
from threatstamp.desk.stamps.collecting import CollectedForward, ForwardDigestSaying
from threatstamp.desk.stamps.confirming import ThreadLine
from threatstamp.desk.stamps.escalating import EscalationSaying
from threatstamp.desk.stamps.forwarding import ForwardSaying
from threatstamp.desk.stamps.raising import RaisedSaying
from threatstamp.desk.stamps.refusing import Refusal
from threatstamp.desk.troubles.alerting import HEAD, OUTAGE, Alert
from threatstamp.desk.views.shadow import Why
from threatstamp.sandbox.blockkit import check_blocks
from threatstamp.slack.blocks.dialog import Dialog
from threatstamp.slack.blocks.voice import Rendered
from threatstamp.texts.catalogue import Language, Texts, room_messages

CHANNEL, NAME = "C0ALERT", "架空ニュース"
OF_CHANNEL = {"channel": CHANNEL, "error": "is_archived"}
OF_PROBLEM = {"name": NAME, "reason": Reason.HTTP_STATUS.value, "status": "503"}
VALUES: dict[TroubleKind, dict[str, str]] = {
    TroubleKind.LATE: OF_CHANNEL,
    TroubleKind.UNDELIVERABLE: OF_CHANNEL,
    TroubleKind.EDIT: OF_CHANNEL,
    TroubleKind.SWEEP: OF_CHANNEL,
    TroubleKind.POST: {"channel": "C0NEWS", "ts": "1764000000.000100", "error": "ValueError"},
    TroubleKind.CASE: {"channel": "C0NEWS", "ts": "1764000000.000100", "error": "ValueError"},
    TroubleKind.PEOPLE: {"name": "S0TEAM", "error": "missing_scope"},
    TroubleKind.LOST: {"name": "#sec-alert"},
    TroubleKind.AMBIGUOUS: {"name": "@mori", "candidates": "U0MORI U1MORI"},
    TroubleKind.SETTINGS: {"problem": 'threatstamp.toml:8: routes[1].reaction = "rotating_light"\nand more'},
    TroubleKind.SOCKET: {"since": "1764000000.000000"},
    TroubleKind.CONNECTIONS: {"count": "3", "expected": "1"},
    TroubleKind.SHEET: {"name": "record", "error": "sheets_forbidden"},
    TroubleKind.TICKET: {"name": "dev", "error": "tracker_unauthorized"},
    TroubleKind.FACTS: {"name": "kev", "problem": "www.cisa.gov refused the connection."},
    TroubleKind.FEED: OF_PROBLEM,
    TroubleKind.FEED_BROKEN: OF_PROBLEM,
    TroubleKind.FEED_GONE: OF_PROBLEM,
    TroubleKind.FEED_OVERFLOW: {"name": NAME},
    TroubleKind.FEED_SILENT: {"name": NAME},
}
"""What the desk records with a trouble, which is all that its sentences can say."""

UNDER_A_FEED = {
    TroubleKind.FEED: "feed_problem",
    TroubleKind.FEED_BROKEN: "feed_problem",
    TroubleKind.FEED_GONE: "feed_gone",
    TroubleKind.FEED_OVERFLOW: "feed_overflow",
    TroubleKind.FEED_SILENT: "feed_silent",
}
"""Where `status` says the troubles of feeds: below the feed itself."""

STORY = Story(
    id=StoryId("0" * 32),
    title="「Gate 3」に脆弱性",
    link="https://news.example/1",
    source=NAME,
    published_at=Micros(1_764_000_000_000_000),
)
HELD = Holding(since=Micros(5_000_000), user=UserId("U0YAMADA"))
LEFT = Holding(since=Micros(5_000_000), user=UserId("U0YAMADA"), until=Micros(9_000_000))
LEGEND_LINE = LegendLine(
    reaction=Emoji("rotating_light"),
    name="ciso",
    to=(ChannelId(CHANNEL),),
    in_thread=False,
    mention=("<@U0CISO>", "<!here>"),
    text="words",
    allow=(),
)


CASE = Case(
    number=3,
    place=Place(team=TeamId("T1"), channel=ChannelId("C0NEWS"), ts=Ts("1.0")),
    track=TrackName(Track.PRODUCT),
    kind=Track.PRODUCT,
    opened_at=Micros(5_000_000),
    opened_by=UserId("U0YAMADA"),
)
STEPPED = replace(
    CASE,
    owner=UserId("U0SATO"),
    checklist=(ChecklistStep(hours=2, text=Wording(ja="範囲", en="Scope")),),
)
MATCHED = Match(
    product=Product(name="FortiGate", owner="U0NET"),
    version="7.4.3",
    reasons=(
        MatchReason(
            ground=Ground.LISTED,
            standing=Standing.AFFECTED,
            source="cvelist",
            vulnerability="CVE-2026-1111",
            named="FortiGate",
            placing=Placing(lies=Lies.INSIDE, left="7.4.3", sign="<", right="7.4.9"),
        ),
    ),
)
RISK = Risk(key="R1", title="題名", since=date(2026, 1, 1), accepted_until=date(2026, 10, 3))
DUE_CASE = replace(CASE, owner=UserId("U0SATO"), due_on=date(2026, 10, 14))
DECIDED = Move(
    number=2,
    wish=WISHES["decide_now"],
    by=UserId("U0SUZUKI"),
    way=Way.BUTTON,
    before=CaseState.NEW,
    after=CaseState.RESPONDING,
    at=Micros(6_000_000),
)


def forward(*, held: bool, snapshot: Snapshot | None, quiet: bool = False) -> ForwardSaying:
    order = Order(
        route=RouteId("ciso"),
        route_name="ciso",
        reaction=Emoji("rotating_light"),
        text="",
        mention=("<@U0CISO>",),
        on_withdraw=OnWithdraw.MARK,
        thread=False,
        external=False,
        delay=0.0,
    )
    return ForwardSaying(
        order=order,
        place=Place(team=TeamId("T1"), channel=ChannelId("C0NEWS"), ts=Ts("1.0")),
        holders=Holders(now=(HELD,) if held else (), last=None if held else LEFT),
        snapshot=snapshot,
        quiet=quiet,
    )


PRIORITIES = tuple(story_priority(one, touch("箱舟FTP", late=True)) for one in Priority)
EXPOSED = ExposureAnswer(exposed=False, by=UserId("U0ITO"), way="button", at=Micros(7))
NOTICES = (
    Notice(kind=NoticeKind.LISTED, cve="CVE-2099-1"),
    Notice(kind=NoticeKind.LIKELIER, cve="CVE-2099-1", before="0.10000", after="0.40000"),
    Notice(kind=NoticeKind.SCORED, cve="CVE-2099-1", before="7.5", after="9.8"),
    Notice(kind=NoticeKind.SCORED, cve="CVE-2099-2", after="9.8"),
    Notice(kind=NoticeKind.MATCHED, after="FortiGate"),
    Notice(kind=NoticeKind.ANSWERED, before="FortiGate", after="no"),
    Notice(kind=NoticeKind.RULED, before="not_assessed", after="critical"),
)
WATCHED = replace(forward(held=True, snapshot=None).order, ack_within=5_400.0)
COLLECTED = CollectedForward(
    order=WATCHED,
    place=CASE.place,
    holders=Holders(now=(HELD,), last=None),
    snapshot=Snapshot(
        text="words", title="題", link="https://news.example/1", permalink="https://x.slack.com/p1"
    ),
)
CALL = UpdateCall(
    number=2,
    case=3,
    text=CallText(what="Aozora", version="155", how="再起動", by_date=date(2026, 12, 4)),
    channel=ChannelId(CHANNEL),
    owner=UserId("U0ITO"),
    sent_at=Micros(0),
    departure=7,
)
CALLS = (
    CALL,
    replace(CALL, text=replace(CALL.text, version=""), closed_at=Micros(1)),
    replace(
        CALL,
        text=CallText(
            what="<" * LONGEST_WHAT,
            version="&" * LONGEST_VERSION,
            how="<!here>" * (LONGEST_HOW // 7),
            by_date=date(2026, 12, 4),
        ),
    ),
)
SAYINGS: dict[type[Saying], tuple[Saying, ...]] = {
    ForwardSaying: (
        forward(held=True, snapshot=Snapshot(text="words")),
        forward(held=False, snapshot=Snapshot(text="", title="題", link="https://news.example/1")),
        forward(held=False, snapshot=None, quiet=True),
        replace(forward(held=True, snapshot=None), order=WATCHED),
        replace(forward(held=True, snapshot=None), card=CaseCard(case=CASE)),
        replace(
            forward(held=True, snapshot=None),
            card=CaseCard(case=replace(CASE, state=CaseState.RESPONDING, owner=DECIDED.by), decided=DECIDED),
        ),
    ),
    EscalationSaying: (
        EscalationSaying(order=WATCHED, calls=("<@U0CISO>",), snapshot=None, link=""),
        EscalationSaying(
            order=WATCHED, calls=(), snapshot=Snapshot(text="words"), link="https://x.slack.com/p1"
        ),
    ),
    ForwardDigestSaying: (
        ForwardDigestSaying(forwards=(COLLECTED,) * 40, calls=("<@U0CISO>",) * 200),
        ForwardDigestSaying(
            forwards=(replace(COLLECTED, holders=Holders(now=(), last=LEFT), snapshot=None),), calls=()
        ),
        ForwardDigestSaying(
            forwards=(replace(COLLECTED, holders=Holders(now=(HELD,) * 7, last=None)), COLLECTED), calls=()
        ),
    ),
    StorySaying: (
        StorySaying(story=STORY),
        StorySaying(story=replace(STORY, also=tuple("ABCDEF"))),
        *(StorySaying(story=STORY, priority=one, has_button=True) for one in PRIORITIES),
    ),
    ExposureQuestion: tuple(
        ExposureQuestion(product=NAME, asked=one)
        for one in (
            KnownExposure(state=ExposureState.OPEN),
            KnownExposure(state=ExposureState.ANSWERED, exposed=False, answer=EXPOSED),
            KnownExposure(state=ExposureState.LISTED, exposed=True),
            KnownExposure(state=ExposureState.GONE),
        )
    ),
    ExposureRefusal: tuple(
        ExposureRefusal(product=NAME, why=why, user=UserId("U0ITO"), other=other)
        for why, other in zip(Unanswered, cycle([None, UserId("U0SATO")]))
    ),
    PriorityWhy: (PriorityWhy(said=None), *(PriorityWhy(said=one) for one in PRIORITIES)),
    StoryNotice: (StoryNotice(notices=NOTICES), StoryNotice(notices=NOTICES[:1], more=3)),
    StoryNote: tuple(StoryNote(source=NAME, title="題", link="", bond=bond) for bond in Bond),
    DailySaying: (DailySaying(stories=(STORY,) * 40), DailySaying(stories=(STORY,))),
    DigestSaying: (DigestSaying(source=NAME, stories=(STORY,) * 40),),
    ThreadLine: (
        ThreadLine(route_name="ciso", to=(ChannelId(CHANNEL),)),
        ThreadLine(route_name="seen", to=()),
    ),
    Legend: (
        Legend(lines=(LEGEND_LINE, replace(LEGEND_LINE, to=(), allow=("<@U0ITO>",)))),
        Legend(lines=(replace(LEGEND_LINE, in_thread=True, allow=("<@U0ITO>",)),), quiet=True),
        Legend(lines=()),
    ),
    StampQuestion: tuple(
        StampQuestion(
            user=UserId("U0ITO"),
            forward=7,
            stage=stage,
            route_name="ciso",
            reaction=Emoji("rotating_light"),
            to=(ChannelId(CHANNEL),),
        )
        for stage in Stage
    ),
    Refusal: (
        Refusal(user=UserId("U0ITO"), route_name="ciso", reaction=Emoji("rotating_light")),
        Refusal(user=UserId("U0ITO"), route_name="", reaction=Emoji("books"), digest=True),
        Refusal(user=UserId("U0ITO"), route_name="ciso", reaction=Emoji("books"), marking=Tlp.AMBER_STRICT),
    ),
    DecisionRequest: (
        DecisionRequest(card=CaseCard(case=CASE), people=("<@U0CISO>",)),
        DecisionRequest(card=CaseCard(case=CASE, pending=DECIDED), people=("<!subteam^S0CISO>",) * 30),
    ),
    CaseReminder: (
        CaseReminder(case=3, people=(UserId("U0ITO"),), until=date(2026, 12, 24)),
        CaseReminder(case=3, people=(), until=None, cause="listed CVE-2026-0001"),
    ),
    StepReminder: (
        StepReminder(case=STEPPED, item=1, lead=("<@U0LEAD>",)),
        StepReminder(case=replace(STEPPED, owner=None), item=1),
    ),
    TicketClosed: (
        TicketClosed(
            case=3, owner=UserId("U0SATO"), link="https://github.com/dev/app/issues/7", can_end=True
        ),
        TicketClosed(case=3, owner=None, link="", can_end=False),
    ),
    RaisedSaying: tuple(
        RaisedSaying(case=3, priority=one, user=UserId("U0SATO"), reaction=Emoji("fire")) for one in SCALE
    ),
    BriefSaying: (
        BriefSaying(card=CaseCard(case=CASE, making=TrackerName("dev")), snapshot=None, matches=(), known=()),
        BriefSaying(card=CaseCard(case=CASE), snapshot=None, matches=(), known=()),
        BriefSaying(
            card=CaseCard(
                case=DUE_CASE,
                briefed=DECIDED,
                acknowledged=DECIDED,
                ticket="https://tickets.example/7",
                assessed=None,
            ),
            snapshot=None,
            matches=(MATCHED,),
            known=(),
        ),
    ),
    Denied: tuple(
        Denied(case=3, user=UserId("U0ITO"), why=why, wish=wish, state=state, other=other)
        for why, wish, state, other in zip(
            cycle(Denial), WISHES.values(), cycle(CaseState), cycle([None, UserId("U0SATO")])
        )
    ),
    MorningSaying: (
        MorningSaying(
            counts=dict.fromkeys(Concern, 3),
            named=tuple(
                NamedCase(concern=one, case=DUE_CASE, title=title, link=link)
                for one, title, link in zip(
                    Concern, cycle(["題名", "", "*<!here>*" * 90]), cycle(["https://p.example/1", ""])
                )
            ),
            deciders=("<@U0CISO>", "<!subteam^S0CISO>"),
            risks=due_risks([RISK], date(2026, 10, 1), days=7),
        ),
        MorningSaying(
            counts={}, named=(), deciders=(), risks=due_risks([RISK] * 9, date(2027, 1, 1), days=7)
        ),
        MorningSaying(
            counts={Concern.UNOWNED: 1},
            named=(NamedCase(concern=Concern.UNOWNED, case=CASE, title="題名", link=""),),
            deciders=(),
        ),
    ),
    Reminder: tuple(
        Reminder(case=DUE_CASE, day=date(2026, 10, day), left=left)
        for day, left in ((12, 2), (13, 1), (13, 0), (14, 0), (15, -1), (20, -4))
    ),
    CallSaying: tuple(
        CallSaying(call=call, tally=Tally(asked=500, done=400, not_using=20, help=9)) for call in CALLS
    ),
    CallTold: (
        *(CallTold.of_answer(answer, 3, person=7) for answer in Answer),
        *(CallTold.of_refusal(why.value, 3, user=UserId("U0ITO")) for why in Refused),
        CallTold.of_refusal("late", 3, user=UserId("U0ITO")),
    ),
    CallReminder: tuple(CallReminder(call=call) for call in CALLS),
    HelpSaying: tuple(HelpSaying(call=call, user=UserId("U0SATO")) for call in CALLS),
    ThanksSaying: tuple(
        ThanksSaying(call=call, tally=Tally(asked=500, done=400, not_using=20, help=9)) for call in CALLS
    ),
    Alert: (
        Alert(kind=HEAD, values={"head": "0" * 64, "sequence": "12"}, fixed=False),
        Alert(kind=OUTAGE, values={"cause": "database or disk is full"}, fixed=False),
        Alert(kind=OUTAGE, values={}, fixed=True),
        *(
            Alert(kind=kind.value, values=VALUES[kind], fixed=fixed)
            for kind in TroubleKind
            for fixed in (False, True)
        ),
    ),
}


def rendered(saying: Saying, language: Language) -> Rendered:
    return renderer(Texts(language), ZoneInfo("Asia/Tokyo")).message(saying)


def words(message: Rendered) -> str:
    return message.text + json.dumps(message.blocks, ensure_ascii=False)


def test_every_saying_of_the_desk_has_its_blocks_and_its_samples_here() -> None:
    names = {one.__name__ for one in Saying.__subclasses__()}  # each twice: slots make a class anew
    assert names == {one.__name__ for one in BLOCKS} == {one.__name__ for one in SAYINGS}


@pytest.mark.parametrize("saying", [one for found in SAYINGS.values() for one in found], ids=repr)
def test_every_saying_is_made_of_blocks_in_both_languages(saying: Saying) -> None:
    made = [rendered(saying, language) for language in Language]
    for message in made:
        check_blocks(message.blocks)
        assert message.text.strip()
    kinds = [[block["type"] for block in message.blocks] for message in made]
    assert kinds[0] == kinds[1]
    assert isinstance(saying, StorySaying) or words(made[0]) != words(made[1])


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("kind", TroubleKind)
def test_every_trouble_has_a_line_of_status_an_alert_and_one_when_it_is_fixed(
    kind: TroubleKind, language: Language
) -> None:
    texts = Texts(language)
    if kind in OF_FEEDS:
        assert texts.has(f"status.{UNDER_A_FEED[kind]}")
    else:
        assert "{" not in texts(f"status.trouble_{kind}", **VALUES[kind])
    opened, fixed = (
        rendered(Alert(kind=kind.value, values=VALUES[kind], fixed=done), language) for done in (False, True)
    )
    assert opened.text.startswith("⚠️ *")
    assert fixed.text.startswith("✅ ")
    for name in ("channel", "error", "name", "problem"):
        if name in VALUES[kind]:
            assert VALUES[kind][name].partition("\n")[0] in opened.text


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("reason", Reason)
def test_every_reason_of_a_feeds_problem_is_said_whole_in_an_alert(
    reason: Reason, language: Language
) -> None:
    message = room_messages(language, "feeds")[reason.value]
    sentence = message if isinstance(message, str) else message["other"]
    fields = [name for _, name, _, _ in string.Formatter().parse(sentence) if name]
    numbers = {"most", "line", "count", "status"}
    values = {name: "3000000" if name in numbers else f"{name}.example_x" for name in fields}
    said = rendered(
        Alert(kind="feed", values={**values, "name": NAME, "reason": reason.value}, fixed=False), language
    )
    for literal, name, _, _ in string.Formatter().parse(sentence):
        assert literal.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") in said.text
        assert name is None or name in numbers or values[name] in said.text
    check_blocks(said.blocks)


@pytest.mark.parametrize("language", Language)
def test_every_enum_of_states_and_faults_has_its_words(language: Language) -> None:
    texts = Texts(language)
    assert [reason for reason in Withheld if not texts.has(f"codes.{reason.value}")] == []
    assert [reason for reason in Unfit if not texts.has(f"database.{reason.value}")] == []
    assert [fault for fault in RowFault if not texts.has(f"cli.import_{fault.value}")] == []
    assert [outcome for outcome in RowStatus if not texts.has(f"sheets.status_{outcome.value}")] == []
    assert [reason for reason in Shadow if not texts.has(f"shadow.{reason.value}")] == []
    assert [why for why in Why if not texts.has(f"shadow.why_{why.value}")] == []
    assert [fault for fault in DocumentFault if not texts.has(f"cli.vulns_{fault.value}")] == []
    assert [fault for fault in FactsFault if not texts.has(f"status.facts_{fault.value}")] == []
    assert [one for one in Severity if not texts.has(f"vulns.severity_{one.value}")] == []
    assert [kind for kind in StoryKind if not texts.has(f"reading.kind_{kind.value}")] == []
    assert [one for one in Priority if not texts.has(f"priority.priority_{one.value}")] == []
    assert [one for one in Priority if not texts.has(f"concern.priority_{one.value}")] == []
    assert [one for one in Priority if not texts.has(f"concern.said_{one.value}")] == []
    assert [one for one in EffectKind if not texts.has(f"priority.effect_{one.value}")] == []
    assert [one for one in DoubtKind if not texts.has(f"priority.doubt_{one.value}")] == []
    assert [one for one in FlawKind if not texts.has(f"config.flaw_{one.value}")] == []
    asked = {*QUESTIONS, *WORDS, *(fact for fact, _ in NUMBERS_OF_RULES.values())}
    assert [name for name in asked if not texts.has(f"priority.name_{name}")] == []
    assert [state for state in CaseState if not texts.has(f"cases.state_{state.value}")] == []
    assert [name for name in WISHES if not texts.has(f"cases.wish_{name}")] == []
    assert [why for why in Denial if not texts.has(f"cases.denied_{why.value}")] == []
    assert [way for way in Way if not texts.has(f"cases.way_{way.value}")] == []
    assert [fault for fault in ProductFault if not texts.has(f"products.fault_{fault.value}")] == []
    assert [where for where in Where if not texts.has(f"products.where_{where.value}")] == []
    assert [one for one in Criticality if not texts.has(f"products.criticality_{one.value}")] == []
    assert [one for one in Dialog if not texts.has(f"casework.dialog_{one.value}")] == []
    assert [one for one in Choice if not texts.has(f"casework.choice_{one.value}")] == []
    assert [bond for bond in Bond if not texts.has(f"stories.bond_{bond.value}")] == []
    assert [one for one in Reopened if not texts.has(f"reviews.reopened_{one.value}")] == []
    assert [fault for fault in ChainFault if not texts.has(f"cli.verify_{fault.value}")] == []


NUMBERS = frozenset(
    {
        "answered",
        "channels",
        "columns",
        "count",
        "entries",
        "feeds",
        "high",
        "hours",
        "inbox",
        "left",
        "line",
        "low",
    }
    | {
        "most",
        "new",
        "number",
        "owed",
        "posts",
        "redacted",
        "within",
        "revised",
        "routes",
        "rows",
        "seconds",
        "sequence",
    }
    | {"sources", "status", "turns", "unchanged"}
    | {"stories", "cases", "risks"}
    | {"added", "bad", "broken", "known", "ours", "row", "percentile"}
    | {"asked", "done", "help", "not_using", "open"}
)
"""What is counted is written next to its counter: 3件."""


@pytest.mark.parametrize(
    "room",
    [
        "calls",
        "brief",
        "cases",
        "agenda",
        "casework",
        "checklist",
        "search",
        "cli",
        "home",
        "codes",
        "config",
        "database",
        "demo",
        "exposure",
        "feeds",
        "handover",
        "products",
        "reading",
        "reviews",
        "priority",
        "risks",
        "routes",
        "scopes",
        "settings",
        "shadow",
        "sheets",
        "slack",
        "status",
        "versions",
        "vulns",
        "weighing",
    ],
)
def test_japanese_sets_names_apart_from_its_own_words(room: str) -> None:
    """`{host}という` reads as one word; a space, a bracket or a mark must be between. People's names have さん."""
    for key, message in room_messages(Language.JA, room).items():
        for form in [message] if isinstance(message, str) else message.values():
            for name in re.findall(r"\{(\w+)[^}]*\}(?=[ぁ-んァ-ヶ一-龥])(?!さん)", form):
                assert name in NUMBERS | {"person", "expected", "turns"}, f"{room}.{key}: {form}"
            for name in re.findall(r"[ぁ-んァ-ヶ一-龥]\{(\w+)[^}]*\}", form):
                assert name in NUMBERS | {"hint", "person"}, f"{room}.{key}: {form}"


def test_what_no_test_provokes_is_named() -> None:
    told = {"trouble late": 1, "sentence config.empty": 2}
    missing = not_provoked(told)
    assert {"trouble sweep", "sentence config.missing", "sentence codes.is_archived"} <= set(missing)
    assert not told.keys() & set(missing)
