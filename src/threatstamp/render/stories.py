"""Stories with their entries, and why each belongs to its story: lines for people, a table for programs."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from threatstamp.core.facts.subject import Subject
from threatstamp.core.news.reviewing import Review
from threatstamp.core.news.trail import EntryTrail, PostTrail, StoryTrail
from threatstamp.core.text import one_line
from threatstamp.core.time import Micros, utc_text
from threatstamp.texts.catalogue import Texts

MOST_CLUES = 5
"""Words that are named."""

Say = Callable[[Micros], str]
Call = Callable[[str], str]


def story_lines(
    trail: StoryTrail,
    texts: Texts,
    *,
    say: Say,
    call: Call,
    subject: Subject,
    review: Review | None = None,
) -> Iterator[str]:
    """Yields a story for people. say, call: words of times and channels."""
    yield texts("stories.show_title", title=one_line(trail.story.title))
    yield "  " + texts("stories.show_id", id=trail.story.id)
    if trail.story.joined:
        yield "  " + texts("stories.show_joined", id=trail.story.joined)
    yield "  " + _kind(subject, texts)
    for number, one in enumerate(trail.entries, 1):
        title = one_line(one.entry.title or one.entry.link or one.entry.entry_id)
        yield "  " + texts("stories.show_entry", number=number, feed=one.feed, title=title)
        yield "     " + texts("stories.show_why", time=say(one.seen_at), why=_why(one, texts))
    for post in trail.posts:
        key = "stories.show_post" if post.ts else "stories.show_unposted"
        yield "  " + texts(key, channel=call(post.channel))
    if review is not None:
        key = "reviews.show_reviewed" if review.ended_at is None else "reviews.show_reopened"
        yield "  " + texts(key, time=say(review.ended_at or review.at), act=review.act)


def _kind(subject: Subject, texts: Texts) -> str:
    kind = texts(f"reading.kind_{subject.kind}")
    if subject.is_said:
        return texts("stories.told_kind", kind=kind)
    if not subject.why:
        return texts("stories.show_kind_alone", kind=kind)
    why = texts("stories.names_joint").join(subject.why[:MOST_CLUES])
    return texts("stories.show_kind", kind=kind, why=why)


def _why(one: EntryTrail, texts: Texts) -> str:
    return texts(f"stories.bond_{one.bond.value}") if one.bond else texts("stories.show_began")


def story_body(
    trail: StoryTrail, *, call: Call, subject: Subject, review: Review | None = None
) -> dict[str, object]:
    """Returns a story for programs."""
    story = trail.story
    return {
        "id": story.id,
        "title": story.title,
        "link": story.link,
        "source": story.source,
        "made_at": utc_text(trail.made_at),
        "joined": story.joined,
        "kind": subject.kind.value,
        "kind_said": subject.is_said,
        "kind_why": list(subject.why),
        "entries": [_entry_body(number, one) for number, one in enumerate(trail.entries, 1)],
        "posts": [_post_body(post, call) for post in trail.posts],
        "review": review
        and {"act": review.act, "at": utc_text(review.at), "ended_at": _utc(review.ended_at)},
    }


def _utc(at: Micros | None) -> str | None:
    return None if at is None else utc_text(at)


def _entry_body(number: int, one: EntryTrail) -> dict[str, object]:
    return {
        "entry": number,
        "feed": one.feed,
        "title": one.entry.title,
        "link": one.entry.link,
        "seen_at": utc_text(one.seen_at),
        "bond": one.bond.value if one.bond else None,
    }


def _post_body(post: PostTrail, call: Call) -> dict[str, object]:
    state = post.sent.state if post.sent else None
    return {"channel": call(post.channel), "ts": post.ts, "state": state}
