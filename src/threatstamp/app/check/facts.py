"""Facts about vulnerabilities: each source answers, is loaded and is not old. Nothing is loaded for that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from threatstamp.app.check.finding import Check, Findings
from threatstamp.app.clock import SystemClock
from threatstamp.config.facts import FactsSettings
from threatstamp.config.published import NVD_KEY
from threatstamp.config.secrets import read_variable
from threatstamp.config.settings import Settings
from threatstamp.core.errors import FactsError, FactsFault
from threatstamp.core.facts.assessment import CVELIST, JVN, NVD, FactSource
from threatstamp.core.facts.document import FactLoad, FetchProblem, SourceState
from threatstamp.core.time import DAY, WEEK, Micros, datetime_of
from threatstamp.facts.reaching import reach
from threatstamp.http.guard import EVERYWHERE
from threatstamp.http.question import Headers
from threatstamp.store.bulk import bulk_file
from threatstamp.store.connection import driver_url, place_of, sqlite_path
from threatstamp.store.facts import FactLookup
from threatstamp.texts.catalogue import Texts
from threatstamp.texts.times import say_time

OLD, OLD_BY_HAND = DAY, WEEK
"""After this time facts are old. Alerts report a source after a day, too; whoever loads files has a week."""

KNOWN_RECORD = "CVE-1999-0001"
"""A record that the CVE List has for good."""

_RECORDS = "record"
"""The name of the CVE List's address for single records, as in [facts] record_url."""

