"""How long a server wants to be left alone: in seconds or as a date."""

from __future__ import annotations

import pytest

from threatstamp.http.patience import read_retry_after

NOW = 1_795_514_400.0
"""Tue, 24 Nov 2026 10:00:00 GMT"""


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("120", 120.0),
        (" 5 ", 5.0),
        ("0", None),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("", None),
        ("９", None),
        ("9" * 5000, 86_400.0),
        ("86401", 86_400.0),
        ("Tue, 24 Nov 2026 10:01:00 GMT", 60.0),
        ("Tuesday, 24-Nov-26 10:01:00 GMT", 60.0),
        ("Tue, 24 Nov 2026 10:01:00", 60.0),
        ("Tue, 24 Nov 2026 09:59:00 GMT", None),
        ("Fri, 24 Nov 2028 10:00:00 GMT", 86_400.0),
        ("Tue, 99 Nov 2026 10:00:00 GMT", None),
    ],
)
def test_retry_after_is_read_in_seconds_and_as_a_date(said: str, seconds: float | None) -> None:
    assert read_retry_after({"retry-after": said}, NOW) == seconds


def test_a_date_counts_from_the_servers_own_clock() -> None:
    headers = {"retry-after": "Tue, 24 Nov 2026 12:01:00 GMT", "date": "Tue, 24 Nov 2026 12:00:00 GMT"}
    assert read_retry_after(headers, NOW) == 60.0
