"""Cases with what is known of their posts, for `case list` and `case show`."""

from __future__ import annotations

from dataclasses import dataclass

from threatstamp.core.cases.case import Case, CaseAct, Move
from threatstamp.core.ids import StoryId
from threatstamp.core.text import one_line
from threatstamp.desk.ports.store import Read, Store


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseView:
    """A case. title: "" if the post's words are not on record. story: None if no feed of ours has it."""

    case: Case
    title: str
    permalink: str | None
    story: StoryId | None
    moves: tuple[Move, ...]

    @property
    def decided(self) -> Move | None:
        """The move that decided it; None while nobody has."""
        return next((one for one in self.moves if one.number == self.case.decision), None)

    @property
    def estimate(self) -> str | None:
        """The effort that was said last before the case was done; None while nobody has."""
        said = (one.wish.details.effort for one in self.moves if one.wish.act is not CaseAct.DONE)
        return next((effort for effort in reversed(tuple(said)) if effort), None)


def read_case(store: Store, number: int) -> CaseView | None:
    """Returns a case with its history. Raises StoreError."""
    with store.reading(whole=True) as read:
        case = read.cases.get(number)
        return None if case is None else _view(read, case)


def read_cases(store: Store) -> tuple[CaseView, ...]:
    """Returns every case with its history, oldest first. Raises StoreError."""
    with store.reading(whole=True) as read:
        return tuple(_view(read, case) for case in read.cases.every())


def _view(read: Read, case: Case) -> CaseView:
    post = read.posts.get(case.place)
    snapshot = post.snapshot if post else None
    story = read.stories.at(case.place)
    return CaseView(
        case=case,
        title=one_line(snapshot.title or snapshot.text) if snapshot else "",
        permalink=snapshot.permalink if snapshot else None,
        story=story.id if story else None,
        moves=read.cases.moves(case.number),
    )
