"""Feeds in the file: what they mean, what presets bring, and all that can be wrong with them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.config.test_settings import problems, settings
from threatstamp.config.feeds import presets
from threatstamp.core.news.feed import Feed, Keep, Layer

HEAD = 'language = "en"\n'
LEAST = """
[[feeds]]
name = "Sample"
url = "https://feed.example/rss"
channel = "#security-news"
"""


def feed(folder: Path, more: str = "", head: str = "") -> Feed:
    [found] = settings(folder, HEAD + head + LEAST + more).feeds
    return found


def test_the_least_feed_is_understood_and_its_channel_is_a_source(tmp_path: Path) -> None:
    found = settings(tmp_path, HEAD + LEAST)
    [one] = found.feeds
    assert (one.every, one.backlog, one.burst, one.post, one.store) == (600.0, 3, 5, True, Keep.FULL)
    assert (one.most, str(one.zone)) == (2_000_000, "Asia/Tokyo")
    assert found.sources == ("#security-news",)
    assert found.routes == ()


def test_every_key_of_a_feed_is_understood(tmp_path: Path) -> None:
    found = feed(
        tmp_path,
        """every = "1h30m"
backlog = 0
burst = 9
timezone = "UTC"
store = "headline"
max_size = "500KB"
purpose = "browsers"
layer = "tactical"
owner = "IT"
reviewed_on = 2026-11-24
""",
    )
    assert (found.every, found.backlog, found.burst, str(found.zone)) == (5400.0, 0, 9, "UTC")
    assert (found.store, found.most, found.layer) == (Keep.HEADLINE, 500_000, Layer.TACTICAL)
    assert found.reviewed_on == date(2026, 11, 24)


def test_what_fetch_says_holds_for_feeds_that_say_nothing_else(tmp_path: Path) -> None:
    head = '[fetch]\nbacklog = 1\nburst = 2\nallow_private = ["10.0.0.0/8"]\n'
    found = feed(tmp_path, "burst = 7\n", head=head)
    assert (found.backlog, found.burst) == (1, 7)


def test_a_feed_that_posts_nothing_needs_no_channel_and_makes_no_source(tmp_path: Path) -> None:
    text = HEAD + '[[feeds]]\npreset = "jvn"\npost = false\n[[sources]]\nchannel = "#other"\n'
    found = settings(tmp_path, text)
    assert found.sources == ("#other",)
    assert found.feeds[0].channel == ""


@pytest.mark.parametrize("name", sorted(presets()))
def test_every_preset_brings_what_a_feed_needs(tmp_path: Path, name: str) -> None:
    [found] = settings(tmp_path, HEAD + f'[[feeds]]\npreset = "{name}"\nchannel = "#n"\n').feeds
    assert found.name
    assert found.url.startswith("https://")
    assert found.every >= 600


def test_commercial_news_is_kept_as_headlines_unless_the_file_says_otherwise(tmp_path: Path) -> None:
    text = HEAD + '[[feeds]]\npreset = "security-next"\nchannel = "#n"\n'
    assert settings(tmp_path, text).feeds[0].store is Keep.HEADLINE
    assert settings(tmp_path, text + 'store = "full"\n').feeds[0].store is Keep.FULL


def test_presets_cover_the_sources_that_a_japanese_team_reads() -> None:
    wanted = {"jpcert", "jvn", "jvn-ipedia", "ipa", "security-next", "scannetsecurity", "itmedia-security"}
    wanted |= {"piyolog", "cisa", "msrc", "chrome-releases", "ubuntu", "debian", "sans-isc", "krebs"}
    assert wanted | {"bleepingcomputer", "thehackernews"} == presets().keys()


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (('url = "https://feed.example/rss"', ""), "has no url"),
        (('name = "Sample"', ""), "has no name"),
        (('name = "Sample"', 'preset = "jpcrt"'), "did you mean jpcert"),
        (('channel = "#security-news"', ""), "has no channel"),
        (('channel = "#security-news"', 'channel = "security news"'), "is not a channel"),
        (("https://feed.example/rss", "file:///etc/passwd"), "http:// or https://"),
        (("https://feed.example/rss", "https://a:b@feed.example/rss"), "without a name and password"),
        (('name = "Sample"', 'name = "Sample"\nevery = "10s"'), "at least one minute"),
        (('name = "Sample"', 'name = "Sample"\nevery = "soon"'), "not a length of time"),
        (('name = "Sample"', 'name = "Sample"\nmax_size = "1GB"'), "at most 10MB"),
        (('name = "Sample"', 'name = "Sample"\nlayer = "tactic"'), "did you mean tactical"),
        (('name = "Sample"', 'name = "Sample"\nstore = "headlines"'), "did you mean headline"),
        (('name = "Sample"', 'name = "Sample"\nreviewed_on = "yesterday"'), "must be a date"),
        (('name = "Sample"', 'name = "Sample"\ntimezone = "Asia/Tokio"'), "did you mean Asia/Tokyo"),
        (('name = "Sample"', 'name = "Sample"\nchanel = "#x"'), "did you mean channel"),
        (('name = "Sample"', 'name = "Sample"\nbacklog = -1'), "whole number"),
    ],
)
def test_each_mistake_has_its_sentence(tmp_path: Path, change: tuple[str, str], expected: str) -> None:
    assert expected in problems(tmp_path, HEAD + LEAST.replace(*change))


def test_the_same_name_or_address_twice_is_refused(tmp_path: Path) -> None:
    assert problems(tmp_path, HEAD + LEAST + LEAST).count("appears twice") == 2


def test_a_feeds_channel_cannot_be_a_destination_of_a_route_that_listens_to_it(tmp_path: Path) -> None:
    text = HEAD + LEAST + '[[routes]]\nreaction = "eyes"\nto = ["#security-news"]\n'
    assert "a source that this route listens to" in problems(tmp_path, text)


def test_a_feed_that_another_app_posts_makes_its_channel_a_source_all_the_same(tmp_path: Path) -> None:
    assert settings(tmp_path, HEAD + LEAST + "post = false\n").sources == ("#security-news",)
