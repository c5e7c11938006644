"""A stamp arrives, as an event or in a sweep's look: it goes on record, and its forwards are ordered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import replace

from threatstamp.core.departure import State
from threatstamp.core.errors import SlackError
from threatstamp.core.forward import (
    holdings,
    ripe_at,
)
from threatstamp.core.ids import ChannelId, Emoji, UserId
from threatstamp.core.ledger import Kind
from threatstamp.core.policy import Policy
from threatstamp.core.post import Place, Snapshot, snapshot_body
from threatstamp.core.route import BoundRoute, Contact, Verdict
from threatstamp.core.stamp import Reaction, Stamp, Turn, compare, fold
from threatstamp.desk.cases import Case, Owing, about, case_of
from threatstamp.desk.judge import Judge
from threatstamp.desk.people import People, ask_people
from threatstamp.desk.ports import (
    Clock,
    Page,
    SeenPost,
    Sighting,
    StampRecord,
    Store,
    Timing,
    Tx,
    Workspace,
)


class TakeStamps:
    """The step. Holds what it works with; each call is one arrival."""

    def __init__(
        self,
        *,
        policy: Policy,
        store: Store,
        workspace: Workspace,
        clock: Clock,
        timing: Timing,
        holder: str,
    ) -> None:
        self._judge = Judge(policy=policy, timing=timing, holder=holder)
        self._store = store
        self._workspace = workspace
        self._clock = clock
        self._shared_seen: set[ChannelId] = set()
        self._aliases: Callable[[UserId], UserId] | None = None
        self.may_claim: Callable[[], bool] = lambda: False
        """True while somebody is free to deliver at once what is claimed as it is recorded."""

    @property
    def policy(self) -> Policy:
        return self._judge.policy

    @policy.setter
    def policy(self, policy: Policy) -> None:
        self._judge.policy = policy

    def reaction(self, reaction: Reaction, *, event: int) -> Owing:
        """Takes one event from the inbox and forgets it there; returns what is owed because of it.

        What the event lacks is read before the transaction; where that fails the stamp is recorded without.
        """
        reaction = replace(reaction, user=self._known_as(reaction.user))
        if not self._concerns(reaction):
            with self._store.transaction() as tx:
                tx.forget_event(event)
            return Owing()
        post = self._original(reaction.place)
        routes = self.policy.routes_for(reaction.reaction, post.channel)
        if not routes:
            return self._count(reaction, event=event)
        snapshot = self._workspace.recall(post) or self._look_up(post)
        people = self.people(routes, users=[reaction.user], shared=self._is_shared(reaction))
        owing = Owing(since=self._clock.steady(), at_once=self.may_claim())
        with self._store.transaction() as tx:
            case = Case(
                place=reaction.place,
                post=post,
                reaction=reaction.reaction,
                user=reaction.user,
                people=people,
                now=self._clock.now(),
                owing=owing,
            )
            self._keep_post(tx, post, snapshot=snapshot, now=case.now)
            tx.add_mark(case.place, case.reaction, user=case.user, mark=reaction.mark, now=case.now)
            self._derive(tx, case)
            self._revise_all(tx, [case])
            tx.forget_event(event)
        return owing

    def page(self, page: Page, *, shared: bool) -> int:
        """Takes one page that a sweep read; returns how many turns it added to the record."""
        with self._store.reading() as tx:
            self._aliases = tx.aliases()
            known = tx.stamps_at([post.place for post in page.posts]) if shared else ()
        posts = [self._aliased(post) for post in page.posts if post.place.channel in self.policy.sources]
        routed = {route.route.reaction: route for route in self.policy.routes}
        # who is absent now may turn out to have stamped once more, so it is asked about them, too
        users = {user for post in posts for seen in post.reactions for user in seen.users}
        users |= {record.user for record in known}
        people = self.people(self.policy.routes, users=sorted(users), shared=shared)
        with self._store.transaction() as tx:
            tx.add_sightings([_sighting(post, page) for post in posts])
            recorded = tx.stamps_at([post.place for post in posts])
            added = 0
            cases: list[Case] = []
            for post in posts:
                mine = [record for record in recorded if record.place == post.place]
                for reaction, user in _to_judge(post, mine, page=page):
                    case = self._case_seen(tx, post, reaction=reaction, user=user, people=people)
                    if reaction in routed and case is not None:
                        added += self._take_seen(tx, case, post)
                        cases.append(case)
            self._revise_all(tx, cases)
        return added

    def _known_as(self, user: UserId) -> UserId:
        """Returns the name that a person has on record: redacted people are not recorded anew."""
        if self._aliases is None:
            with self._store.reading() as tx:
                self._aliases = tx.aliases()
        return self._aliases(user)

    def _aliased(self, post: SeenPost) -> SeenPost:
        seen = (replace(one, users=frozenset(map(self._known_as, one.users))) for one in post.reactions)
        return replace(post, reactions=tuple(seen))

    def judge_again(self) -> bool:
        """Judges the stamps that had to wait for a group or a person that could not be read."""
        with self._store.reading() as tx:
            waiting = tx.judged(Verdict.WAITS, team=self.policy.team)
            told = tx.troubles("people:")
        routes = {route.route.id: route for route in self.policy.routes}
        known = [(record, routes[route]) for record, route in waiting if route in routes]
        if not known:
            if told:
                with self._store.transaction() as tx:
                    self._tell_unread(tx, {})
            return False
        users = sorted({record.user for record, _ in known})
        people = self.people([route for _, route in known], users=users, shared=self._any_shared(known))
        with self._store.transaction() as tx:
            cases = [case_of(record, people=people, now=self._clock.now()) for record, _ in known]
            for case, (record, route) in zip(cases, known, strict=True):
                self._judge.judge(tx, case, route, record=record, before=Verdict.WAITS)
            self._revise_all(tx, cases)
            self._tell_unread(tx, people.unread)
        return True

    def release_existing(self) -> int:
        """Forwards the held stamps that were there at first contact; returns how many were judged."""
        routes = {route.route.id: route for route in self.policy.routes}
        with self._store.reading() as tx:
            there = tx.judged(Verdict.EXISTING, team=self.policy.team)
        known = [(record, routes[route]) for record, route in there if route in routes]
        users = sorted({record.user for record, _ in known})
        people = self.people([route for _, route in known], users=users, shared=self._any_shared(known))
        cases: list[Case] = []
        with self._store.transaction() as tx:
            for record, route in known:
                turns = tx.stamps(record.place, record.reaction, user=record.user)
                if turns and turns[-1].id == record.id:
                    cases.append(case_of(record, people=people, now=self._clock.now()))
                    met = Contact(since=0, looked_at=0)
                    self._judge.judge(tx, cases[-1], route, record=record, contact=met)
            self._revise_all(tx, cases)
        return len(cases)

    def people(self, routes: Iterable[BoundRoute], *, users: Sequence[UserId], shared: bool) -> People:
        return ask_people(self._workspace, routes, users=users, shared=shared)

    def _tell_unread(self, tx: Tx, unread: Mapping[str, str]) -> None:
        """Stamps that wait for somebody's membership are a trouble, as long as they wait."""
        now = self._clock.now()
        for name, code in unread.items():
            tx.open_trouble(f"people:{name}", "people", values={"name": name, "error": code}, now=now)
        for trouble in tx.troubles("people:"):
            if trouble.key.removeprefix("people:") not in unread:
                tx.mend_trouble(trouble.key, now=now)

    def _concerns(self, reaction: Reaction) -> bool:
        return reaction.user != self.policy.me and reaction.place.channel in self.policy.sources

    def _is_shared(self, reaction: Reaction) -> bool:
        """By Slack's word on the event, or by what the channel said of itself."""
        if reaction.external:
            self._shared_seen.add(reaction.place.channel)
        return reaction.external or reaction.place.channel in self.policy.shared

    def _any_shared(self, known: Iterable[tuple[StampRecord, BoundRoute]]) -> bool:
        shared = self.policy.shared | self._shared_seen
        return any(record.place.channel in shared for record, _ in known)

    def _count(self, reaction: Reaction, *, event: int) -> Owing:
        with self._store.transaction() as tx:
            if reaction.mark.turn is Turn.STAMP:
                tx.count_unrouted(reaction.place, reaction.reaction, user=reaction.user, mark=reaction.mark)
            tx.forget_event(event)
        return Owing()

    def _original(self, place: Place) -> Place:
        """Returns the post that a stamp counts for: a forward stands for the post that it was made of."""
        if not any(place.channel in route.to for route in self.policy.routes):
            return place
        with self._store.reading() as tx:
            return tx.original(place) or place

    def _look_up(self, post: Place) -> Snapshot | None:
        """Reads a post that is not on record yet."""
        with self._store.reading() as tx:
            known = tx.post(post)
        if known is not None and known.snapshot is not None:
            return known.snapshot
        try:
            return self._workspace.look_up(post)
        except SlackError:
            return None  # delivery asks again, and says why if it cannot be read

    def _case_seen(
        self, tx: Tx, post: SeenPost, *, reaction: Emoji, user: UserId, people: People
    ) -> Case | None:
        """Returns the case of a reaction that a look found; None if no route can care for it."""
        original = tx.original(post.place) or post.place
        if user == self.policy.me or not self.policy.routes_for(reaction, original.channel):
            return None
        now = self._clock.now()
        return Case(place=post.place, post=original, reaction=reaction, user=user, people=people, now=now)

    def _take_seen(self, tx: Tx, case: Case, post: SeenPost) -> int:
        turns = self._derive(tx, case)
        if turns:
            snapshot = post.snapshot if case.post == post.place else None
            self._keep_post(tx, case.post, snapshot=snapshot, now=case.now)
        return turns

    def _derive(self, tx: Tx, case: Case) -> int:
        """Folds all that is known of this person's reaction; records what is new, and routes it."""
        marks = tx.marks(case.place, case.reaction, user=case.user)
        looks = tx.looks(case.place, case.reaction, user=case.user)
        recorded = tx.stamps(case.place, case.reaction, user=case.user)
        change = compare([record.stamp for record in recorded], fold(marks, looks))
        by_stamp = {record.stamp: record for record in recorded}
        for old, better in change.settled:
            self._settle(tx, case, record=by_stamp[old], better=better)
        for gone in change.void:
            tx.append(Kind.SETTLED, {**about(by_stamp[gone]), "seen_at": gone.at, "void": True})
            tx.drop_stamp(by_stamp[gone])
        for stamp in change.new:
            record = tx.add_stamp(
                case.place, case.post, reaction=case.reaction, user=case.user, stamp=stamp, now=case.now
            )
            self._record(tx, record)
            if stamp.turn is Turn.STAMP:
                for route in self.policy.routes_for(case.reaction, case.post.channel):
                    self._judge.judge(tx, case, route, record=record)
        if change.new or change.settled or change.void:
            case.owing.changed = True
        return len(change.new)

    def _settle(self, tx: Tx, case: Case, *, record: StampRecord, better: Stamp) -> None:
        tx.settle_stamp(record, better)
        tx.append(
            Kind.SETTLED,
            {**about(record), "seen_at": record.stamp.at, "at": better.at, "exact": better.exact},
        )
        for forward in tx.forwards(case.post, case.reaction):
            if forward.user == record.user and forward.event_at == record.stamp.at:
                tx.move_forward(forward, event_at=better.at)
        if record.stamp.turn is Turn.STAMP:
            settled = StampRecord(
                id=record.id,
                place=record.place,
                post=record.post,
                reaction=record.reaction,
                user=record.user,
                stamp=better,
            )
            self._route(tx, case, record=settled)

    def _record(self, tx: Tx, record: StampRecord) -> None:
        kind = Kind.STAMP if record.stamp.turn is Turn.STAMP else Kind.WITHDRAWAL
        tx.append(kind, {**about(record), "at": record.stamp.at, "exact": record.stamp.exact})

    def _route(self, tx: Tx, case: Case, *, record: StampRecord) -> None:
        for route in self.policy.routes_for(case.reaction, case.post.channel):
            before = tx.verdict(record, route.route.id)
            if before in (None, Verdict.EXISTING):
                self._judge.judge(tx, case, route, record=record, before=before)

    def _revise_all(self, tx: Tx, cases: Sequence[Case]) -> None:
        """What forwards show is made anew where a case changed it.

        Comes after all else in a transaction: it locks departures, and a claim locks its destination first.
        """
        new = {departure for case in cases for departure in case.owing.new}
        changed = {(case.post, case.reaction): case for case in cases if case.owing.changed}
        for case in changed.values():
            self._revise_forwards(tx, case, new=new)

    def _revise_forwards(self, tx: Tx, case: Case, *, new: Set[int]) -> None:
        for forward in tx.forwards(case.post, case.reaction):
            if forward.departure in new:
                continue
            case.owing.more = True
            tx.revise(forward.departure, now=case.now)
            if forward.state is State.CANCELLED:
                said = tx.said(forward.place, case.reaction, route=forward.order.route)
                ripe = ripe_at(holdings(said), round(forward.order.delay * 1_000_000))
                if ripe is not None:
                    tx.reopen(forward.departure, due_at=max(ripe, case.now))

    def _keep_post(self, tx: Tx, post: Place, *, snapshot: Snapshot | None, now: int) -> None:
        if snapshot is not None and post.channel in self.policy.published:
            story = tx.story_at(post)
            if story is not None:  # we posted it ourselves: what it quotes is the feed's
                snapshot = replace(snapshot, source=story.source)
        if tx.keep_post(post, snapshot, now=now) and snapshot is not None:
            tx.append(Kind.POST, snapshot_body(post, snapshot))


def _sighting(post: SeenPost, page: Page) -> Sighting:
    return Sighting(place=post.place, started=page.started, ended=page.ended, reactions=post.reactions)


def _to_judge(
    post: SeenPost, recorded: Sequence[StampRecord], *, page: Page
) -> Iterable[tuple[Emoji, UserId]]:
    """Yields whose reactions the page may tell something new of; most pages tell nothing."""
    newest = {(record.reaction, record.user): record.stamp for record in recorded}
    present = {(seen.reaction, user) for seen in post.reactions for user in seen.users}
    for reaction, user in sorted(present | newest.keys()):
        last = newest.get((reaction, user))
        held = last is not None and last.turn is Turn.STAMP
        if last is None or last.at >= page.started or held != ((reaction, user) in present):
            yield reaction, user
