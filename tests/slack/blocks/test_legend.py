"""What people wrote into the settings stands in a legend as it is: it mentions, links and formats nothing."""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from tests.slack.blocks.test_blocks import hostile
from threatstamp.app.kinds import renderer
from threatstamp.core.ids import ChannelId, Emoji
from threatstamp.desk.policy.legend import Legend, LegendLine
from threatstamp.sandbox.blockkit import check_blocks
from threatstamp.texts.catalogue import Language, Texts

RENDERER = renderer(Texts(Language.JA), ZoneInfo("Asia/Tokyo"))
CODE = re.compile("`[^`\n]*`")
OURS = {"<#C0ALERT>", "<@U9>", "<!subteam^S9>"}


def legend(name: str = "ciso", text: str = "", *, lost: str = "@\u200bnobody", count: int = 1) -> Legend:
    line = LegendLine(
        reaction=Emoji("fire"),
        name=name,
        to=(ChannelId("C0ALERT"),),
        in_thread=False,
        mention=("<@U9>", "<!here>", lost),
        text=text,
        allow=("<!subteam^S9>",),
    )
    return Legend(lines=(line,) * count)


@given(hostile.filter(str.strip), hostile, st.sampled_from(["@\u200bx", "@\u200b`![](@U1)`"]))
def test_nothing_in_it_mentions_or_links_but_what_the_desk_put_there(name: str, text: str, lost: str) -> None:
    said = legend(name, text, lost=lost)
    message = RENDERER.message(said)
    check_blocks(message.blocks)
    [block] = message.blocks
    outside = CODE.sub("", block["text"]["text"])  # type: ignore[index]
    assert set(re.findall(r"<[^>]*>?", outside)) <= OURS
    assert "<!here>" not in str(message.blocks)
    canvas = CODE.sub("", RENDERER.canvas(said, lambda _: "<@U1>`![](@U1)`").markdown)
    assert re.findall(r"!\[[^\]]*\]\([^)]*\)?", canvas) == ["![](#C0ALERT)"]
    assert "<" not in canvas
    assert "://" not in canvas


def test_a_hundred_routes_fit_into_the_blocks_that_slack_takes() -> None:
    message = RENDERER.message(legend("名" * 300, "語" * 3_000, count=100))
    check_blocks(message.blocks)
    assert 1 < len(message.blocks) <= 50


def test_a_quiet_one_names_nobody() -> None:
    quiet = Legend(lines=legend().lines, quiet=True)
    assert "U9" not in str(RENDERER.message(quiet))
    assert "S9" not in str(RENDERER.message(quiet))
