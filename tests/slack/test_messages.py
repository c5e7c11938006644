"""Whatever a message says, it is read."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from threatstamp.slack.messages import read_snapshot

PIECES = st.sampled_from(
    [
        "<",
        ">",
        "|",
        "&",
        "&#",
        "#",
        ";",
        "&lt;",
        "x",
        "&#" + "9" * 5_000,
        "http://a.example",
        "@U1",
        "!here",
        "\n",
        "é",
    ]
)


@example("&#" + "9" * 5_000 + ";")
@given(st.lists(st.one_of(PIECES, st.text(max_size=5)), max_size=12).map("".join))
def test_any_text_makes_a_snapshot(text: str) -> None:
    link = {"type": "link", "url": "https://a.example", "text": text}
    blocks = [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [link]}]}]
    for message in (
        {"text": text},
        {"blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": text}}]},
        {"blocks": blocks},
        {"attachments": [{"title": text, "title_link": "https://a.example", "service_name": text}]},
    ):
        snapshot = read_snapshot({"ts": "1764000000.000100", **message})
        assert "\n" not in snapshot.title + snapshot.source


@pytest.mark.parametrize("message", [{}, {"text": None}, {"blocks": 1}, {"attachments": [None, 1]}])
def test_what_is_no_message_of_slack_is_an_empty_snapshot(message: dict[str, object]) -> None:
    assert read_snapshot({"ts": "1764000000.000100", **message}).title == ""
