"""Whoever has one device below the version is not up to date, and what cannot be compared makes nobody so."""

from __future__ import annotations

from datetime import date

import pytest

from threatstamp.core.cases.call import CallText
from threatstamp.core.cases.installed import Installed, roll_out, version_of
from threatstamp.core.ids import UserId

TEXT = CallText(what="Google Chrome", version="155.0.1 以降", how="…", by_date=date(2026, 10, 12))
KNOWN = {one: UserId(f"U{number}") for number, one in enumerate(("sato@x.example", "佐藤", "ito", "mori"))}
KNOWN["佐藤"] = KNOWN["sato@x.example"]


def row(line: int, person: str, version: str, app: str = "Chrome") -> Installed:
    return Installed(line=line, people=(person,) if person else (), app=app, version=version)


def test_a_person_is_current_once_every_device_is() -> None:
    rows = (
        row(2, "sato@x.example", "155.0.1"),
        row(3, "佐藤", "154.9"),  # another device, under another name
        row(4, "ito", "155.0.1"),
        row(5, "ito", "156"),
        row(6, "ito", "1.0", app="Aozora"),  # which is not what the call is about
        row(7, "mori", "156"),
        row(8, "mori", "latest"),
        row(9, "nobody", "156"),
        row(10, "", "156"),
        row(11, "mori", ""),
    )
    found = roll_out(rows, TEXT, KNOWN)
    assert found.current == {KNOWN["ito"]}
    assert found.behind == {KNOWN["佐藤"]}
    assert (found.unclear, found.unknown) == ((8, 11), (9, 10))


@pytest.mark.parametrize(
    ("said", "version"),
    [("155", "155"), ("v7.4.2以上", "7.4.2"), ("2026-11 の更新", "2026-11"), ("最新", "")],
)
def test_the_version_of_a_call_is_what_stands_among_its_words(said: str, version: str) -> None:
    assert version_of(CallText(what="x", version=said, how="", by_date=date(2026, 1, 1))) == version
