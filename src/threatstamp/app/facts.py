"""Facts are fetched: a source's documents one by one, each loaded before the next one is asked for."""

from __future__ import annotations

import hashlib
import os
import socket
import tempfile
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from threatstamp.app.clock import SystemClock
from threatstamp.config.facts import FactsSettings
from threatstamp.config.published import NVD_KEY, WHOLE_SOURCES
from threatstamp.config.secrets import read_variable
from threatstamp.config.settings import Settings
from threatstamp.core.errors import PolicyError
from threatstamp.core.facts.assessment import CVELIST, FactSource
from threatstamp.core.facts.cve import CveId
from threatstamp.core.facts.document import (
    BrokenRecord,
    DocumentError,
    DocumentFault,
    FetchError,
    FetchProblem,
    SourceState,
)
from threatstamp.core.time import later
from threatstamp.desk.facts.load import LoadFacts
from threatstamp.desk.ports.time import Clock
from threatstamp.facts.clients.delivery import FactClient
from threatstamp.facts.fetching import client_of
from threatstamp.facts.sources import SOURCES
from threatstamp.facts.web import Web, discard, host_of
from threatstamp.http.guard import EVERYWHERE
from threatstamp.store.bulk import bulk_file
from threatstamp.store.connection import sqlite_path
from threatstamp.store.facts import BulkFacts, open_facts
from threatstamp.texts.catalogue import Texts

LEASE, RENEWED = 240.0, 60.0
"""Seconds that a claim on a source lasts, and after which it is renewed while something comes.

Between two renewals lies one wait at most (`facts.web.MOST_WAIT`). Of a process that was killed the claim
remains: so long nobody goes on with its work.
"""

MOST_BROKEN = 1_000
"""So many broken records are kept; a document of which more cannot be read is another one."""


@dataclass(slots=True, kw_only=True)
class Updated:
    """What the fetching of a source has done. documents: how many were loaded, 0 if nothing was new."""

    source: FactSource
    documents: int = 0
    loaded: int = 0
    dropped: int = 0
    broken: list[BrokenRecord] = field(default_factory=list)
    problem: FetchProblem | None = None
    is_held: bool = False
    """Another process is fetching it."""


