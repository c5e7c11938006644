"""Stamps arrive, as events or in a sweep's page: they are recorded, and their forwards are ordered.

Each arrival has two parts. First everything is read that needs the network; then one transaction records the
facts, derives the turns, orders the forwards and appends to the ledger. So nothing is half done after a
crash, and no transaction, of which SQLite allows one at a time, waits for Slack.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from threatstamp.core.errors import SlackError
from threatstamp.core.ids import ChannelId, Emoji, UserId
from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.stamps.look import Look
from threatstamp.core.stamps.post import Place, Snapshot, snapshot_body, under_aliases
from threatstamp.core.stamps.turn import Mark, Reaction, TurnKind, TurnRecord
from threatstamp.core.time import Micros
from threatstamp.desk.ports.news import FEED_DIGEST
from threatstamp.desk.ports.slack import Page, SeenPost
from threatstamp.desk.ports.store import Tx
from threatstamp.desk.ports.tools import Tools
from threatstamp.desk.stamps.derive import Deriving
from threatstamp.desk.stamps.matter import Matter, Outcome
from threatstamp.desk.stamps.people import Membership, ask_membership
from threatstamp.desk.stamps.refusing import order_digest_refusal

NO_NEWS = frozenset({"alert", "legend_message", "thread_line", FEED_DIGEST})
"""Kinds of departures that speak of the desk's own work: a stamp on their messages forwards nothing."""


class TakeStamps:
    """The step. Each call is one arrival."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._deriving = Deriving(tools)
        self._shared_seen: set[ChannelId] = set()

    @property
    def shared(self) -> frozenset[ChannelId]:
        """The channels shared with other organisations, as the channels or their events say."""
        return self._tools.policy.shared | self._shared_seen

    def reaction(
        self, reaction: Reaction, *, event: int, may_claim: Callable[[], bool] | None = None
    ) -> Outcome:
        """Takes one event; returns what has to be delivered because of it.

        event: its id in the inbox, from which it is deleted in the same transaction. may_claim: called just
        before that; True if a courier is free, so that forwards are claimed while they are recorded.
        If the post cannot be read now, the stamp is recorded without it and delivery reads it.
        """
        tools = self._tools
        if not self._concerns(reaction):
            with tools.store.transaction() as tx:
                tx.inbox.forget(event)
            return Outcome()
        post = self._original(reaction.place)
        routes = tools.policy.routes_for(reaction.reaction, post.channel)
        if not routes:
            return self._count(reaction, event=event)
        snapshot = tools.workspace.recall(post) or self._look_up(post)
        shared = self._is_shared(reaction)
        membership = ask_membership(tools.workspace, routes, users=[reaction.user], shared=shared)
        # read the steady clock before any claim begins: a lease may seem older than it is, but never younger
        at_once = may_claim is not None and may_claim()
        outcome = Outcome(since=tools.clock.steady(), at_once=at_once)
        with tools.store.transaction() as tx:
            aliases = tx.persons.aliases()
            matter = Matter(
                place=reaction.place,
                post=post,
                reaction=reaction.reaction,
                # only here: a person who was forgotten a moment ago must not come back by an old list
                user=aliases(reaction.user),
                membership=membership.under(aliases),
                now=tools.clock.now(),
                outcome=outcome,
            )
            self._take_mark(tx, matter, reaction.mark, snapshot=snapshot)
            tx.inbox.forget(event)
        return outcome

    def page(self, page: Page, *, shared: bool) -> int:
        """Takes one page of a sweep; returns how many turns were added."""
        tools = self._tools
        with tools.store.reading() as read:
            known = read.stamps.turns_at([post.place for post in page.posts]) if shared else ()
        posts = [post for post in page.posts if post.place.channel in tools.policy.sources]
        # also people who are absent now: folding may find that they stamped once more before, unnoticed
        users = {user for post in posts for seen in post.reactions for user in seen.users}
        users |= {record.user for record in known}
        membership = ask_membership(tools.workspace, tools.policy.routes, users=sorted(users), shared=shared)
        with tools.store.transaction() as tx:
            aliases = tx.persons.aliases()
            posts = [_under_aliases(post, aliases) for post in posts]
            # also looks that change nothing now: a late event may be folded with them
            tx.stamps.add_looks([_look(post, page) for post in posts])
            return self._take_posts(tx, posts, page=page, membership=membership.under(aliases))

    def remember(self, page: Page) -> None:
        """Notes only what a page shows, for posts that cannot be taken now.

        Once they can, their stamps count from this look: what was there at first contact stays existing.
        """
        with self._tools.store.transaction() as tx:
            aliases = tx.persons.aliases()
            posts = [_under_aliases(post, aliases) for post in page.posts]
            tx.stamps.add_looks([_look(post, page) for post in posts])

    def _take_posts(self, tx: Tx, posts: Sequence[SeenPost], *, page: Page, membership: Membership) -> int:
        recorded = tx.stamps.turns_at([post.place for post in posts])
        added = 0
        matters: list[Matter] = []
        for post in posts:
            mine = [record for record in recorded if record.place == post.place]
            for reaction, user in _to_judge(post, mine, page=page):
                matter = self._matter_seen(tx, post, reaction=reaction, user=user, membership=membership)
                if matter is not None:
                    added += self._take_seen(tx, matter, post)
                    matters.append(matter)
        self._deriving.revise_all(tx, matters)
        return added

    def _concerns(self, reaction: Reaction) -> bool:
        policy = self._tools.policy
        return reaction.user != policy.me and reaction.place.channel in policy.sources

    def _is_shared(self, reaction: Reaction) -> bool:
        """True if the channel is shared, according to the event or to the channel's own description."""
        if reaction.external:
            self._shared_seen.add(reaction.place.channel)
        return reaction.external or reaction.place.channel in self._tools.policy.shared

    def _count(self, reaction: Reaction, *, event: int) -> Outcome:
        with self._tools.store.transaction() as tx:
            if reaction.mark.kind is TurnKind.STAMP:
                user = tx.persons.aliases()(reaction.user)
                tx.stamps.count_unrouted(reaction.place, reaction.reaction, user=user, mark=reaction.mark)
            tx.inbox.forget(event)
        return Outcome()

    def _original(self, place: Place) -> Place:
        """Returns the post that a stamp counts for: on a forward of ours, the post that was forwarded."""
        if not any(place.channel in route.to for route in self._tools.policy.routes):
            return place  # no forward can be here, which saves most stamps a query
        with self._tools.store.reading() as read:
            return read.forwards.original(place) or place

    def _look_up(self, post: Place) -> Snapshot | None:
        """Returns a post's snapshot, from the record or from Slack; None if it cannot be read now."""
        with self._tools.store.reading() as read:
            known = read.posts.get(post)
        if known is not None and known.snapshot is not None:
            return known.snapshot
        try:
            return self._tools.workspace.look_up(post)
        except SlackError:
            return None  # delivery tries again, and reports it if that fails

    def _take_mark(self, tx: Tx, matter: Matter, mark: Mark, *, snapshot: Snapshot | None) -> None:
        if not _is_news(tx, matter.place):
            if _is_digest(tx, matter.place) and mark.kind is TurnKind.STAMP:
                order = order_digest_refusal(matter.place, matter.reaction, matter.user, now=matter.now)
                tx.outbox.owe(order, now=matter.now)
            return
        self._keep_post(tx, matter.post, snapshot=snapshot, now=matter.now)
        tx.stamps.add_mark(matter.place, matter.reaction, user=matter.user, mark=mark, now=matter.now)
        self._deriving.derive(tx, matter)
        self._deriving.revise_all(tx, [matter])

    def _matter_seen(
        self, tx: Tx, post: SeenPost, *, reaction: Emoji, user: UserId, membership: Membership
    ) -> Matter | None:
        """Returns the matter of a reaction that a look found; None if no route listens to it."""
        policy = self._tools.policy
        original = tx.forwards.original(post.place) or post.place
        if user == policy.me or not policy.routes_for(reaction, original.channel):
            return None
        if not _is_news(tx, post.place):
            return None
        return Matter(
            place=post.place,
            post=original,
            reaction=reaction,
            user=user,
            membership=membership,
            now=self._tools.clock.now(),
        )

    def _take_seen(self, tx: Tx, matter: Matter, post: SeenPost) -> int:
        turns = self._deriving.derive(tx, matter)
        if turns:
            snapshot = post.snapshot if matter.post == post.place else None
            self._keep_post(tx, matter.post, snapshot=snapshot, now=matter.now)
        return turns

    def _keep_post(self, tx: Tx, post: Place, *, snapshot: Snapshot | None, now: Micros) -> None:
        if snapshot is not None:
            snapshot = under_aliases(snapshot, tx.persons.aliases())
        if snapshot is not None and post.channel in self._tools.policy.published:
            story = tx.stories.at(post)
            if story is not None:  # our own post of a feed's story: the source is the feed and not our bot
                snapshot = replace(snapshot, source=story.source)
        if tx.posts.keep(post, snapshot, now=now) and snapshot is not None:
            tx.ledger.append(Kind.POST, snapshot_body(post, snapshot), now=now)


