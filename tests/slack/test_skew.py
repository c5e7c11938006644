"""How far Slack's clock is from ours, by the Date of an answer that took its time."""

from __future__ import annotations

from email.utils import formatdate

import pytest

from threatstamp.slack.calls import skew_of

NOON = 1_795_651_200.0


def skew(slack: float, *, took: float = 0.1, at: float | None = None) -> int | None:
    """Slack's clock says NOON + slack when the answer is made, `at` seconds after the call began."""
    made = took if at is None else at
    return skew_of(formatdate(NOON + slack + made, usegmt=True), began=NOON, ended=NOON + took)


@pytest.mark.parametrize("slack", [0.0, 0.999, -2.0, 2.0])
@pytest.mark.parametrize("took", [0.1, 8.0])
def test_a_slow_answer_is_no_clock_that_is_behind(slack: float, took: float) -> None:
    assert skew(slack, took=took, at=0.0) == 0
    assert skew(slack, took=took, at=took) == 0


@pytest.mark.parametrize("slack", [-200.0, -10.0, 10.0, 200.0])
def test_clocks_that_differ_are_told_to_a_second(slack: float) -> None:
    found = skew(slack)
    assert found is not None
    assert abs(found - slack) <= 1


@pytest.mark.parametrize("date", [None, "", "tomorrow", b"Thu, 26 Nov 2026 03:00:00 GMT", 5])
def test_a_date_that_cannot_be_read_says_nothing(date: object) -> None:
    assert skew_of(date, began=NOON, ended=NOON) is None
