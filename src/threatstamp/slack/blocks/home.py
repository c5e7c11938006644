"""The app's home: what waits for a person, and how things are.

Source: https://docs.slack.dev/surfaces/app-home
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from threatstamp.core.cases.case import Case
from threatstamp.core.cases.track import TrackPlan
from threatstamp.core.cases.weighing import CaseCard
from threatstamp.core.ids import TrackName
from threatstamp.core.news.reviewing import MOST_AT_ONCE
from threatstamp.core.stamps.route import BoundRoute
from threatstamp.core.text import one_line, quoted
from threatstamp.desk.views.home import HomeCases, HomePage
from threatstamp.desk.views.reviewing import ReviewPage
from threatstamp.slack.blocks.case import state_words
from threatstamp.slack.blocks.voice import LONGEST_LINE, Block, Voice, context, section
from threatstamp.texts.casework import track_words
from threatstamp.texts.fit import fit

LONGEST_TITLE = 80
LONGEST_NAME = 60
MOST_FEEDS = 10
MOST_ROUTES = 20

REVIEWS = "review_"
REST = f"{REVIEWS}rest"
UNDO = f"{REVIEWS}undo"
"""The buttons about what nobody has stamped."""


def home_view(page: HomePage, voice: Voice) -> Block:
    """Returns the home as views.publish takes it."""
    texts = voice.texts
    if page.is_outside:
        return {"type": "home", "blocks": [section(texts("home.outside"))]}
    blocks: list[Block] = []
    if page.waiting is not None:
        blocks += _cases("waiting", page.waiting, voice)
    blocks += _cases("overdue", page.overdue, voice)
    blocks += _cases("mine", page.mine, voice)
    if page.reviews is not None:
        blocks += _reviews(page.reviews, voice)
    week = [texts(f"home.week_{figure.value}", count=count) for figure, count in page.week.items()]
    if week:
        blocks += [_head(texts("home.week")), section(voice.joint.join(week))]
    return {"type": "home", "blocks": [*blocks, *_feeds(page, voice), context(texts("home.ways"))]}


def explanation_view(
    routes: tuple[BoundRoute, ...], voice: Voice, *, tracks: Mapping[TrackName, TrackPlan]
) -> Block:
    """Returns a dialog that says which stamps open a case. routes: those that do, in the post's channel."""
    texts = voice.texts
    lines = [
        texts(
            "home.stamp",
            emoji=f":{bound.route.reaction}:",
            track=quoted(track_words(case, tracks.get(case), texts)) if (case := bound.route.case) else "",
            channels=" ".join(f"<#{to}>" if not to.startswith("#") else to for to in bound.to),
        )
        for bound in routes[:MOST_ROUTES]
    ]
    said = [texts("home.how"), *lines, texts("home.what")] if lines else [texts("home.no_stamp")]
    return {
        "type": "modal",
        "title": {"type": "plain_text", "text": texts("home.shortcut")},
        "close": {"type": "plain_text", "text": texts("casework.close")},
        "blocks": [section(fit("\n".join(said), LONGEST_LINE), verbatim=True)],
    }


def _cases(name: str, cases: HomeCases, voice: Voice) -> Iterator[Block]:
    texts = voice.texts
    yield _head(texts(f"home.{name}", count=cases.count))
    if not cases.shown:
        yield section(texts(f"home.{name}_none"))
        return
    lines = [_line(case, title, voice) for case, title in cases.shown]
    if cases.count > len(lines):
        lines.append(texts("home.more", count=cases.count - len(lines)))
    yield section(fit("\n".join(lines), LONGEST_LINE), verbatim=True)


def _line(case: Case, title: str, voice: Voice) -> str:
    named = quoted(fit(one_line(title), LONGEST_TITLE)) or voice.texts("cases.untitled")
    line = state_words(CaseCard(case=case), voice)
    return voice.texts("casework.command_line", case=case.number, title=named, line=line)


def _reviews(page: ReviewPage, voice: Voice) -> Iterator[Block]:
    texts, count = voice.texts, page.waiting.count
    yield _head(texts("reviews.home", count=count))
    if count:
        marks = min(count, MOST_AT_ONCE)
        button = _button(REST, texts("reviews.button"), str(page.until))
        confirm: Block = {
            "title": _plain(texts("reviews.confirm_title")),
            "text": _plain(texts("reviews.confirm_text", count=marks)),
            "confirm": _plain(texts("reviews.confirm_yes")),
            "deny": _plain(texts("reviews.confirm_no")),
        }
        said = section(texts("reviews.home_waiting", count=count))
        yield {**said, "accessory": {**button, "confirm": confirm}}
    else:
        yield section(texts("reviews.home_none"))
    last = page.last
    if last is not None:
        by = voice.person(last.by) if last.by else texts("slack.somebody")
        said = section(texts("reviews.home_last", person=by, at=voice.clock(last.at), count=last.count))
        yield {**said, "accessory": _button(UNDO, texts("reviews.undo_button"), str(last.act))}


def _button(action: str, words: str, value: str) -> Block:
    return {"type": "button", "action_id": action, "text": _plain(words), "value": value}


def _plain(words: str) -> Block:
    return {"type": "plain_text", "text": words}


def _feeds(page: HomePage, voice: Voice) -> Iterator[Block]:
    texts = voice.texts
    if not page.feeds:
        return
    yield _head(texts("home.feeds"))
    if not page.broken:
        yield section(texts("home.feeds_well", count=page.feeds))
        return
    names = [quoted(fit(one_line(name), LONGEST_NAME)) for name in page.broken[:MOST_FEEDS]]
    rest = len(page.broken) - len(names)
    said = voice.joint.join([*names, *([texts("home.more", count=rest)] if rest else [])])
    bad = len(page.broken)
    yield section(fit(texts("home.feeds_broken", count=bad, feeds=page.feeds, names=said), LONGEST_LINE))


def _head(words: str) -> Block:
    return {"type": "header", "text": _plain(words)}
