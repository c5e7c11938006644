"""TLP labels are read where they stand, as they are written, and order as FIRST says."""

from __future__ import annotations

import pytest

from threatstamp.core.news.marking import Labels, Tlp, label_beside, marking_in, stricter


@pytest.mark.parametrize(
    ("title", "text", "expected"),
    [
        ("[TLP:AMBER] 標的型攻撃の観測", "", Tlp.AMBER),
        ("【ＴＬＰ：ＲＥＤ】取り扱い注意", "", Tlp.RED),
        ("tlp: green weekly report", "", Tlp.GREEN),
        ("TLP:AMBER+STRICT", "", Tlp.AMBER_STRICT),
        ("ＴＬＰ：ＡＭＢＥＲ＋ＳＴＲＩＣＴ", "", Tlp.AMBER_STRICT),
        ("TLP:WHITE", "", Tlp.CLEAR),
        ("週報", "TLP：AMBER\n本文", Tlp.AMBER),
        ("週報", "\n".join(["行"] * 20) + "\nTLP:RED", None),
        ("TLP:GREEN", "TLP:AMBER attachments", Tlp.AMBER),
        ("TLP:RED, TLP:AMBER and TLP:GREEN explained", "", None),
        ("Redis and HTLP:RED", "", None),
        ("TLP:REDACTED", "", None),
        ("TLPとは", "", None),
    ],
)
def test_a_label_is_read_at_the_head_of_a_text(title: str, text: str, expected: Tlp | None) -> None:
    assert marking_in(title, text) is expected


def test_stricter_ones_exceed_wider_ones() -> None:
    assert [one.exceeds(Tlp.GREEN) for one in Tlp] == [False, False, True, True, True]
    assert [one.exceeds(Tlp.AMBER) for one in Tlp] == [False, False, False, True, True]
    assert stricter(Tlp.AMBER, Tlp.GREEN) is Tlp.AMBER
    assert stricter(None, Tlp.GREEN) is Tlp.GREEN
    assert stricter(None, None) is None
    assert Tlp.AMBER_STRICT.label == "TLP:AMBER+STRICT"


def test_a_feeds_label_counts_beside_its_own_words_and_is_shown_once() -> None:
    labels = Labels(by_feed={"ISAC": Tlp.AMBER})
    assert labels.of("観測", "", source="ISAC") is Tlp.AMBER
    assert labels.of("TLP:RED 観測", "", source="ISAC") is Tlp.RED
    assert labels.of("TLP:CLEAR 観測", "", source="ISAC") is Tlp.AMBER
    assert labels.of("観測", "", source="other") is None
    assert label_beside("観測", Tlp.AMBER) == "TLP:AMBER"
    assert label_beside("【TLP：AMBER】観測", Tlp.AMBER) == ""
    assert label_beside("TLP:GREEN 観測", Tlp.AMBER) == "TLP:AMBER"
    assert label_beside("観測", None) == ""
