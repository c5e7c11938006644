"""The comparison with the old script, as a person reads it."""

from __future__ import annotations

from threatstamp.core.ids import ChannelId, Emoji, TeamId, Ts
from threatstamp.core.stamps.post import Place
from threatstamp.core.time import Micros
from threatstamp.desk.views.shadow import Compared, ShadowDay, Side, Why
from threatstamp.render.shadow import shadow_lines
from threatstamp.texts.catalogue import Language, Texts

ALERT = ChannelId("C0ALERT")
POST = Place(team=TeamId("T0TOWN"), channel=ChannelId("C0NEWS"), ts=Ts("17.5"))
OURS = Compared(
    side=Side.ONLY_OURS,
    at=Micros(1),
    post=POST,
    channel=ALERT,
    link="https://a.example/p1",
    reaction=Emoji("mega"),
    departure=7,
    why=Why.WINDOW,
)
THEIRS = Compared(side=Side.ONLY_THEIRS, at=Micros(2), post=POST, channel=ALERT, link=None, why=Why.UNKNOWN)
SAME = Compared(side=Side.SAME, at=Micros(3), post=POST, channel=ChannelId("C0OTHER"), link=None, departure=8)


def lines(*days: ShadowDay) -> list[str]:
    names = {"C0ALERT": "#sec-alert"}
    return list(shadow_lines(days, Texts(Language.EN), say=lambda at: f"at {at}", names=names))


def test_days_are_a_table_with_a_total_and_what_differs_comes_first() -> None:
    first, second = (
        ShadowDay(day="2026-11-24", lines=(OURS, SAME)),
        ShadowDay(day="2026-11-25", lines=(THEIRS,)),
    )
    assert lines(first, second) == [
        "Day         Same  Only ours  Only the script's",
        "2026-11-24     1          1                  0",
        "2026-11-25     0          0                  1",
        "Total          1          1                  1",
        "",
        "Only ours (#: the id for `threatstamp retry`)",
        "  at 1  #sec-alert  :mega:  #7  the post is older than the three days that the script looks back",
        "    https://a.example/p1",
        "",
        "Only the script's",
        "  at 2  #sec-alert  no reason known; look into the script's log and its table",
        "    C0NEWS 17.5",
        "",
        "Both",
        "  at 3  C0OTHER  #8",
        "    C0NEWS 17.5",
    ]


def test_without_any_line_it_says_so() -> None:
    assert lines() == ["Neither this desk nor the script has forwarded anything in this time."]
