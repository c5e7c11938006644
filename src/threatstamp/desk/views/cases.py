"""Cases with what is known of their posts, for `case list` and `case show`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

from threatstamp.core.cases.case import Case, CaseAct, CaseState, Move
from threatstamp.core.cases.weighing import CaseCard, Scales, Spent, spent_on, weigh
from threatstamp.core.ids import StoryId
from threatstamp.core.text import one_line
from threatstamp.desk.ports.store import Read, Store

NO_SCALES = Scales()
MOST_COMPARED = 50
"""Cases whose efforts are compared with their estimates."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseView:
    """A case. title: "" if the post's words are not on record. story: None if no feed of ours has it.

    card: what weighs where it is decided. spent: what efforts came to in other cases of its kind.
    """

    case: Case
    title: str
    permalink: str | None
    story: StoryId | None
    moves: tuple[Move, ...]
    card: CaseCard
    spent: Spent | None = None

    @property
    def decided(self) -> Move | None:
        """The move that decided it; None while nobody has."""
        return self.card.decided

    @property
    def approved(self) -> Move | None:
        """The move by which a second decider agreed; None where none had to."""
        after = (one for one in self.moves if one.number > (self.case.decision or 0))
        return next((one for one in after if one.wish.act is CaseAct.APPROVE), None) if self.decided else None


def read_case(store: Store, number: int, scales: Scales = NO_SCALES) -> CaseView | None:
    """Returns a case with its history, and what efforts came to before. Raises StoreError."""
    with store.reading(whole=True) as read:
        case = read.cases.get(number)
        if case is None:
            return None
        return replace(_view(read, case, scales), spent=spent_on(_done_before(read, case)))


def read_cases(store: Store) -> tuple[CaseView, ...]:
    """Returns every case with its history, oldest first. Raises StoreError."""
    with store.reading(whole=True) as read:
        return tuple(_view(read, case, NO_SCALES) for case in read.cases.every())


def _done_before(read: Read, case: Case) -> Iterator[tuple[Move, ...]]:
    """Yields the moves of the newest other cases of this kind that are done."""
    same = (one for one in reversed(read.cases.every()) if one.track == case.track)
    done = (one for one in same if one.state is CaseState.DONE and one.number != case.number)
    return (read.cases.moves(one.number) for one in islice(done, MOST_COMPARED))


def _view(read: Read, case: Case, scales: Scales) -> CaseView:
    post = read.posts.get(case.place)
    snapshot = post.snapshot if post else None
    story = read.stories.at(case.place)
    card = read.cases.card(case.place) or CaseCard(case=case)
    return CaseView(
        card=weigh(card, scales, snapshot),
        case=case,
        title=one_line(snapshot.title or snapshot.text) if snapshot else "",
        permalink=snapshot.permalink if snapshot else None,
        story=story.id if story else None,
        moves=read.cases.moves(case.number),
    )
