"""The form of a checklist: what was ticked and unticked since it was opened, and what others ticked stays."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date

from threatstamp.core.cases.case import CaseAct
from threatstamp.slack.interactions import Submitted, read_submission, read_submitted, write_submitted

TODAY = date(2026, 11, 26)


def submitted(dialog: str, values: Mapping[str, object], **known: object) -> object:
    metadata = json.dumps({"case": 7, "channel": "C1", "seen": 3, **known})
    view = {
        "id": "V1",
        "callback_id": f"case_{dialog}",
        "private_metadata": metadata,
        "state": {"values": values},
    }
    return read_submission({"type": "view_submission", "user": {"id": "U1"}, "view": view}, today=TODAY)


def boxes(first: int, *ticked: int) -> dict[str, object]:
    name = f"items_{first}"
    return {name: {name: {"type": "checkboxes", "selected_options": [{"value": str(one)} for one in ticked]}}}


def test_only_what_changed_in_the_form_is_asked_for_in_all_groups_of_boxes() -> None:
    found = submitted("checklist", {**boxes(1, 2, 3), **boxes(11, 12)}, ticked=[1, 3])
    assert isinstance(found, Submitted)
    assert [(one.act, one.details.item) for one in found.wishes] == [
        (CaseAct.CHECK, 2),
        (CaseAct.CHECK, 12),
        (CaseAct.UNCHECK, 1),
    ]
    assert read_submitted(json.loads(json.dumps(write_submitted(found)))) == found
    nothing = submitted("checklist", boxes(1, 1), ticked=[1])
    assert isinstance(nothing, Submitted)
    assert nothing.wishes == ()


def test_finishing_with_steps_left_needs_a_reason_in_the_form_too() -> None:
    assert submitted("done", {}, left=2) == {"reason": "wrong_left"}
    assert isinstance(submitted("done", {}, left=0), Submitted)
    said = {"reason": {"reason": {"value": "証拠は残っていません"}}}
    assert isinstance(submitted("done", said, left=2), Submitted)


def test_a_ticket_is_linked_by_the_form_if_it_is_an_address() -> None:
    for value, is_link in (("https://tickets.example/7", True), ("javascript:alert(1)", False)):
        found = submitted("rank", {"ticket": {"ticket": {"value": value}}})
        assert isinstance(found, Submitted) is is_link
