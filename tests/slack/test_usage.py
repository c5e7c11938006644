"""How a channel is read for its emoji: page by page, no faster than Slack wishes, and not for ever."""

from __future__ import annotations

from threatstamp.core.errors import SlackError
from threatstamp.core.ids import ChannelId, Emoji, UserId
from threatstamp.core.time import DAY, Micros
from threatstamp.slack.calls import Answer, Calls
from threatstamp.slack.emoji import EmojiNames
from threatstamp.slack.usage import LONGEST, PACE, PAGES, Usage, UsageReading

OLDEST = Micros(90 * DAY)


class Channel(Calls):
    """A channel without an end: each page has one post with one stamp. refusals: errors, by number of call."""

    def __init__(self, refusals: dict[int, SlackError] | None = None) -> None:
        super().__init__("xoxb-", api_url="https://slack.example/api/", timeout=1)
        self.refusals = refusals or {}
        self.cursors: list[object] = []
        self.oldest: set[object] = set()

    def get(self, method: str, **arguments: object) -> Answer:
        self.cursors.append(arguments["cursor"])
        self.oldest.add(arguments["oldest"])
        number = len(self.cursors)
        if number in self.refusals:
            raise self.refusals[number]
        post = {"ts": "1.0", "reactions": [{"name": "eyes", "count": 2, "users": ["U0YAMADA"]}]}
        return {"messages": [post], "response_metadata": {"next_cursor": f"page {number + 1}"}}


def read(channel: Channel) -> tuple[Usage, list[float]]:
    """Returns what was counted in the end, and the waits."""
    waits: list[float] = []

    def wait(seconds: float) -> bool:
        waits.append(seconds)
        return True

    reading = UsageReading(channel, emoji=EmojiNames(channel), me=UserId("U0DESK"), wait=wait)
    *_, usage = reading.read(ChannelId("C0NEWS"), oldest=OLDEST, pages=PAGES)
    return usage, waits


def limited(seconds: float) -> SlackError:
    return SlackError("ratelimited", retry_after=seconds)


def test_a_channel_without_an_end_is_read_so_far_and_at_slacks_pace() -> None:
    channel = Channel()
    usage, waits = read(channel)
    assert (usage.posts, usage.stamped[Emoji("eyes")], usage.whole, usage.refused) == (
        PAGES,
        PAGES,
        False,
        None,
    )
    assert waits == [PACE] * (PAGES - 1)
    assert channel.oldest == {"7776000.000000"}


def test_a_page_that_slack_puts_off_is_asked_for_again_and_not_skipped() -> None:
    channel = Channel({2: limited(7.0)})
    usage, waits = read(channel)
    assert channel.cursors[:3] == [None, "page 2", "page 2"]
    assert waits[:2] == [PACE, 7.0]
    assert usage.posts == PAGES


def test_waits_add_up_and_what_was_read_until_then_counts() -> None:
    usage, waits = read(Channel({2: limited(LONGEST - 1), 4: limited(LONGEST - 1)}))
    assert usage.posts == 2
    assert usage.refused is not None
    assert usage.refused.code == "ratelimited"
    assert sum(waits) < LONGEST + 3 * PACE


def test_an_error_on_the_way_ends_it_with_what_was_read() -> None:
    usage, _ = read(Channel({3: SlackError("timeout", ambiguous=True)}))
    assert (usage.posts, usage.whole) == (2, False)
