"""`case call --versions FILE`: whoever is up to date by a list is recorded as done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from threatstamp.config.installed import ListError, read_installed
from threatstamp.core.cases.installed import Rollout, roll_out, version_of
from threatstamp.core.errors import PolicyError
from threatstamp.core.ids import UserId
from threatstamp.texts.catalogue import Texts

if TYPE_CHECKING:
    from threatstamp.app.desk import Desk
    from threatstamp.desk.cases.calling import Refused

MOST_LINES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """What came of a list. count: of people for whom it is new that they are done."""

    version: str
    count: int
    found: Rollout

    def body(self) -> dict[str, object]:
        return {
            "version": self.version,
            "current": len(self.found.current),
            "marked": self.count,
            "behind": len(self.found.behind),
            "unclear": list(self.found.unclear),
            "unknown": list(self.found.unknown),
        }

    def lines(self, texts: Texts) -> Iterator[str]:
        found = self.found
        yield texts("versions.current", version=self.version, done=len(found.current), new=self.count)
        if found.behind:
            yield texts("versions.behind", count=len(found.behind))
        for name, lines in (("unclear", found.unclear), ("unknown", found.unknown)):
            if lines:
                yield texts(f"versions.{name}", count=len(lines), lines=_said(lines, texts))


def mark_current(file: Path, case: int, texts: Texts, desk: Desk, by: UserId) -> Marked | Refused:
    """Marks those of whom every device in the list is fine. Raises PolicyError for a list that is none."""
    from threatstamp.desk.cases.calling import Refused
    from threatstamp.slack.audience import called

    with desk.tools.store.reading() as read:
        call = read.calls.of(case)
        people = frozenset(one.user for one in read.calls.people(call.number)) if call else frozenset()
    if call is None or call.closed_at is not None:
        return Refused.NONE
    if not version_of(call.text):
        raise PolicyError((texts("versions.no_version", case=case),))
    try:
        rows = read_installed(file.read_bytes())
    except ListError as error:
        raise PolicyError((texts(f"versions.{error.name}", file=file.name, line=error.line),)) from None
    found = roll_out(rows, call.text, called(desk.workspace.calls, people))
    marked = desk.calling.mark(case, found.current, by=by)
    if isinstance(marked, Refused):
        return marked
    return Marked(version=version_of(call.text), count=marked, found=found)


def _said(lines: Sequence[int], texts: Texts) -> str:
    said = ", ".join(map(str, lines[:MOST_LINES]))
    return texts("versions.more", lines=said, count=len(lines) - MOST_LINES) if lines[MOST_LINES:] else said
