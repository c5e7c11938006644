"""Cards and forms keep to Slack's limits, whatever is in them, and nothing in them mentions anybody."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from tests.core.cases.test_moves import NEW, SATO, SUZUKI
from tests.support.times import at
from threatstamp.config.tracks import MOST_STEPS
from threatstamp.core.cases.case import CaseAct, CaseState, Move, Way, Wish
from threatstamp.core.cases.details import LONGEST_AUDIENCE, LONGEST_REASON, Details
from threatstamp.core.cases.moves import WISHES
from threatstamp.core.cases.weighing import CaseCard, card_of
from threatstamp.core.ids import ChannelId
from threatstamp.core.priority.table import ChecklistStep, Wording
from threatstamp.core.priority.urgency import Priority
from threatstamp.desk.views.cases import CaseView
from threatstamp.sandbox.blockkit import check_blocks
from threatstamp.sandbox.views import check_view
from threatstamp.slack.blocks.case import card_blocks
from threatstamp.slack.blocks.dialog import MOST_MOVES, Dialog, dialog_view, dialogs_of
from threatstamp.slack.blocks.voice import Voice
from threatstamp.texts.catalogue import Language, Texts

HOSTILE = "<!channel> <@U0CISO> *太* `x` &amp; <https://evil.example|銀行> "
LONG = HOSTILE * 200
DETAILS = Details(
    to=SUZUKI,
    until=date(2026, 12, 24),
    effort="9999h",
    risk=Priority.CRITICAL,
    priority=Priority.MEDIUM,
    audience=LONG[:LONGEST_AUDIENCE],
    author=SATO,
)
DECIDED = Move(
    number=1,
    wish=replace(WISHES["decide_plan"], reason=LONG[:LONGEST_REASON], details=DETAILS),
    by=SUZUKI,
    way=Way.DIALOG,
    before=CaseState.NEW,
    after=CaseState.RESPONDING,
    at=at(9),
)
NOTED = replace(
    DECIDED, wish=Wish(act=CaseAct.NOTE, reason=LONG[:LONGEST_REASON], details=replace(DETAILS, to=None))
)
FULL = replace(
    NEW,
    number=2**40,
    version=400,
    owner=SATO,
    priority=Priority.CRITICAL,
    due_on=date(2026, 12, 24),
    decision=1,
    checklist=(ChecklistStep(hours=2, text=Wording(ja=LONG[:300], en=LONG[:300])),) * MOST_STEPS,
    ticked=(1, 11, 30),
)


def voice(language: Language) -> Voice:
    return Voice(Texts(language), ZoneInfo("Asia/Tokyo"))


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("state", CaseState)
def test_every_card_is_taken_with_at_most_four_buttons_and_five_entries(
    state: CaseState, language: Language
) -> None:
    for case in (replace(FULL, state=state), replace(NEW, state=state)):
        blocks = list(card_blocks(CaseCard(case=case, decided=DECIDED), voice(language), title=LONG))
        check_blocks(blocks)
        [actions] = [block for block in blocks if block["type"] == "actions"]
        elements = actions["elements"]
        assert isinstance(elements, list)
        assert len(elements) <= 4 + 1
        said = json.dumps(blocks, ensure_ascii=False)
        assert "<!channel>" not in said
        assert "<@U0CISO>" not in said
        assert "evil.example|" not in said


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("dialog", Dialog)
@pytest.mark.parametrize("state", CaseState)
def test_every_form_is_taken_with_the_longest_words(
    dialog: Dialog, state: CaseState, language: Language
) -> None:
    case = replace(FULL, state=state)
    for moves in ((), (DECIDED, *(NOTED,) * 3 * MOST_MOVES)):
        known = CaseView(
            case=case, title=LONG, permalink=None, story=None, moves=moves, card=card_of(case, moves, None)
        )
        made = check_view(
            dialog_view(dialog, known, voice(language), channel=ChannelId("C0CARDS")), kinds=("modal",)
        )
        said = json.dumps(made, ensure_ascii=False)
        assert "<!channel>" not in said
        assert "<@U0CISO>" not in said


def test_a_form_is_offered_only_where_what_it_asks_for_can_be_done() -> None:
    closed = (Dialog.REOPEN, Dialog.NOTE, Dialog.HISTORY)
    always = (Dialog.HAND_OVER, Dialog.RANK, Dialog.NOTE, Dialog.HISTORY)
    for state in CaseState:
        offered = dialogs_of(replace(NEW, state=state))
        if state in (CaseState.NEW, CaseState.ASSESSING, CaseState.WAITING):
            assert offered == (Dialog.DECIDE, *always)
        elif state is CaseState.RESPONDING:
            assert offered == (Dialog.RESPOND, *always)
        else:
            assert offered == closed
