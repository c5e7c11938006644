"""Nothing that the desk says is beyond Slack's limits, with the longest words, 300 products and 500 people.

Each saying is one of the samples to which `tests/texts` holds the code, with every text in it stretched and
every list in it filled; each view is made by a function of `slack/blocks`, of which none may be left out.
"""

from __future__ import annotations

import json
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import date
from functools import cache
from importlib import import_module
from typing import Any, get_type_hints
from zoneinfo import ZoneInfo

import pytest

from tests.slack.blocks.test_case import DECIDED, FULL, LONG, NOTED, voice
from tests.support.facts import CVE, cvelist_said, epss_said, kev_said, known, renamed, score
from tests.support.priority import story_priority, touch
from tests.texts.test_held_to_the_code import MATCHED, SAYINGS
from threatstamp.app.kinds import renderer
from threatstamp.config.feeds import LONGEST_NAME as FEED_NAME
from threatstamp.config.products import LONGEST_NAME
from threatstamp.config.routes import LONGEST_TEXT
from threatstamp.core.assets.product import Criticality
from threatstamp.core.cases.call import LONGEST_HOW, LONGEST_VERSION, LONGEST_WHAT, CallText, Tally
from threatstamp.core.cases.details import LONGEST_AUDIENCE, LONGEST_REASON
from threatstamp.core.cases.moves import LONGEST_LINK
from threatstamp.core.cases.track import TrackPlan
from threatstamp.core.cases.weighing import CaseCard
from threatstamp.core.ids import ChannelId, FeedName, TrackName, UserId
from threatstamp.core.news.reviewing import Unreviewed
from threatstamp.core.priority.table import Wording
from threatstamp.core.priority.urgency import Priority
from threatstamp.core.stamps.route import Track
from threatstamp.core.time import Micros
from threatstamp.desk.cases.briefing import BriefSaying
from threatstamp.desk.ports.slack import Saying
from threatstamp.desk.priority.noticing import MOST as MOST_NOTICES
from threatstamp.desk.stamps.forwarding import ForwardSaying
from threatstamp.desk.views.cases import CaseView
from threatstamp.desk.views.home import MOST_SHOWN, WEEK_FIGURES, HomeCases, HomePage
from threatstamp.desk.views.reviewing import ReviewAct, ReviewPage
from threatstamp.sandbox.blockkit import check_blocks
from threatstamp.sandbox.methods.chat import LARGEST_BLOCKS
from threatstamp.sandbox.views import check_view
from threatstamp.slack import blocks
from threatstamp.slack.blocks.callform import preview_view, writing_view
from threatstamp.slack.blocks.dialog import MOST_MOVES, Dialog, dialog_view
from threatstamp.slack.blocks.home import explanation_view, home_view
from threatstamp.slack.blocks.voice import Block, Voice
from threatstamp.texts.catalogue import Language, Texts

PEOPLE, PRODUCTS = 500, 300
LINK = "https://news.example/" + "x" * (2_000 - 21)
NAMES = FEED_NAME
"""Characters of the names of routes and feeds."""

LONGEST = 40_000
"""Characters of a message's text, of which Slack cuts off the rest."""

BOUNDED: Mapping[tuple[str, str], int] = {
    ("CallText", "what"): LONGEST_WHAT,
    ("CallText", "version"): LONGEST_VERSION,
    ("CallText", "how"): LONGEST_HOW,
    ("Details", "audience"): LONGEST_AUDIENCE,
    ("Wish", "reason"): LONGEST_REASON,
    ("CaseCard", "ticket"): LONGEST_LINK,
    **dict.fromkeys((("Story", "source"), ("DigestSaying", "source"), ("StoryNote", "source")), NAMES),
    **dict.fromkeys(
        ((one, "route_name") for one in ("Order", "Refusal", "StampQuestion", "ThreadLine")), NAMES
    ),
    **dict.fromkeys((("LegendLine", "text"), ("Order", "text")), LONGEST_TEXT),
    ("LegendLine", "name"): NAMES,
    **dict.fromkeys((("Product", "name"), ("Product", "version"), ("Match", "version")), LONGEST_NAME),
    **dict.fromkeys(
        (("Touch", "product"), ("Touch", "version"), ("ExposureQuestion", "product")), LONGEST_NAME
    ),
    ("ExposureRefusal", "product"): LONGEST_NAME,
    **dict.fromkeys((("Wording", "ja"), ("Wording", "en")), 300),
}
"""What can be no longer, as the settings refuse more, or what is recorded was cut."""

