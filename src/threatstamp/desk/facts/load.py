"""A source's document is loaded: whole or in part, again or for the first time, with the same result."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import islice

from threatstamp.core.facts.assessment import KEV, Assessment
from threatstamp.core.facts.change import ChangeKind, FactChange, changes_between
from threatstamp.core.facts.document import (
    BrokenRecord,
    DocumentError,
    DocumentFault,
    FactDocument,
    FactLoad,
    Record,
)
from threatstamp.core.facts.score import USUAL, Ranking
from threatstamp.desk.ports.facts import FactStore
from threatstamp.desk.ports.time import Clock

MOST_BROKEN = 10_000
"""With more records that cannot be read, a document is not what it seems to be."""

MOST_REMOVED = 1_000
"""So many entries that were removed from the catalogue are noted; more have never been."""

COMPARED = 500
"""So many records at a time are compared with what is loaded."""


@dataclass(slots=True, kw_only=True)
class LoadResult:
    """What a load has done.

    skipped: records that an interrupted load had done. kept: of which a later version is loaded already.
    dropped: what the source does not say any more.
    """

    edition: str
    loaded: int = 0
    skipped: int = 0
    kept: int = 0
    dropped: int = 0
    broken: list[BrokenRecord] = field(default_factory=list)


class LoadFacts:
    """Loads one document. Interrupted, it goes on with the same document where it was.

    aside: it has only a few records of a source that also publishes all it has. How far the load of those is
    stays as it was: that goes on where it was cut, and what is loaded of the source is no more than before.
    ranking: see `changes_between`.
    """

    def __init__(
        self,
        document: FactDocument,
        facts: FactStore,
        clock: Clock,
        *,
        aside: bool = False,
        ranking: Ranking = USUAL,
    ) -> None:
        self._ranking = ranking
        self._document = document
        self._facts = facts
        self._is_aside = aside
        self._load = self._begun(clock)
        self._position = self._load.position
        self._failure: DocumentError | None = None
        self._is_first: bool | None = None
        self.done = LoadResult(edition=document.edition, skipped=self._position)

    def run(self) -> Iterator[int]:
        """Loads; yields how many records are done after each batch.

        Raises DocumentError where the document breaks off (what stands before that place is loaded), or if it
        has no records.
        """
        for written in self._facts.put(self._assessments(), read_at=self._load.began_at):
            self.done.loaded = written
            self._note(is_done=False)
            yield self._position
        if self._failure is not None:
            raise self._failure
        if not self._position:
            raise DocumentError(DocumentFault.FOREIGN)
        # A record that could not be read may be one that was there before: nothing is dropped for its sake.
        if self._document.is_whole and not self._broken:
            began = self._load.began_at
            self._note_removed()
            self.done.dropped = self._facts.drop_older(self._document.source, read_before=began)
        self._note(is_done=True)

    def _begun(self, clock: Clock) -> FactLoad:
        """Returns the load to go on with, or a new one. Raises DocumentError for an older edition."""
        document = self._document
        last = None if self._is_aside else self._facts.last(document.source)
        if last is not None and document.is_whole and document.edition and document.edition < last.edition:
            raise DocumentError(DocumentFault.OLDER, edition=document.edition, loaded=last.edition)
        if last is not None and not last.is_done and document.digest and document.digest == last.digest:
            return last
        return FactLoad(
            source=document.source,
            edition=document.edition,
            digest=document.digest,
            position=0,
            broken=0,
            began_at=clock.now(),
            is_done=False,
        )

    def _assessments(self) -> Iterator[Assessment]:
        """Yields what is to be written. While one is held, `_position` counts the records up to it.

        That the load has begun is noted before anything is: what has changed is kept by that time, and would
        be there twice if a process died here and the next one began anew.
        """
        records = enumerate(self._readable(), start=self._position + 1)
        is_noted = False
        while some := list(islice(records, COMPARED)):
            if not is_noted and any(isinstance(one, Assessment) for _, one in some):
                self._note(is_done=False)
                is_noted = True
            yield from self._newer(some)

    def _readable(self) -> Iterator[Record]:
        """Yields records up to where the document breaks off, so that those before it are still written."""
        try:
            for one in self._document.records(self._position):
                yield one
                if len(self.done.broken) >= MOST_BROKEN:
                    raise DocumentError(DocumentFault.BROKEN)
        except DocumentError as error:
            self._failure = error

    def _newer(self, some: list[tuple[int, Record]]) -> Iterator[Assessment]:
        """Yields those of which no later version is loaded. A whole document says itself which one it is."""
        said = [one for _, one in some if isinstance(one, Assessment)]
        known = (
            {}
            if self._document.is_whole
            else self._facts.versions(self._document.source, [one.cve for one in said])
        )
        self._note_changed([one for one in said if known.get(one.cve, "") < one.version])
        for position, one in some:
            self._position = position
            if isinstance(one, BrokenRecord):
                self.done.broken.append(one)
            elif known.get(one.cve, "") > one.version:
                self.done.kept += 1
            else:
                yield one

    def _note_changed(self, said: list[Assessment]) -> None:
        """Notes what is another thing than before; nothing of a first load, of which all would be new."""
        if self._is_first is None:
            began = self._load.began_at
            self._is_first = not self._facts.older(self._document.source, read_before=began, most=1)
        if self._is_first or not said:
            return
        before = self._facts.said(self._document.source, [one.cve for one in said])
        began, rank = self._load.began_at, self._ranking
        pairs = ((before.get(one.cve), one) for one in said)
        changes = [change for old, new in pairs for change in changes_between(old, new, began, rank)]
        if changes:
            self._facts.note_changes(changes)

    def _note_removed(self) -> None:
        if self._document.source == KEV:
            gone = self._facts.older(KEV, read_before=self._load.began_at, most=MOST_REMOVED)
            changes = [FactChange(cve=cve, kind=ChangeKind.DELISTED, at=self._load.began_at) for cve in gone]
            if changes:
                self._facts.note_changes(changes)

    @property
    def _broken(self) -> int:
        return self._load.broken + len(self.done.broken)

    def _note(self, *, is_done: bool) -> None:
        if self._is_aside:
            return
        now = replace(self._load, position=self._position, broken=self._broken, is_done=is_done)
        self._facts.note(now)
