"""Cases as tables and pages, and the table of moves."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.core.cases.test_moves import NEW, SATO, SUZUKI
from tests.support.times import at
from threatstamp.core.cases.case import CaseState, Move, Way
from threatstamp.core.cases.moves import BY_STAMP, RULES, WISHES
from threatstamp.core.cases.weighing import card_of
from threatstamp.desk.views.cases import CaseView
from threatstamp.render.cases import case_body, case_lines, case_rows, move_rows
from threatstamp.render.columns import width
from threatstamp.texts.catalogue import Language, Texts

MOVES = (
    Move(
        number=1,
        wish=WISHES["take"],
        by=SATO,
        way=Way.BUTTON,
        before=CaseState.NEW,
        after=CaseState.ASSESSING,
        at=at(2),
    ),
    Move(
        number=2,
        wish=replace(WISHES["decide_accept"], reason="影響が\x1b[2J小さい"),
        by=SUZUKI,
        way=Way.COMMAND,
        before=CaseState.ASSESSING,
        after=CaseState.ACCEPTED,
        at=at(3),
    ),
)
CASE = replace(NEW, state=CaseState.ACCEPTED, version=2, owner=SATO, decision=2)
VIEW = CaseView(
    case=CASE,
    title="製品Xに深刻な脆弱性" * 9,
    permalink=None,
    story=None,
    moves=MOVES,
    card=card_of(CASE, MOVES, None),
)


@pytest.mark.parametrize("language", Language)
def test_every_line_can_be_printed_and_says_who_did_what_how_and_why(language: Language) -> None:
    lines = list(case_lines(VIEW, Texts(language), say=str))
    assert not any("\x1b" in line for line in lines)
    assert "U0SUZUKI" in lines[-1]
    assert "小さい" in lines[-1]
    assert Texts(language)("cases.wish_decide_accept") in lines[-1]
    assert len(lines) == 5 + 3  # without a permalink; opened, taken, decided


def test_a_table_keeps_to_the_terminal_and_says_what_is_not_known() -> None:
    unknown = replace(VIEW, case=NEW, title="", moves=(), card=card_of(NEW, (), None))
    lines = list(case_rows([VIEW, unknown], Texts(Language.JA), columns=72))
    assert max(map(width, lines)) <= 72
    assert lines[1].endswith("…")
    assert "未定" in lines[2]
    assert "題名は記録に残っていません" in lines[2]


@pytest.mark.parametrize("language", Language)
def test_the_table_of_moves_has_a_line_for_each_state_of_each_rule(language: Language) -> None:
    assert len(list(move_rows(Texts(language)))) == 1 + sum(
        len(rule.before) for rule in RULES if rule.wish.act not in BY_STAMP and not rule.by_desk
    )


def test_for_programs_a_case_has_all_names_though_not_all_is_known_yet() -> None:
    body = json.loads(json.dumps(case_body(VIEW)))
    assert list(body) == [
        *("case", "state", "track", "title", "story", "post", "owner", "priority", "due_on"),
        *("decision", "responses", "history"),
        *("recommended", "assessed", "pending", "approved_by", "checklist", "ticket"),
    ]
    assert list(body["decision"]) == ["choice", "by", "at", "reason", "risk", "effort", "until"]
    assert body["decision"]["choice"] == "accept"
    assert body["history"][1] == {"at": "1970-01-01T00:00:02Z", "who": SATO, "what": "take", "detail": ""}
    assert case_body(replace(VIEW, case=NEW, card=card_of(NEW, (), None)))["decision"] is None
