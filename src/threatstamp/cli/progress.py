"""What takes over a second shows how far it is: a line on a terminal, nothing elsewhere."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, NoReturn, Self, TypeVar

from threatstamp.texts.catalogue import Texts

if TYPE_CHECKING:
    from rich.status import Status

    from threatstamp.desk.stamps.sweep import Swept
    from threatstamp.store import SqlStore

T = TypeVar("T")
Handler = Callable[[int, FrameType | None], object] | int | None
PATIENCE = 1.0
"""Seconds that work may take before it shows how far it is, where it is mostly quicker."""

EVERY = 500
TERMINATED = 128 + signal.SIGTERM


def is_watched() -> bool:
    """True if somebody sits at standard error, at a terminal that can write a line anew."""
    return sys.stderr.isatty() and os.environ.get("TERM") != "dumb"


class ProgressLine:
    """A line on standard error that changes, and is gone in the end."""

    def __init__(self, *, patience: float = 0.0) -> None:
        self._from = time.monotonic() + patience if is_watched() else float("inf")
        self._status: Status | None = None
        self._handler: Handler = signal.SIG_DFL

    def say(self, words: str) -> None:
        """Shows the words in place of those before, unless it is too early or nobody looks."""
        if time.monotonic() < self._from:
            return
        from rich.text import Text

        if self._status is None:
            self._handler = signal.getsignal(signal.SIGTERM)
            self._status = _begun()
        self._status.update(Text(words))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._status is not None:
            self._status.stop()
            signal.signal(signal.SIGTERM, self._handler)


def _begun() -> Status:
    from rich.console import Console

    status = Console(stderr=True).status("")
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:  # else the command ends in order by itself
        signal.signal(signal.SIGTERM, _end)
    status.start()
    return status


def _end(*_: object) -> NoReturn:
    sys.exit(TERMINATED)  # in order: the cursor, which rich hides, has to come back


class PassLine(ProgressLine):
    """How far a `sweep` or a `poll` is."""

    def __init__(self, texts: Texts) -> None:
        super().__init__()
        self._texts = texts
        self.say(texts("cli.progress_start"))

    def looked(self, swept: Swept, *, channels: int) -> None:
        number = min(swept.channels + len(swept.failed) + 1, channels)
        self.say(self._texts("cli.progress_sweep", number=number, channels=channels, posts=swept.posts))

    def answered(self, count: int, *, feeds: int) -> None:
        self.say(self._texts("cli.progress_poll", answered=count, feeds=feeds))

    def delivering(self, left: int) -> None:
        if left:
            self.say(self._texts("cli.progress_deliver", left=left))


def owed_words(store: SqlStore, texts: Texts) -> str:
    """Returns what is said where a pass is interrupted: how much it leaves to the next one."""
    with store.reading() as read:
        owed = read.backlog.count()
    return texts("cli.interrupted_owed", count=owed) if owed else texts("cli.broken_off")


def counted(entries: Iterable[T], texts: Texts, key: str, *, patience: float = PATIENCE) -> Iterator[T]:
    """Passes entries on, and displays how many there were so far once it takes long."""
    with ProgressLine(patience=patience) as line:
        for number, entry in enumerate(entries):
            if number and number % EVERY == 0:
                line.say(texts(key, number=number))
            yield entry


class CountedRecords:
    """Counts entries and rows while they are compared, over all passes; see `compare_records`."""

    def __init__(self, texts: Texts) -> None:
        self._texts = texts
        self._number = 0
        self._began = time.monotonic()

    def __call__(self, things: Iterable[T]) -> Iterator[T]:
        left = max(0.0, self._began + PATIENCE - time.monotonic())
        with ProgressLine(patience=left) as line:
            for thing in things:
                self._number += 1
                if self._number % EVERY == 0:
                    line.say(self._texts("cli.progress_records", number=self._number))
                yield thing
