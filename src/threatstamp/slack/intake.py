"""What Slack tells: kept if it concerns the desk, then worked off at once, and again until that succeeds."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

from threatstamp.core.errors import SlackError, StoreError
from threatstamp.core.stamp import Reaction
from threatstamp.desk.cases import Owing
from threatstamp.desk.ports import Clock, Kept, Store
from threatstamp.desk.revise import take_deletion, take_edit
from threatstamp.desk.stamp import TakeStamps
from threatstamp.slack.client import SlackWorkspace
from threatstamp.slack.events import (
    PostDeleted,
    PostEdited,
    PostMade,
    concerns,
    place_of,
    read_event,
    read_new_post,
)

log = logging.getLogger(__name__)

TRIES = 8
"""After so many failures an event stays in the inbox, to be looked at, and is taken no more."""

PEOPLE = frozenset({"subteam_members_changed", "subteam_updated", "user_change", "subteam_self_removed"})
CHANNELS = frozenset(
    {
        "member_left_channel",
        "member_joined_channel",
        "channel_left",
        "group_left",
        "channel_archive",
        "channel_unarchive",
        "channel_rename",
        "group_rename",
        "group_archive",
        "group_unarchive",
        "channel_deleted",
        "channel_shared",
        "channel_unshared",
    }
)


class Intake:
    """The way of an event from the socket into the record."""

    def __init__(
        self, *, store: Store, stamps: TakeStamps, workspace: SlackWorkspace, clock: Clock, workers: int = 6
    ) -> None:
        self._store = store
        self._stamps = stamps
        self._workspace = workspace
        self._clock = clock
        # one thread for all events of a post: what came first is worked off first
        self._work = [ThreadPoolExecutor(1, thread_name_prefix=f"intake-{n}") for n in range(workers)]
        self._learn = ThreadPoolExecutor(2, thread_name_prefix="learn")
        self.on_owed: Callable[[Owing], None] = _take_nothing
        """Called with what an arrival owes to Slack."""
        self.on_channels = _nothing
        """Called when a channel changed in a way that the policy may care for."""

    def take(self, body: Mapping[str, object]) -> None:
        """Keeps an event and returns; raises if it could not be kept. The work is done afterwards."""
        if concerns(body, self._stamps.policy, bot=self._workspace.bot):
            kept = self._store.keep(
                str(body.get("event_id")),
                json.dumps(body, ensure_ascii=False),
                team=str(body.get("team_id")),
                now=self._clock.now(),
            )
            if kept is not None:
                self._worker_for(body).submit(self.work_off, kept)
            return
        made = read_new_post(body, self._stamps.policy)
        if made is not None:
            self._learn.submit(self._remember, made)
            return
        self._notice_change(body)

    def scan(self, limit: int = 50) -> int:
        """Takes what earlier attempts, or a process that died, left in the inbox; returns how much."""
        kept = self._store.take(now=self._clock.now(), limit=limit)
        for one in kept:
            self.work_off(one)
        return len(kept)

    def close(self) -> None:
        for worker in self._work:
            worker.shutdown(wait=False, cancel_futures=True)
        self._learn.shutdown(wait=False, cancel_futures=True)

    def _worker_for(self, body: Mapping[str, object]) -> ThreadPoolExecutor:
        return self._work[hash(place_of(body)) % len(self._work)]

    def work_off(self, kept: Kept) -> None:
        """Does what an event asks for. What goes wrong is tried again later: nothing is dropped."""
        try:
            self._do(kept)
        except ValueError as error:
            log.error("an event could not be understood: %s", error)
            self._put_back(kept, str(error), failed=True)
        except (StoreError, SlackError) as error:
            log.warning("an event has to wait: %s", error)
            self._put_back(kept, type(error).__name__, failed=kept.attempts >= TRIES)
        except Exception as error:
            log.exception("an event failed")
            self._put_back(kept, type(error).__name__, failed=kept.attempts >= TRIES)

    def _do(self, kept: Kept) -> None:
        body = json.loads(kept.body)
        arrival = read_event(body, canonical=self._workspace.emoji.canonical)
        match arrival:
            case Reaction():
                self.on_owed(self._stamps.reaction(arrival, event=kept.id))
            case PostEdited():
                self._workspace.recent.forget(arrival.place)
                take_edit(arrival.place, arrival.snapshot, event=kept.id, store=self._store)
            case PostDeleted():
                self._workspace.recent.forget(arrival.place)
                take_deletion(arrival.place, event=kept.id, store=self._store, clock=self._clock)
            case None:
                with self._store.transaction() as tx:
                    tx.forget_event(kept.id)

    def _put_back(self, kept: Kept, error: str, *, failed: bool) -> None:
        wait = min(2.0**kept.attempts, 60.0)
        due_at = self._clock.now() + round(wait * 1_000_000)
        try:
            self._store.put_back(kept, due_at=due_at, error=error, failed=failed)
        except StoreError as problem:
            log.warning("the inbox cannot be written: %s", problem)  # its lease ends, and it is taken again

    def _remember(self, made: PostMade) -> None:
        try:
            self._workspace.learn(made.place, made.message)
        except SlackError as error:
            log.debug("a post was not remembered: %s", error)

    def _notice_change(self, body: Mapping[str, object]) -> None:
        event = body.get("event")
        kind = event.get("type") if isinstance(event, Mapping) else None
        if kind == "emoji_changed":
            self._learn.submit(self._workspace.emoji.try_refresh)
        elif kind in PEOPLE:
            self._workspace.forget_people()
        elif kind in CHANNELS:
            self.on_channels()


def _take_nothing(_: Owing) -> None:
    """Until somebody delivers."""


def _nothing() -> None:
    """Until somebody listens."""
