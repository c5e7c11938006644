"""What nobody has stamped, in Slack: the command, and the buttons on the app's home."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass

from threatstamp.core.cases.case import Way
from threatstamp.core.errors import SlackError
from threatstamp.core.ids import ChannelId, UserId
from threatstamp.core.news.marking import label_beside
from threatstamp.core.news.story import Story
from threatstamp.core.text import is_web_link, one_line, quoted, unescape
from threatstamp.core.time import Micros
from threatstamp.desk.news.reviewing import ReviewedRest, ReviewOrder, review_rest, undo_review
from threatstamp.desk.ports.marking import story_marking
from threatstamp.desk.ports.roles import may_act
from threatstamp.desk.ports.tools import Tools
from threatstamp.desk.views.home import read_home
from threatstamp.desk.views.reviewing import ReviewPage, read_reviews
from threatstamp.slack.blocks.home import REST, UNDO, home_view
from threatstamp.slack.blocks.voice import LONGEST_LINK
from threatstamp.slack.client import SlackWorkspace
from threatstamp.slack.reading import Loose, text_in
from threatstamp.texts.fit import fit

log = logging.getLogger(__name__)

MOST_LISTED = 8
LONGEST_TITLE = 80
LONGEST_REASON = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewClick:
    """Somebody pressed a button on their home. until: see `ReviewOrder`; act: which they take back."""

    user: UserId
    until: Micros
    act: int | None


def read_review_click(action: Loose, user: str) -> ReviewClick | None:
    """Returns what a button means; None if it is none of these. Raises ValueError if malformed."""
    name, value = text_in(action, "action_id"), text_in(action, "value")
    if name not in (REST, UNDO):
        return None
    if not user or not value.isdecimal():
        raise ValueError("a click on the home without a person or a number")
    if name == UNDO:
        return ReviewClick(user=UserId(user), until=Micros(0), act=int(value))
    return ReviewClick(user=UserId(user), until=Micros(int(value)), act=None)


class Reviewing:
    """Answers the command, and does what the buttons say."""

    def __init__(self, tools: Tools, workspace: SlackWorkspace) -> None:
        self._tools = tools
        self._workspace = workspace

    def take(self, click: ReviewClick, *, event: int) -> None:
        """Does what a click says, and shows the home anew. Raises StoreError, SlackError."""
        now = self._tools.clock.now()
        if self._may(click.user):
            order = ReviewOrder(by=click.user, way=Way.BUTTON, until=click.until)
            if click.act is None:
                review_rest(self._tools.store, order, now=now, event=event)
            else:
                undo_review(self._tools.store, order, act=click.act, now=now, event=event)
        else:
            with self._tools.store.transaction() as tx:
                tx.inbox.forget(event)
        try:
            view = home_view(read_home(self._tools, click.user), self._workspace.voice)
            self._workspace.publish_home(click.user, view)
        except SlackError as error:
            log.warning("the home could not be shown: %s", error)

    def answer(self, rest: str, user: UserId, channel: ChannelId) -> str:
        """Returns the answer to the command. Raises StoreError, SlackError."""
        texts, policy = self._workspace.voice.texts, self._tools.policy
        where = {*policy.cards, *policy.sources}
        if channel not in where:
            channels = texts("slack.joint").join(f"<#{one}>" for one in sorted(where))
            return texts("search.slack_elsewhere", channels=channels)
        if not self._may(user):
            return texts("reviews.slack_no_right")
        name, _, said = rest.strip().partition(" ")
        now, reason = self._tools.clock.now(), one_line(unescape(said)).strip()[:LONGEST_REASON]
        order = ReviewOrder(by=user, way=Way.SLASH, until=now, reason=reason)
        match name:
            case "":
                return "\n".join(self._list(now, channel))
            case "rest":
                return "\n".join(self._marked(review_rest(self._tools.store, order, now=now)))
            case "undo" if not said or said.strip().isdecimal():
                act = int(said) if said else None
                return self._undone(undo_review(self._tools.store, order, act=act, now=now))
            case _:
                return texts("reviews.slack_help")

    def _may(self, user: UserId) -> bool:
        return not self._tools.workspace.is_external(user) and may_act(self._tools, user)

    def _list(self, now: Micros, channel: ChannelId) -> Iterator[str]:
        texts = self._workspace.voice.texts
        with self._tools.store.reading(whole=True) as read:
            page = read_reviews(read, now=now, most=MOST_LISTED)
        waiting = page.waiting
        yield texts("reviews.slack_count" if waiting.count else "reviews.slack_none", count=waiting.count)
        yield from (self._line(one, channel) for one in waiting.stories)
        if waiting.count > len(waiting.stories):
            yield texts("reviews.more", count=waiting.count - len(waiting.stories))
        yield from self._last(page)
        if waiting.count:
            yield texts("reviews.slack_how")

    def _last(self, page: ReviewPage) -> Iterator[str]:
        voice, last = self._workspace.voice, page.last
        if last is not None:
            by = voice.person(last.by) if last.by else voice.texts("slack.somebody")
            yield voice.texts("reviews.home_last", person=by, at=voice.clock(last.at), count=last.count)
            yield voice.texts("reviews.slack_undo", act=last.act)

    def _line(self, story: Story, channel: ChannelId) -> str:
        voice, policy = self._workspace.voice, self._tools.policy
        with self._tools.store.reading() as read:
            marking = story_marking(read, story, policy.labels)
            displayed = [place.channel for place in read.publications.places_of(story.id)]
        if marking is not None and not policy.may_read(marking, channel, displayed):
            return voice.texts("reviews.slack_sealed", label=marking.label)
        title = quoted(fit(one_line(story.title), LONGEST_TITLE))
        if is_web_link(story.link) and len(story.link) <= LONGEST_LINK:
            title = f"<{story.link}|{title}>"
        title = " ".join(filter(None, (label_beside(story.title, marking), title)))
        at = voice.clock(story.published_at) if story.published_at else ""
        source = quoted(fit(story.source, LONGEST_TITLE))
        return voice.texts("reviews.slack_line", at=at, title=title, source=source).strip()

    def _marked(self, done: ReviewedRest) -> Iterator[str]:
        texts = self._workspace.voice.texts
        if done.act is None:
            yield texts("reviews.marked_none")
            return
        yield texts("reviews.marked", count=done.count, act=done.act)
        if done.left:
            yield texts("reviews.marked_left", count=done.left)
        yield texts("reviews.slack_undo", act=done.act)

    def _undone(self, done: ReviewedRest) -> str:
        key = "reviews.undone_none" if done.act is None else "reviews.undone"
        return self._workspace.voice.texts(key, count=done.count, act=done.act or 0)