def _is_news(tx: Tx, place: Place) -> bool:
    ours = tx.outbox.at(place)
    return ours is None or ours.kind.name not in NO_NEWS


def _is_digest(tx: Tx, place: Place) -> bool:
    ours = tx.outbox.at(place)
    return ours is not None and ours.kind.name == FEED_DIGEST


def _under_aliases(post: SeenPost, aliases: Callable[[UserId], UserId]) -> SeenPost:
    """Returns a post on which people who were forgotten have their other names."""
    seen = (replace(one, users=frozenset(map(aliases, one.users))) for one in post.reactions)
    return replace(post, reactions=tuple(seen))


def _look(post: SeenPost, page: Page) -> Look:
    return Look(place=post.place, started=page.started, ended=page.ended, reactions=post.reactions)


def _to_judge(
    post: SeenPost, recorded: Sequence[TurnRecord], *, page: Page
) -> Iterable[tuple[Emoji, UserId]]:
    """Yields the reactions about which the page may say something new.

    Most pages agree with the record, and deriving is the expensive part. A fold is needed only where nothing
    is on record, where presence and record differ, or where a turn is newer than the page.
    """
    newest = {(record.reaction, record.user): record.turn for record in recorded}
    present = {(seen.reaction, user) for seen in post.reactions for user in seen.users}
    for reaction, user in sorted(present | newest.keys()):
        last = newest.get((reaction, user))
        held = last is not None and last.kind is TurnKind.STAMP
        if last is None or last.at >= page.started or held != ((reaction, user) in present):
            yield reaction, user
