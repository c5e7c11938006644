"""What the old script posted is found by the permalink, wherever in its message that is."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from tests.support.fakes import FakeClock
from threatstamp.app.kinds import renderer
from threatstamp.core.ids import ChannelId, Emoji, TeamId, UserId
from threatstamp.slack.calls import Calls
from threatstamp.slack.client import SlackWorkspace
from threatstamp.slack.emoji import EmojiNames
from threatstamp.slack.posts import RecentPosts
from threatstamp.slack.reading import Loose
from threatstamp.slack.shared import script_posts
from threatstamp.texts.catalogue import Language, Texts

LINK = "https://town.slack.com/archives/C0NEWS/p1764000000000100"
REPLY = f"{LINK}?thread_ts=1763999999.000100&amp;cid=C0NEWS"


@pytest.fixture(scope="module")
def workspace() -> SlackWorkspace:
    calls = Calls("xoxb", api_url="http://127.0.0.1:9/", timeout=1.0)
    return SlackWorkspace(
        calls=calls,
        team=TeamId("T1"),
        enterprise="",
        me=UserId("U0ME"),
        bot="B0ME",
        renderer=renderer(Texts(Language.EN), ZoneInfo("UTC")),
        clock=FakeClock(),
        emoji=EmojiNames(calls),
        recent=RecentPosts(),
        known={},
    )


def rich(*elements: Loose) -> Loose:
    section = {"type": "rich_text_section", "elements": list(elements)}
    return {"blocks": [{"type": "rich_text", "elements": [section]}]}


@pytest.mark.parametrize(
    ("message", "emoji"),
    [
        ({"text": f"至急です @yamada stamped :rotating_light:\n<{LINK}>"}, {"rotating_light"}),
        ({"text": f"stamped :+1::skin-tone-3: <{REPLY}|元の投稿>"}, {"+1", "skin-tone-3"}),
        ({"text": "", "attachments": [{"text": "stamped :wrench:", "title_link": LINK}]}, {"wrench"}),
        ({"text": "", "attachments": [{"from_url": LINK, "blocks": [{"text": {"text": "x"}}]}]}, set()),
        (rich({"type": "emoji", "name": "wrench"}, {"type": "link", "url": LINK}), {"wrench"}),
    ],
)
def test_a_bots_message_leads_to_a_post_and_names_the_emoji(
    message: Loose, emoji: set[str], workspace: SlackWorkspace
) -> None:
    whole = {**message, "ts": "1764000300.000200", "bot_id": "B0SCRIPT"}
    [found] = script_posts(whole, workspace, channel=ChannelId("C0ALERT"))
    assert (found.post.channel, found.post.ts) == ("C0NEWS", "1764000000.000100")
    assert found.reactions == {Emoji(name) for name in emoji}
    assert found.link == (REPLY.replace("&amp;", "&") if "元の投稿" in str(message) else LINK)


@pytest.mark.parametrize(
    ("more", "count"),
    [
        ({"subtype": "bot_message"}, 1),
        ({"bot_id": "B0SCRIPT", "user": "U0SCRIPT"}, 1),
        ({"bot_id": "B0ME"}, 0),
        ({"user": "U0YAMADA"}, 0),
    ],
)
def test_what_a_person_or_we_ourselves_posted_is_not_the_scripts(
    more: Loose, count: int, workspace: SlackWorkspace
) -> None:
    message = {"text": f"<{LINK}> {LINK} https://news.example/archives/x", "ts": "1764000300.000200", **more}
    assert len(list(script_posts(message, workspace, channel=ChannelId("C0ALERT")))) == count