FEW: Mapping[tuple[str, str], int] = {("CaseReminder", "people"): 2, ("StoryNotice", "notices"): MOST_NOTICES}
"""Lists that cannot be longer."""

CODED = {
    *(("Alert", "kind"), ("CallTold", "name"), ("CaseReminder", "cause"), ("Details", "effort")),
    *(("Details", "cause"), ("CaseCard", "estimate"), ("ExposureAnswer", "way"), ("ExposureRefusal", "why")),
    *(("MatchReason", "source"), ("MatchReason", "vulnerability"), ("Placing", "sign"), ("Product", "owner")),
    *(("Risk", "key"), ("Order", "digest"), ("Spent", "estimate"), ("Spent", "taken")),
    *(("StoryPriority", name) for name in ("gist", "outcome", "ruling", "shown")),
    *(("Touch", name) for name in ("ground", "standing", "scan", "source", "where", "vulnerability")),
    *(("Notice", name) for name in ("before", "after", "cve")),
}
"""Texts that are words of the program, or are made of them."""


def stretched(value: Any, times: int) -> Any:
    """Returns it with its texts as long as they can be, and its lists filled. times: how long a list gets."""
    if isinstance(value, tuple):
        return tuple(stretched(one, times) for one in value) * -(-times // max(1, len(value)))
    if not is_dataclass(value) or isinstance(value, type):
        return value
    kind, hints = type(value).__name__, get_type_hints(type(value))
    changed: dict[str, Any] = {}
    for one in fields(value):
        found, name = getattr(value, one.name), (kind, one.name)
        if not one.init:
            continue
        if hints[one.name] in (str, str | None):
            if found and name not in CODED:
                long = LINK if str(found).startswith("https://") else LONG
                changed[one.name] = long[: BOUNDED.get(name, len(long))]
        elif isinstance(found, Mapping):
            changed[one.name] = {key: _longer(said) for key, said in found.items()}
        elif name == ("Case", "checklist") or name == ("Case", "ticked"):
            continue  # as `test_case` has them
        else:
            changed[one.name] = stretched(found, min(times, FEW.get(name, times)))
    return replace(value, **changed)


def _longer(value: object) -> object:
    """Of what an alert says: sentences and names; ids, times and numbers are as long as they are."""
    is_name = isinstance(value, str) and not value.replace(".", "").isdigit() and " " in value
    return LONG if is_name else value


CARD = CaseCard(
    case=replace(FULL, kind=Track.APP_UPDATE, track=TrackName("own")),
    decided=DECIDED,
    pending=DECIDED,
    assessed=story_priority(Priority.CRITICAL, touch("箱舟FTP", late=True)),
    estimate="9999h",
    criticality=Criticality.HIGH,
    tally=Tally(asked=500, done=400, not_using=20, help=9),
    plan=TrackPlan(name=TrackName("own"), kind=Track.PRODUCT, label=Wording(ja=LONG[:40], en=LONG[:40])),
    briefed=DECIDED,
    acknowledged=DECIDED,
    ticket=LINK,
)
FACTS = tuple(
    known(
        *(
            renamed(one, f"CVE-2099-{number}")
            for one in (cvelist_said(CVE, score(9.8)), kev_said(), epss_said())
        )
    )
    for number in range(10_000, 10_000 + PRODUCTS)
)


def longest() -> Iterator[Saying]:
    """Yields every sample with words and lists of every length that matters."""
    forward = SAYINGS[ForwardSaying][0]
    assert isinstance(forward, ForwardSaying)
    snapshot = SAYINGS[ForwardSaying][1]
    assert isinstance(snapshot, ForwardSaying)
    more = (
        replace(forward, card=CARD, snapshot=snapshot.snapshot, priority=CARD.assessed),
        replace(forward, card=replace(CARD, case=FULL), snapshot=snapshot.snapshot),
        BriefSaying(card=CARD, snapshot=snapshot.snapshot, matches=(MATCHED,), known=()),
    )
    for saying in (*(one for found in SAYINGS.values() for one in found), *more):
        for times in (1, PRODUCTS, PEOPLE):
            made = stretched(saying, times)
            facts = {"facts", "known"} & {one.name for one in fields(made)}
            yield replace(made, **dict.fromkeys(facts, FACTS))


@pytest.mark.parametrize("language", Language)
def test_every_message_is_taken_by_slack_at_its_longest(language: Language) -> None:
    said = renderer(Texts(language), ZoneInfo("Asia/Tokyo"))
    wrong = []
    for saying in longest():
        message = said.message(saying)
        try:
            check_blocks(message.blocks)
        except Exception as error:
            wrong.append((type(saying).__name__, str(getattr(error, "more", error))))
        size = len(json.dumps(message.blocks, ensure_ascii=False))
        if size > LARGEST_BLOCKS or not 0 < len(message.text) <= LONGEST:
            wrong.append((type(saying).__name__, f"{size} in blocks, {len(message.text)} in the text"))
    assert sorted(set(wrong)) == []


def _dialogs(voice: Voice) -> Iterator[Block]:
    moves = (DECIDED, *(NOTED,) * 3 * MOST_MOVES)
    view = CaseView(case=FULL, title=LONG, permalink=LINK, story=None, moves=moves, card=CARD)
    yield from (dialog_view(one, view, voice, channel=ChannelId("C0CARDS")) for one in Dialog)


def _calls(voice: Voice) -> Iterator[Block]:
    text = CallText(
        what=LONG[:LONGEST_WHAT],
        version=LONG[:LONGEST_VERSION],
        how=('\\"\n' * LONGEST_HOW)[:LONGEST_HOW],  # each is two characters of JSON
        by_date=date(2026, 12, 24),
    )
    yield preview_view(
        2**40, text, channel=ChannelId("C1"), told_in=ChannelId("C2"), in_hours=True, voice=voice
    )


def _written(voice: Voice) -> Iterator[Block]:
    audiences = [(ChannelId(f"C{number:09}"), "#" + "x" * 80) for number in range(PRODUCTS)]
    yield writing_view(
        2**40,
        what=LONG[:LONGEST_WHAT],
        version=LONG[:LONGEST_VERSION],
        how=LONG[:LONGEST_HOW],
        by_date=date(2026, 12, 24),
        audiences=audiences,
        told_in=ChannelId("C2"),
        voice=voice,
    )


def _homes(voice: Voice) -> Iterator[Block]:
    cases = HomeCases(count=500, shown=((replace(FULL, number=2**40), LONG),) * MOST_SHOWN)
    last = ReviewAct(act=7, at=Micros(1), by=UserId("U0ITO"), count=99_999)
    yield home_view(
        HomePage(
            waiting=cases,
            overdue=cases,
            mine=cases,
            week=dict.fromkeys(WEEK_FIGURES, 99_999),
            feeds=PRODUCTS,
            broken=(FeedName(LONG),) * PRODUCTS,
            reviews=ReviewPage(waiting=Unreviewed(count=99_999), until=Micros(2**60), last=last),
        ),
        voice,
    )


def _explanations(voice: Voice) -> Iterator[Block]:
    from tests.desk.cases.test_act import CASED

    yield explanation_view(tuple(CASED.routes) * PRODUCTS, voice, tracks={})


VIEWS: Mapping[str, Callable[[Voice], Iterator[Block]]] = {
    "dialog_view": _dialogs,
    "preview_view": _calls,
    "writing_view": _written,
    "home_view": _homes,
    "explanation_view": _explanations,
}


@cache
def makers() -> frozenset[str]:
    """The names of functions that make views."""
    modules = (
        import_module(one.name) for one in pkgutil.iter_modules(blocks.__path__, f"{blocks.__name__}.")
    )
    return frozenset(
        name for one in modules for name in vars(one) if name.endswith("_view") and name[0] != "_"
    )


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("name", sorted({*VIEWS, *makers()}))
def test_every_view_is_taken_by_slack_at_its_longest(name: str, language: Language) -> None:
    for view in VIEWS[name](voice(language)):
        check_view(view, kinds=("modal", "home"))