class FactsUpdate:
    """Fetches and loads sources, each by itself: that one fails does not touch the others.

    key: of NVD's API. allow_private: of [fetch]. say: told how far it is, in records and in bytes.
    """

    def __init__(
        self,
        settings: FactsSettings,
        facts: BulkFacts,
        clock: Clock,
        *,
        folder: Path,
        allow_private: Sequence[str] = (),
        key: str = "",
        say: Callable[[FactSource, str, int], None] = lambda *_: None,
    ) -> None:
        self._settings = settings
        self._facts = facts
        self._clock = clock
        self._folder = folder
        self._allow_private = allow_private
        self._key = key
        self._say = say
        self._holder = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
        self._held_at = 0.0
        self._claim = FactSource("")

    def run(self, source: FactSource, ids: Sequence[CveId] = ()) -> Updated:
        """Fetches what is new of a source, or what it says about these ids. Raises StoreError."""
        self._claim = claim_of(source, ids)
        if not self._hold():
            return Updated(source=source, is_held=True)
        try:
            return self._run(source, ids)
        finally:
            self._facts.release(self._claim, self._holder)

    def _hold(self) -> bool:
        self._held_at = self._clock.steady()
        now = self._clock.now()
        return self._facts.hold(self._claim, self._holder, now=now, until=later(now, LEASE))

    def _renew(self) -> None:
        if self._clock.steady() - self._held_at > RENEWED:
            self._hold()

    def _note(self, source: FactSource, unit: str, number: int) -> None:
        self._renew()
        self._say(source, unit, number)

    def _pause(self, seconds: float) -> bool:
        self._renew()
        return self._clock.wait(seconds)

    def _run(self, source: FactSource, ids: Sequence[CveId]) -> Updated:
        state = self._facts.state(source) or SourceState(source=source, tried_at=self._clock.now())
        done = Updated(source=source)
        client = client_of(source, self._settings, key=self._key, ids=ids)
        web = self._web(source)
        try:
            self._take(client, state, web, done, is_asked=bool(ids))
        except FetchError as error:
            done.problem = error.problem
        except DocumentError as error:
            done.problem = self._problem(error, source)
        finally:
            web.close()
        if ids:
            return done
        now = self._clock.now()
        state = replace(self._facts.state(source) or state, tried_at=now)
        if done.problem is None:
            state = replace(state, fetched_at=now, failures=0, problem=None)
        else:
            state = replace(state, failures=state.failures + 1, problem=done.problem)
        self._facts.keep(state)
        return done

    def _web(self, source: FactSource) -> Web:
        is_own = self._settings.is_own(source)
        return Web(
            self._folder,
            allow_private=EVERYWHERE if is_own else self._allow_private,
            pause=self._pause,
            progress=lambda size: self._note(source, "megabytes", size),
        )

    def _take(
        self, client: FactClient, state: SourceState, web: Web, done: Updated, *, is_asked: bool
    ) -> None:
        """Loads what comes. is_asked: only what is said of some ids; where the source goes on stays."""
        for delivery in client.deliveries(state.cursor, web):
            if delivery.path is not None:
                self._load(delivery.path, done, is_asked=is_asked)
            if not is_asked:
                state = replace(state, cursor=dict(delivery.cursor), tried_at=self._clock.now())
                self._facts.keep(state)

    def _load(self, path: Path, done: Updated, *, is_asked: bool) -> None:
        try:
            document = SOURCES[done.source](path)
            aside = is_asked and done.source in WHOLE_SOURCES
            ranking = self._settings.scores
            load = LoadFacts(document, self._facts, self._clock, aside=aside, ranking=ranking)
            for number in load.run():
                self._note(done.source, "loading", number)
            result = load.done
        except DocumentError as error:
            discard(path)
            if error.fault is not DocumentFault.OLDER:  # of two servers one may be behind
                raise
            return
        discard(path)  # and not where it was interrupted: then it goes on with the same file
        done.documents += 1
        done.loaded += result.loaded
        done.dropped += result.dropped
        done.broken += result.broken[: MOST_BROKEN - len(done.broken)]

    def _problem(self, error: DocumentError, source: FactSource) -> FetchProblem:
        host = host_of(self._settings.address(source))
        key = "facts.broken" if error.fault is DocumentFault.BROKEN else "facts.foreign"
        return FetchProblem(key=key, values={"host": host})


def claim_of(source: FactSource, ids: Sequence[CveId]) -> FactSource:
    """Returns what has to be claimed to fetch a source.

    The CVE List has its records at another place than the archive, whose load takes long. Others are asked at
    one pace, whatever for.
    """
    return FactSource(f"{source}-ids") if ids and source == CVELIST else source


@contextmanager
def opened_update(
    settings: Settings,
    environ: Mapping[str, str],
    *,
    say: Callable[[FactSource, str, int], None] = lambda *_: None,
) -> Iterator[FactsUpdate]:
    """Opens the facts to be updated. Raises StoreError, FactsError; PolicyError for an unreadable key."""
    problems: list[str] = []
    key = read_variable(NVD_KEY, environ, texts=Texts(settings.language), problems=problems)
    if problems:
        raise PolicyError(tuple(problems))
    facts = open_facts(settings.database)
    try:
        yield FactsUpdate(
            settings.facts,
            facts,
            SystemClock(),
            folder=download_folder(settings.database),
            allow_private=settings.fetch.allow_private,
            key=key,
            say=say,
        )
    finally:
        facts.close()


def download_folder(database: str) -> Path:
    """Returns where documents are while they come: beside an SQLite file, else in the system's folder."""
    file = sqlite_path(database)
    if file is not None:
        return bulk_file(file).with_name(f"{bulk_file(file).name}.fetch")
    name = hashlib.sha256(database.encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"threatstamp-{os.getuid()}-{name}"
