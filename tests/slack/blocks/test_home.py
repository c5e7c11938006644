"""The home stays within Slack's limits, whatever is in it, in both languages."""

from __future__ import annotations

import json
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from tests.texts.test_held_to_the_code import DUE_CASE
from threatstamp.core.ids import FeedName, UserId
from threatstamp.core.news.reviewing import Unreviewed
from threatstamp.core.time import Micros
from threatstamp.desk.views.home import MOST_SHOWN, WEEK_FIGURES, HomeCases, HomePage
from threatstamp.desk.views.reviewing import ReviewAct, ReviewPage
from threatstamp.sandbox.views import check_view
from threatstamp.slack.blocks.home import explanation_view, home_view
from threatstamp.slack.blocks.voice import Voice
from threatstamp.texts.catalogue import Language, Texts


@pytest.fixture(params=Language)
def voice(request: pytest.FixtureRequest) -> Voice:
    return Voice(Texts(request.param), ZoneInfo("Asia/Tokyo"))


def test_long_titles_many_cases_and_many_feeds_fit(voice: Voice) -> None:
    long = tuple(
        (replace(DUE_CASE, number=10_000 + n), "<!here> *長い題名* & " * 90) for n in range(MOST_SHOWN)
    )
    cases = HomeCases(count=500, shown=long)
    page = HomePage(
        waiting=cases,
        overdue=cases,
        mine=cases,
        week=dict.fromkeys(WEEK_FIGURES, 99_999),
        feeds=300,
        broken=tuple(FeedName(f"{n}<!here>" * 40) for n in range(200)),
    )
    shown = check_view(home_view(page, voice), kinds=("home",))
    assert "<!here>" not in json.dumps(shown)
    assert "490" in json.dumps(shown)


def test_an_empty_home_and_one_of_an_outsider(voice: Voice) -> None:
    empty = check_view(home_view(HomePage(), voice), kinds=("home",))
    assert len(json.dumps(empty)) > len(json.dumps(home_view(HomePage(is_outside=True), voice)))
    check_view(home_view(HomePage(is_outside=True), voice), kinds=("home",))
    check_view(home_view(HomePage(feeds=3, week={}, waiting=HomeCases()), voice), kinds=("home",))
    check_view(explanation_view((), voice, tracks={}), kinds=("modal",))


def test_what_nobody_stamped_is_one_button_that_asks_first(voice: Voice) -> None:
    last = ReviewAct(act=7, at=Micros(1), by=UserId("U0ITO"), count=3)
    reviews = ReviewPage(waiting=Unreviewed(count=2_500), until=Micros(1_764_000_000_000_000), last=last)
    shown = json.dumps(check_view(home_view(HomePage(reviews=reviews), voice), kinds=("home",)))
    for words in ("2500", "2000", "1764000000000000", "review_undo", "confirm"):
        assert words in shown
    nothing = replace(reviews, waiting=Unreviewed(), last=None)
    shown = json.dumps(check_view(home_view(HomePage(reviews=nothing), voice), kinds=("home",)))
    assert "review_rest" not in shown