_REFUSALS = frozenset({"facts.http_403", "facts.http_404"})
"""What NVD answers to a wrong key: 404, and the reason in a header. A gateway before it may say 403."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stock:
    """What is loaded, and how the fetching went, by source."""

    loads: Mapping[FactSource, FactLoad]
    states: Mapping[FactSource, SourceState]

    def loaded_at(self, source: FactSource) -> Micros | None:
        """Returns when a source was last known to be loaded as it is; None for never."""
        load, state = self.loads.get(source), self.states.get(source)
        times = (load.began_at if load else None, state.fetched_at if state else None)
        return max((at for at in times if at is not None), default=None)


def check_facts(settings: Settings, texts: Texts, environ: Mapping[str, str]) -> Iterator[Check]:
    """Yields checks of the facts' database, of each source of [facts] and of each loaded from files.

    Sources are asked all at once, each for the head of an answer. Nothing where facts are not used.
    """
    found = Findings("facts", texts)
    stock: _Stock | None = None
    try:
        lookup = FactLookup(settings.database)
        loads = {one.source: one for one in lookup.last_loads()}
        stock = _Stock(loads=loads, states={one.source: one for one in lookup.states()})
    except FactsError as error:
        yield _unreadable(error, found)
    else:
        if settings.facts.sources or loads:
            key = "facts.check_readable" if loads else "facts.check_none"
            yield found.good(_place(settings.database), key)
    said = _Said(settings, stock, found)
    problems: list[str] = []
    key = ""
    if NVD in settings.facts.sources:
        key = read_variable(NVD_KEY, environ, texts=texts, problems=problems)
    yield from (found.wrong(NVD_KEY, problem) for problem in problems)
    yield from said.fetched(_answers(settings, key, environ), key)
    yield from said.by_hand()


def _unreadable(error: FactsError, found: Findings) -> Check:
    check = found.bad(
        error.place, f"facts.check_{error.fault}", place=error.place, reason=error.reason or "-"
    )
    return replace(check, ok=error.fault is FactsFault.LAYOUT)  # the next load puts that right by itself


def _place(database: str) -> str:
    file = sqlite_path(database)
    return bulk_file(file).name if file is not None else place_of(driver_url(database))


def _answers(settings: Settings, key: str, environ: Mapping[str, str]) -> dict[str, FetchProblem | None]:
    """Returns what is wrong with each address, None for nothing, by source; and with the key, by NVD_KEY."""
    asked: dict[str, tuple[FactSource, str, Headers]] = {}
    for source in settings.facts.sources:
        asked[source] = (source, _address(source, settings.facts), ())
        if source == CVELIST:
            record = f"{settings.facts.record_url.rstrip('/')}/{KNOWN_RECORD}"
            asked[_RECORDS] = (source, record, ())
        if source == NVD and key:
            asked[NVD_KEY] = (source, asked[NVD][1], ((b"apiKey", key.encode("ascii", "replace")),))

    def ask(one: tuple[FactSource, str, Headers]) -> FetchProblem | None:
        source, url, headers = one
        allowed = EVERYWHERE if settings.facts.is_own(source) else settings.fetch.allow_private
        return reach(url, headers=headers, allow_private=allowed, environ=environ)

    with ThreadPoolExecutor(max_workers=max(len(asked), 1)) as pool:
        return dict(zip(asked, pool.map(ask, asked.values()), strict=True))


def _address(source: FactSource, settings: FactsSettings) -> str:
    """Returns a small document of a source."""
    url = settings.address(source)
    if source == NVD:
        return f"{url}?resultsPerPage=1&startIndex=0"
    return f"{url.rstrip('/')}/jvndb.rdf" if source == JVN else url


class _Said:
    """Says what was found about a source. stock: None if that cannot be read."""

    def __init__(self, settings: Settings, stock: _Stock | None, found: Findings) -> None:
        self._sources: Sequence[FactSource] = settings.facts.sources
        self._zone = settings.timezone
        self._stock = stock
        self._found = found
        self._now = SystemClock().now()

    def fetched(self, answers: Mapping[str, FetchProblem | None], key: str) -> Iterator[Check]:
        for source in self._sources:
            if (problem := answers[source]) is not None:
                yield self._out(source, problem)
            else:
                yield self._reached(source)
            if source == CVELIST:
                yield self._records(answers[_RECORDS])
            if source == NVD and key and problem is None:
                yield self._key(answers[NVD_KEY])

    def by_hand(self) -> Iterator[Check]:
        loads = self._stock.loads if self._stock is not None else {}
        yield from (self._by_hand(one) for one in loads.values() if one.source not in self._sources)

    def _by_hand(self, load: FactLoad) -> Check:
        source, at = load.source, self._time(load.began_at)
        if not load.is_done:
            return self._warned(source, "file_cut", fix="file_old", time=at)
        if self._now - load.began_at > OLD_BY_HAND:
            return self._warned(source, "file_old", fix="file_old", time=at)
        return self._found.good(source, "facts.check_by_file", time=at)

    def _reached(self, source: FactSource) -> Check:
        if self._stock is None:
            return self._found.good(source, "facts.check_answers")
        load, state = self._stock.loads.get(source), self._stock.states.get(source)
        loaded_at = self._stock.loaded_at(source)
        if state is not None and state.problem is not None:
            problem = self._told(state.problem)
            return self._warned(source, "failed", fix="old", time=self._time(state.tried_at), problem=problem)
        if load is not None and not load.is_done:
            return self._warned(source, "cut", fix="old", time=self._time(load.began_at))
        if loaded_at is None:
            return self._found.good(source, "facts.check_reached_new")
        if self._now - loaded_at > OLD:
            return self._warned(source, "old", fix="old", time=self._time(loaded_at))
        return self._found.good(source, "facts.check_reached", time=self._time(loaded_at))

    def _out(self, source: FactSource, problem: FetchProblem) -> Check:
        if self._stock is None:
            fix = self._found.texts("facts.check_out_fix", name=source, setting=f"{source}_url")
            return self._found.wrong(source, self._told(problem), fix=fix)
        loaded_at = self._stock.loaded_at(source)
        words = {"problem": self._told(problem), "time": "" if loaded_at is None else self._time(loaded_at)}
        key = "out" if loaded_at is not None else "out_new"
        return self._wrong(source, key, fix="out", setting=f"{source}_url", **words)

    def _records(self, problem: FetchProblem | None) -> Check:
        name, setting = f"{CVELIST} ({_RECORDS}_url)", f"{_RECORDS}_url"
        if problem is None or problem.key == "facts.http_404":  # a mirror may not have this record
            return self._found.good(name, "facts.check_answers")
        return self._wrong(
            name, "records_out", fix="records_out", setting=setting, problem=self._told(problem)
        )

    def _key(self, problem: FetchProblem | None) -> Check:
        if problem is None:
            return self._found.good(NVD_KEY, "facts.check_key")
        if problem.key in _REFUSALS:
            return self._wrong(NVD_KEY, "key_refused", fix="key_refused")
        return self._warned(
            NVD_KEY, "key_untried", fix="records_out", setting="nvd_url", problem=self._told(problem)
        )

    def _warned(self, source: str, key: str, *, fix: str, **values: object) -> Check:
        """Returns what should be put right, and does not keep the desk from its work."""
        return replace(self._wrong(source, key, fix=fix, **values), ok=True)

    def _wrong(self, name: str, key: str, *, fix: str, **values: object) -> Check:
        texts = self._found.texts
        values = {"name": name, **values}
        words = texts(f"facts.check_{key}", **values)
        return self._found.wrong(name, words, fix=texts(f"facts.check_{fix}_fix", **values))

    def _told(self, problem: FetchProblem) -> str:
        return self._found.texts.told(problem.key, problem.values)

    def _time(self, at: Micros) -> str:
        return say_time(datetime_of(at), self._zone, self._found.texts.language)
