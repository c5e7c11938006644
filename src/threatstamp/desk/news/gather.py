"""Feeds are polled, and what is new in them is recorded and ordered to be posted.

A feed is claimed like a destination, with a lease and a fencing token. What a document brought,
the orders for its posts and the feed's new state are one transaction, so a crash at any point
repeats the round or nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from threatstamp.core.errors import is_about_one
from threatstamp.core.ids import FeedName
from threatstamp.core.news import health
from threatstamp.core.news.entry import Document, Entry, Fetched
from threatstamp.core.news.feed import BoundFeed, FeedClaim, FeedState, Problem, Reason, Request
from threatstamp.core.time import Micros
from threatstamp.core.trouble import OF_FEEDS, TroubleKind
from threatstamp.desk.news.take import TakeNews
from threatstamp.desk.ports.feeds import Fetching
from threatstamp.desk.ports.store import Tx
from threatstamp.desk.ports.tools import Tools

AT_ONCE = 1_000
"""How many feeds are claimed at a time."""

CALM_BATCH = 50
"""How many feeds without news are recorded in one transaction: most rounds bring nothing."""

ENOUGH_FAILURES = 3
"""A truncated document is not a first contact, since the rest would count as news in the next round. After so
many of them it is, because the feed seems to be always like that."""

UNRECORDED = Problem(reason=Reason.NOT_RECORDED)


class _UndoneError(Exception):
    """Raised to undo a transaction that was only a trial."""


@dataclass(slots=True, kw_only=True)
class Gathered:
    """What one round brought. owed: messages. The others count feeds or entries."""

    answered: list[FeedName] = field(default_factory=list)
    """Feeds that were asked in this round, in the order of their answers."""
    unchanged: int = 0
    new: int = 0
    revised: int = 0
    owed: int = 0
    failed: list[FeedName] = field(default_factory=list)
    """Feeds with a problem, including those whose entries could be read nevertheless."""

    @property
    def asked(self) -> int:
        return len(self.answered)


class Gather:
    """The step. Any number of processes may run it: each feed is claimed by one of them."""

    def __init__(
        self,
        tools: Tools,
        fetching: Fetching,
        *,
        chance: Callable[[], float],
        wake: Callable[[], None],
        report: Callable[[FeedName, Exception], None],
    ) -> None:
        """chance: returns a random number from 0 to 1. wake: called when something may be owed to Slack.

        report: called with the error if a document could not be recorded, which is a bug of ours.
        """
        self._tools = tools
        self._fetching = fetching
        self._chance = chance
        self._wake = wake
        self._report = report
        self._news = TakeNews(tools)

    def round(self, *, due_only: bool, insist: bool = False) -> Gathered:
        """Polls every feed, or those that are due, and records the results.

        insist: a person asks, so no back-off holds a feed back; a server's Retry-After still does.
        A feed that should post but whose channel is lost is left out; see `BoundFeed.is_lost`.
        """
        gathered = Gathered()
        self._news.begin_round()
        feeds = iter([bound for bound in self._tools.policy.feeds if not bound.is_lost])
        while some := {bound.feed.name: bound for bound in islice(feeds, AT_ONCE)}:
            claims = self._tools.store.claim_feeds(
                [bound.feed for bound in some.values()],
                now=self._tools.clock.now(),
                lease=self._tools.timing.feed_lease,
                holder=self._tools.holder,
                due_only=due_only,
                insist=insist,
            )
            self._ask(some, claims, gathered)
        return gathered

    def _ask(
        self, feeds: Mapping[FeedName, BoundFeed], claims: Sequence[FeedClaim], gathered: Gathered
    ) -> None:
        open_claims = {claim.state.name: claim for claim in claims}
        calm: list[tuple[FeedClaim, FeedState]] = []
        try:
            for claim, request, fetched in self._answers(feeds, claims):
                bound = feeds[claim.state.name]
                state = self._after(bound, claim, request, fetched)
                gathered.answered.append(state.name)
                if state.problem is not None:
                    gathered.failed.append(state.name)
                document = fetched.document
                if document is not None and document.entries:
                    self._take_safely(
                        bound, claim, request, state=state, document=document, gathered=gathered
                    )
                    open_claims.pop(claim.state.name)
                    continue
                gathered.unchanged += fetched.unchanged
                calm.append((claim, state))
                if len(calm) >= CALM_BATCH:
                    self._settle(calm, open_claims)
            self._settle(calm, open_claims)
        finally:
            if open_claims:  # the round was interrupted: the next one need not wait for these leases
                self._tools.store.release_feeds(tuple(open_claims.values()))

    def _answers(
        self, feeds: Mapping[FeedName, BoundFeed], claims: Sequence[FeedClaim]
    ) -> Iterator[tuple[FeedClaim, Request, Fetched]]:
        now = self._tools.clock.now()
        requests = {
            claim.state.name: health.request(feeds[claim.state.name].feed, claim.state, now=now)
            for claim in claims
        }
        for claim, fetched in self._fetching.fetch_all([(one, requests[one.state.name]) for one in claims]):
            yield claim, requests[claim.state.name], fetched

    def _after(self, bound: BoundFeed, claim: FeedClaim, request: Request, fetched: Fetched) -> FeedState:
        known = request.validators
        return health.after(
            claim.state,
            fetched,
            feed=bound.feed,
            now=self._tools.clock.now(),
            asked_whole=known.etag is None and known.last_modified is None,
            spread=self._chance(),
        )

    def _settle(
        self, calm: list[tuple[FeedClaim, FeedState]], open_claims: dict[FeedName, FeedClaim]
    ) -> None:
        """Records the feeds that brought no entries, many in one transaction."""
        if calm:
            with self._tools.store.transaction() as tx:
                held = [(claim, state) for claim, state in calm if tx.feeds.holds(claim)]
                for claim, state in held:
                    tx.feeds.put(claim, state)
                self._report_troubles(tx, [state for _, state in held])
            for claim, _ in calm:
                open_claims.pop(claim.state.name)
            calm.clear()

    def _take_safely(
        self,
        bound: BoundFeed,
        claim: FeedClaim,
        request: Request,
        *,
        state: FeedState,
        document: Document,
        gathered: Gathered,
    ) -> None:
        """Records a document; if that fails, without the entries that it fails for.

        The feed gets a problem then, and reads its document again; other feeds go on.
        """
        try:
            self._take(bound, claim, state=state, document=document, gathered=gathered)
        except Exception as error:
            if not is_about_one(error):
                raise  # the fault is the database's, not the feed's
            self._report(state.name, error)
            gathered.failed.append(state.name)
            if not self._take_rest(bound, claim, request, document=document, gathered=gathered):
                state = self._after(bound, claim, request, Fetched(problem=UNRECORDED))
                self._settle([(claim, state)], {state.name: claim})

    def _take_rest(
        self, bound: BoundFeed, claim: FeedClaim, request: Request, *, document: Document, gathered: Gathered
    ) -> bool:
        """Records a document without the entries that cannot be recorded; False if that fails, too."""
        good = tuple(one for one in document.entries if self._can_take(bound, claim, document, one))
        if not good or len(good) == len(document.entries):
            return False
        rest = replace(document, entries=good, problem=document.problem or UNRECORDED)
        state = self._after(bound, claim, request, Fetched(document=rest))
        try:
            self._take(bound, claim, state=state, document=rest, gathered=gathered)
        except Exception as error:
            if not is_about_one(error):
                raise
            self._report(state.name, error)
            return False
        return True

    def _can_take(self, bound: BoundFeed, claim: FeedClaim, document: Document, entry: Entry) -> bool:
        """Records one entry in a transaction that is undone: False if it is the one that fails."""
        try:
            alone = replace(document, entries=(entry,))
            news = self._news.read(bound, alone, first=claim.state.met_at is None)
            with self._tools.store.transaction() as tx:
                self._news.record(tx, news, now=self._tools.clock.now())
                next(tx.ledger.entries(limit=1), None)  # until then what was appended is not written
                raise _UndoneError
        except _UndoneError:
            return True
        except Exception as error:
            if not is_about_one(error):
                raise
            return False

    def _take(
        self,
        bound: BoundFeed,
        claim: FeedClaim,
        *,
        state: FeedState,
        document: Document,
        gathered: Gathered,
    ) -> None:
        """Records a document. Everything that needs Slack is read before the transaction."""
        before = claim.state
        news = self._news.read(bound, document, first=before.met_at is None)
        now = self._tools.clock.now()
        # nothing in common with what was known: entries between the two documents were probably missed
        overflow = before.had_entries and not (news.overlaps or news.first or state.problem)
        times = _times(news.new, first=news.first, now=now)
        changed = bool(news.new or news.revisions or news.renamed)
        if state.problem is None or state.failures >= ENOUGH_FAILURES:
            state = replace(state, met_at=state.met_at or now)
        state = health.with_news(state, times, changed=changed, overflow=overflow, now=now)
        with self._tools.store.transaction() as tx:
            if not tx.feeds.holds(claim):
                return  # the lease ended, and another process has the feed now
            owed = self._news.record(tx, news, now=now)
            tx.feeds.put(claim, state)
            self._report_troubles(tx, [state])
        gathered.unchanged += not changed
        gathered.new += len(news.new)
        gathered.revised += len(news.revisions)
        gathered.owed += owed
        if owed:
            self._wake()

    def _report_troubles(self, tx: Tx, states: Sequence[FeedState]) -> None:
        """Opens a trouble for a feed's problem once it lasts, and closes it when it is fixed."""
        now = self._tools.clock.now()
        open_now = {(one.kind, one.subject) for one in tx.troubles.unfixed(*OF_FEEDS)}
        for state in states:
            wrong = _wrong(state, now=now, patience=self._tools.timing.feed_late)
            for kind, values in wrong.items():
                tx.troubles.open(kind, state.name, values={**values, "name": state.name}, now=now)
            for kind in OF_FEEDS:
                if kind not in wrong and (kind, state.name) in open_now:
                    tx.troubles.fix(kind, state.name, now=now)


def _wrong(state: FeedState, *, now: Micros, patience: float) -> dict[TroubleKind, dict[str, str]]:
    wrong: dict[TroubleKind, dict[str, str]] = {}
    problem = health.lasting(state, now=now, patience=patience)
    if problem is not None:
        values = {name: str(value) for name, value in problem.values.items()}
        wrong[_kind_of_problem(state)] = {**values, "reason": problem.reason}
    if state.overflow_at is not None:
        wrong[TroubleKind.FEED_OVERFLOW] = {}
    if state.problem is None and health.silent_since(state, now=now) is not None:
        wrong[TroubleKind.FEED_SILENT] = {}
    return wrong


def _kind_of_problem(state: FeedState) -> TroubleKind:
    if state.gone:
        return TroubleKind.FEED_GONE
    return TroubleKind.FEED if state.held_until else TroubleKind.FEED_BROKEN


def _times(new: Sequence[Entry], *, first: bool, now: Micros) -> list[Micros]:
    """Returns when the new entries came, to learn what is usual for the feed.

    At first contact they all come at once, which says nothing, so their own times are used, if any.
    """
    if not first:
        return [now] if new else []
    dates = (entry.published_at or entry.updated_at for entry in new)
    return [at for at in dates if at is not None]
