"""Where a message is, as its permalink says."""

from __future__ import annotations

import pytest

from threatstamp.core.ids import ChannelId, TeamId, Ts
from threatstamp.core.stamps.post import Place, post_of

LINK = "https://kaku.slack.com/archives/C0KAKU01/p1764000000000100"


@pytest.mark.parametrize(
    "link",
    [
        LINK,
        f"{LINK}?thread_ts=1763999000.000200&cid=C0KAKU01",
        f"<{LINK}>",
        f"<{LINK}|架空の投稿>",
        LINK.replace("kaku.slack.com", "kaku.enterprise.slack.com"),
    ],
)
def test_a_permalink_leads_to_its_message_also_in_a_thread(link: str) -> None:
    place = Place(team=TeamId("T0KAKU"), channel=ChannelId("C0KAKU01"), ts=Ts("1764000000.000100"))
    assert post_of(link, TeamId("T0KAKU")) == place


@pytest.mark.parametrize(
    "text",
    [
        "",
        "https://news.example/archives/1",
        "https://kaku.slack.com/archives/C0KAKU01",
        "https://kaku.slack.com/archives/D0KAKU01/p1764000000000100",
        LINK[:-1],
        f"{LINK}0",
        f"{LINK} と {LINK}",
        f"見て {LINK}",
    ],
)
def test_anything_else_leads_nowhere(text: str) -> None:
    assert post_of(text, TeamId("T0KAKU")) is None
