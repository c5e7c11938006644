"""Why somebody was told of a vulnerability, or was not: each step on record, in the order of time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from threatstamp.core.assets.match import Match
from threatstamp.core.facts.assessment import FactSource
from threatstamp.core.facts.cve import CveId
from threatstamp.core.facts.keys import id_key
from threatstamp.core.facts.vulnerability import Vulnerability
from threatstamp.core.ids import FeedName, StoryId
from threatstamp.core.news.marking import CONFIDENTIAL, Labels, Tlp
from threatstamp.core.news.story import Story
from threatstamp.core.news.trail import (
    EntryTrail,
    ForwardTrail,
    PostTrail,
    RefusalTrail,
    SentTrail,
    StampTrail,
    StoryTrail,
)
from threatstamp.core.outbox.departure import State
from threatstamp.core.stamps.route import Verdict
from threatstamp.core.stamps.turn import TurnKind
from threatstamp.core.time import Micros
from threatstamp.desk.ports.marking import story_marking
from threatstamp.desk.ports.store import Store

MOST_STORIES = 50
"""Stories about one id that are told, the newest."""


class StepKind(StrEnum):
    """What happened, or did not."""

    SEEN = "seen"
    JOINED = "joined"
    FACT = "fact"
    MATCHED = "matched"
    SHOWN = "shown"
    STAMPED = "stamped"
    FORWARDED = "forwarded"
    LIMITED = "limited"
    LEFT_OUT = "left_out"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step. at: None for what holds now. why: its text is `whynot.…`, filled with the values.

    story: None for what is not about one story. match: of a step MATCHED.
    """

    kind: StepKind
    why: str
    at: Micros | None = None
    story: StoryId | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    match: Match | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyNot:
    """The answer for one id. stories: the newest that name it, oldest first. markings: their TLP labels."""

    cve: CveId
    stories: tuple[Story, ...]
    steps: tuple[Step, ...]
    markings: Mapping[StoryId, Tlp] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What the answer depends on beside the record.

    silent: feeds with `post = false`. loaded: the sources of facts. known: what these say of the id; None for
    nothing. matches: the products that it is about. products: how many there are. labels: of the feeds.
    routes: what each forwards at most, by its id; without those that only record.
    """

    silent: frozenset[FeedName]
    loaded: Sequence[FactSource]
    known: Vulnerability | None
    matches: Sequence[Match]
    products: int
    labels: Labels = field(default_factory=Labels)
    routes: Mapping[str, Tlp] = field(default_factory=dict)


def why_not(store: Store, cve: CveId, around: Circumstances) -> WhyNot:
    """Returns every step on record about an id. Raises StoreError."""
    with store.reading(whole=True) as read:
        found = [read.stories.trail(one) for one in read.stories.naming(id_key(cve), most=MOST_STORIES)]
        trails = [one for one in found if one is not None]
        marked = {one.story.id: story_marking(read, one.story, around.labels) for one in trails}
    markings = {story: tlp for story, tlp in marked.items() if tlp is not None}
    dated = [step for trail in trails for step in _story_steps(trail, around, markings.get(trail.story.id))]
    dated += _fact_steps(around)
    if not trails:
        dated.append(Step(kind=StepKind.LEFT_OUT, why="no_story"))
    steps = sorted(dated, key=lambda step: (step.at is None, step.at or 0))
    return WhyNot(
        cve=cve,
        stories=tuple(one.story for one in trails),
        steps=(*steps, *_match_steps(around)),
        markings=markings,
    )


def _story_steps(trail: StoryTrail, around: Circumstances, marking: Tlp | None) -> Iterator[Step]:
    for one in trail.entries:
        yield from _entry_steps(one, trail)
    if not trail.posts:
        yield _left_out(trail, around)
    for post in trail.posts:
        yield from _post_steps(post, trail, around, marking)
    if marking in CONFIDENTIAL:
        yield _limited(trail, around, marking)


def _entry_steps(one: EntryTrail, trail: StoryTrail) -> Iterator[Step]:
    story, source = trail.story, trail.story.source
    values = {"feed": one.feed, "source": source}
    why = "seen_first" if one.is_first_contact else "seen"
    yield Step(kind=StepKind.SEEN, why=why, at=one.seen_at, story=story.id, values=values)
    if one.feed != source:
        yield Step(kind=StepKind.JOINED, why="joined", at=one.seen_at, story=story.id, values=values)
    if one.revised_at is not None:
        yield Step(kind=StepKind.SEEN, why="changed", at=one.revised_at, story=story.id, values=values)


def _left_out(trail: StoryTrail, around: Circumstances) -> Step:
    """Returns why a story is on record and nowhere else, as far as the record and the settings tell."""
    feeds = {one.feed for one in trail.entries}
    if feeds and feeds <= around.silent:
        why = "left_out_silent"
    elif any(one.is_left_out for one in trail.entries):
        why = "left_out_relevance"
    elif any(one.is_first_contact for one in trail.entries):
        why = "left_out_backlog"
    else:
        why = "left_out"
    values = {"feed": trail.story.source}
    return Step(kind=StepKind.LEFT_OUT, why=why, at=trail.made_at, story=trail.story.id, values=values)


def _limited(trail: StoryTrail, around: Circumstances, marking: Tlp) -> Step:
    """Returns by which routes a confidential story may go out."""
    routes = [route for route, most in around.routes.items() if not marking.exceeds(most)]
    values = {"label": marking.label, "tlp": marking.value, "routes": ", ".join(routes)}
    why = "limited" if routes else "limited_wholly"
    return Step(kind=StepKind.LIMITED, why=why, story=trail.story.id, values=values)


def _post_steps(
    post: PostTrail, trail: StoryTrail, around: Circumstances, marking: Tlp | None
) -> Iterator[Step]:
    yield _shown(post, trail)
    for stamp in post.stamps:
        yield _stamped(stamp, post, trail)
    for refusal in post.refusals:
        yield _refused(refusal, trail, around, marking)
    for forward in post.forwards:
        yield _forwarded(forward, trail)
    is_there = post.sent is None or post.sent.state == State.DELIVERED
    if is_there and not post.stamps:
        values = {"channel": post.channel}
        yield Step(kind=StepKind.LEFT_OUT, why="unstamped", story=trail.story.id, values=values)
    elif post.stamps and not (post.forwards or post.refusals):
        yield Step(kind=StepKind.LEFT_OUT, why="unforwarded", story=trail.story.id)


def _shown(post: PostTrail, trail: StoryTrail) -> Step:
    values = {"channel": post.channel}
    if post.sent is None:
        return Step(
            kind=StepKind.SHOWN, why="shown_elsewhere", at=trail.made_at, story=trail.story.id, values=values
        )
    return _sent(post.sent, trail, values, done=StepKind.SHOWN, why=f"shown_{post.sent.kind}", else_="post")


def _stamped(stamp: StampTrail, post: PostTrail, trail: StoryTrail) -> Step:
    why = "stamped" if stamp.kind == TurnKind.STAMP else "withdrawn"
    values = {"reaction": stamp.reaction, "channel": post.channel}
    return Step(kind=StepKind.STAMPED, why=why, at=stamp.at, story=trail.story.id, values=values)


def _refused(refusal: RefusalTrail, trail: StoryTrail, around: Circumstances, marking: Tlp | None) -> Step:
    most = around.routes.get(refusal.route)
    values = {
        "route": refusal.route,
        "label": marking.label if marking else "TLP",
        "most": most.label if most else "-",
    }
    why = "marked" if refusal.why == Verdict.MARKED else f"stamp_{refusal.why}"
    return Step(kind=StepKind.LEFT_OUT, why=why, at=refusal.at, story=trail.story.id, values=values)


def _forwarded(forward: ForwardTrail, trail: StoryTrail) -> Step:
    values = {"channel": forward.destination}
    return _sent(forward.sent, trail, values, done=StepKind.FORWARDED, why="forwarded", else_="forward")


def _sent(
    sent: SentTrail, trail: StoryTrail, values: Mapping[str, str], *, done: StepKind, why: str, else_: str
) -> Step:
    """Returns what became of a departure. else_: the beginning of the reasons for one that did not arrive."""
    kind, at = done, sent.delivered_at or sent.ordered_at
    if sent.state == State.PENDING and sent.delivered_at is None:
        kind, why, at = StepKind.WAITING, f"{else_}_waiting", sent.ordered_at
    elif sent.state not in (State.DELIVERED, State.PENDING):
        kind, why, at = StepKind.LEFT_OUT, f"{else_}_{sent.state}", sent.ordered_at
    return Step(kind=kind, why=why, at=at, story=trail.story.id, values={**values, "error": sent.error})


def _fact_steps(around: Circumstances) -> Iterator[Step]:
    known = around.known
    for one in known.said if known else ():
        yield Step(kind=StepKind.FACT, why="fact", at=one.read_at, values={"source": one.said.source})
    if known is None:
        why = "no_facts" if around.loaded else "nothing_loaded"
        yield Step(kind=StepKind.WAITING, why=why, values={"sources": ", ".join(around.loaded)})
    elif known.is_rejected:
        yield Step(kind=StepKind.LEFT_OUT, why="rejected")
    elif not known.affected and not known.cpes:
        yield Step(kind=StepKind.WAITING, why="no_products_said")
    if known is not None and known.is_unscored:
        yield Step(kind=StepKind.WAITING, why="unscored")


def _match_steps(around: Circumstances) -> Iterator[Step]:
    for one in around.matches:
        kind = StepKind.MATCHED if one.touches else StepKind.LEFT_OUT
        yield Step(kind=kind, why="match", match=one)
    if not around.matches:
        why = "no_match" if around.products else "no_products"
        yield Step(kind=StepKind.LEFT_OUT, why=why, values={"products": str(around.products)})
