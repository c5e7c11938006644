"""A forward says what is known of the CVEs in the post when it goes out."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.desk.stamps.test_any_order import QUIET, USERS, Desk, Event
from tests.support.facts import CVE, kev_said, known
from tests.support.fakes import FakeFacts
from tests.support.times import at
from threatstamp.core.stamps.turn import Mark, TurnKind


@pytest.mark.parametrize(("text", "is_said"), [(f"{CVE}を確認", True), ("CVE-2099-5678", False), ("", False)])
def test_a_forward_has_the_line_where_something_is_known(text: str, is_said: bool) -> None:
    desk = Desk()
    desk.slack.snapshot = replace(desk.slack.snapshot, text=text)
    assert isinstance(desk.tools.facts, FakeFacts)
    desk.tools.facts.vulnerabilities[CVE] = known(kev_said())
    desk.learn(Event(USERS[0], QUIET, Mark(at=at(11), kind=TurnKind.STAMP)))
    desk.deliver_all()
    [message] = desk.slack.messages
    assert ("KEV掲載：2099-11-20" in json.dumps(message.rendered.blocks, ensure_ascii=False)) is is_said
