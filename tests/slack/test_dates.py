"""Slack's answers say the time, if they can be read."""

from __future__ import annotations

import pytest

from threatstamp.slack.calls import _seconds


@pytest.mark.parametrize("date", [None, "", "tomorrow", b"Thu, 26 Nov 2026 03:00:00 GMT", 5])
def test_a_date_that_cannot_be_read_says_nothing(date: object) -> None:
    assert _seconds(date) is None


def test_a_date_is_read_as_http_has_it() -> None:
    assert _seconds("Thu, 26 Nov 2026 03:00:00 GMT") == 1_795_662_000.0
