"""The kinds of departures, and the blocks of their messages: the only place that lists them."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from threatstamp.desk.cases.briefing import Briefing, BriefSaying
from threatstamp.desk.cases.calls_out import (
    AskingHelper,
    CallReminder,
    CallSaying,
    CallTold,
    HelpSaying,
    PostingCall,
    RemindingStaff,
    TellingOfCalls,
    Thanking,
    ThanksSaying,
)
from threatstamp.desk.cases.clock import CaseReminder, RemindingOfCase
from threatstamp.desk.cases.denying import Denied, Denying
from threatstamp.desk.cases.morning import MorningSaying, SayingMorning
from threatstamp.desk.cases.reminding import Reminder, RemindingOwners
from threatstamp.desk.cases.requesting import DecisionRequest, RequestingDecision
from threatstamp.desk.cases.steps import RemindingOfStep, StepReminder
from threatstamp.desk.cases.ticketing import TellingTicketClosed, TicketClosed
from threatstamp.desk.news.noting import Noting, StoryNote
from threatstamp.desk.news.publishing import (
    DailySaying,
    Digesting,
    DigestingDaily,
    DigestSaying,
    Publishing,
    StorySaying,
)
from threatstamp.desk.outbox.doubling import Doubling
from threatstamp.desk.policy.legend import Legend, Pinning, PostingLegend, PuttingCanvas
from threatstamp.desk.ports.departing import Departing
from threatstamp.desk.ports.slack import Saying
from threatstamp.desk.ports.tools import Tools
from threatstamp.desk.priority.explaining import PriorityWhy
from threatstamp.desk.priority.exposing_out import (
    AskingExposure,
    ExposureQuestion,
    ExposureRefusal,
    RefusingExposure,
)
from threatstamp.desk.priority.noticing import Noticing, StoryNotice
from threatstamp.desk.stamps.asking import Asking, StampQuestion
from threatstamp.desk.stamps.collecting import DigestingForwards, ForwardDigestSaying
from threatstamp.desk.stamps.confirming import LiningThread, Reacting, ThreadLine
from threatstamp.desk.stamps.escalating import Escalating, EscalationSaying
from threatstamp.desk.stamps.forwarding import Forwarding, ForwardSaying
from threatstamp.desk.stamps.raising import RaisedSaying, TellingOfRaise
from threatstamp.desk.stamps.refusing import Refusal, Refusing
from threatstamp.desk.troubles.alerting import Alert, Alerting
from threatstamp.slack.blocks.alert import alert_blocks
from threatstamp.slack.blocks.brief import brief_blocks
from threatstamp.slack.blocks.call import (
    call_blocks,
    call_reminder_blocks,
    help_blocks,
    thanks_blocks,
    told_blocks,
)
from threatstamp.slack.blocks.case import denied_blocks, raised_blocks
from threatstamp.slack.blocks.checklist import step_reminder_blocks
from threatstamp.slack.blocks.collection import forward_digest_blocks
from threatstamp.slack.blocks.concern import notice_blocks
from threatstamp.slack.blocks.confirm import refusal_blocks, thread_line_blocks
from threatstamp.slack.blocks.escalation import escalation_blocks
from threatstamp.slack.blocks.exposure import exposure_blocks, exposure_refusal_blocks
from threatstamp.slack.blocks.forward import forward_blocks
from threatstamp.slack.blocks.legend import legend_blocks, legend_canvas
from threatstamp.slack.blocks.morning import morning_blocks, reminder_blocks
from threatstamp.slack.blocks.question import question_blocks
from threatstamp.slack.blocks.reminder import (
    case_reminder_blocks,
    decision_request_blocks,
    ticket_closed_blocks,
)
from threatstamp.slack.blocks.renderer import Blocks, Canvases, Renderer
from threatstamp.slack.blocks.story import daily_blocks, digest_blocks, note_blocks, story_blocks
from threatstamp.slack.blocks.voice import Voice
from threatstamp.slack.blocks.why import why_blocks
from threatstamp.texts.catalogue import Texts

BLOCKS: dict[type[Saying], Blocks] = {
    ForwardSaying: forward_blocks,
    ForwardDigestSaying: forward_digest_blocks,
    EscalationSaying: escalation_blocks,
    StorySaying: story_blocks,
    DigestSaying: digest_blocks,
    DailySaying: daily_blocks,
    StoryNote: note_blocks,
    StoryNotice: notice_blocks,
    PriorityWhy: why_blocks,
    ExposureQuestion: exposure_blocks,
    ExposureRefusal: exposure_refusal_blocks,
    ThreadLine: thread_line_blocks,
    Refusal: refusal_blocks,
    StampQuestion: question_blocks,
    Denied: denied_blocks,
    MorningSaying: morning_blocks,
    Reminder: reminder_blocks,
    CaseReminder: case_reminder_blocks,
    DecisionRequest: decision_request_blocks,
    StepReminder: step_reminder_blocks,
    RaisedSaying: raised_blocks,
    BriefSaying: brief_blocks,
    TicketClosed: ticket_closed_blocks,
    CallSaying: call_blocks,
    CallTold: told_blocks,
    CallReminder: call_reminder_blocks,
    HelpSaying: help_blocks,
    ThanksSaying: thanks_blocks,
    Alert: alert_blocks,
    Legend: legend_blocks,
}

CANVASES: dict[type[Saying], Canvases] = {Legend: legend_canvas}


def departings(tools: Tools) -> dict[str, Departing]:
    """Returns every kind of departure by its name."""
    made: tuple[Departing, ...] = (
        Forwarding(tools),
        Escalating(tools),
        DigestingForwards(tools),
        Publishing(tools),
        Digesting(tools),
        DigestingDaily(tools),
        Noting(),
        Noticing(),
        AskingExposure(tools),
        RefusingExposure(tools),
        Reacting(tools),
        LiningThread(),
        Refusing(tools),
        Asking(tools),
        Denying(tools),
        SayingMorning(tools),
        RemindingOwners(tools),
        RemindingOfCase(),
        RequestingDecision(tools),
        RemindingOfStep(tools),
        TellingOfRaise(),
        Briefing(tools),
        TellingTicketClosed(tools),
        PostingCall(tools),
        TellingOfCalls(tools),
        RemindingStaff(tools),
        AskingHelper(tools),
        Thanking(tools),
        Alerting(),
        Doubling(tools),
        PuttingCanvas(tools),
        PostingLegend(tools),
        Pinning(tools),
    )
    return {one.kind.name: one for one in made}


def renderer(texts: Texts, zone: ZoneInfo) -> Renderer:
    """Returns what renders sayings as Slack messages, in a language and zone."""
    return Renderer(Voice(texts, zone), BLOCKS, CANVASES)
