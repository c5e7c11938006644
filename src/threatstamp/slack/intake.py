"""Slack's events: kept if they concern the desk, then processed at once, and again until that succeeds."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue

from threatstamp.core.errors import SlackError, StoreError, UnsettledError
from threatstamp.core.text import well_formed
from threatstamp.core.time import later
from threatstamp.desk.cases.act import Acting
from threatstamp.desk.cases.calling import Calling, NewCall
from threatstamp.desk.ports.inbox import InboxEvent
from threatstamp.desk.ports.tools import Couriers, Tools
from threatstamp.desk.priority.exposing import Exposing
from threatstamp.desk.stamps.take import TakeStamps
from threatstamp.slack.callforms import CallForms, write_new_call
from threatstamp.slack.client import SlackWorkspace
from threatstamp.slack.commands import Commands
from threatstamp.slack.events import (
    PostMade,
    concerns,
    event_id_of,
    kept_part,
    place_of,
    read_new_post,
)
from threatstamp.slack.forms import Forms
from threatstamp.slack.handling import Handling
from threatstamp.slack.home import Home
from threatstamp.slack.interactions import SUBMISSION, Submitted, read_opening, write_submitted
from threatstamp.slack.reading import text_in, well_formed_body
from threatstamp.slack.why import Whys

log = logging.getLogger(__name__)

TRIES = 8
"""After so many failures an event stays in the inbox for somebody to look at, and is not tried again."""

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
        self,
        tools: Tools,
        *,
        stamps: TakeStamps,
        cases: Acting,
        calling: Calling,
        exposing: Exposing,
        workspace: SlackWorkspace,
        couriers: Couriers,
        on_channels: Callable[[], None],
        workers: int = 6,
    ) -> None:
        """on_channels: called when a channel changed in a way that the policy may care for."""
        self._tools = tools
        self._workspace = workspace
        self._handling = Handling(
            tools,
            stamps=stamps,
            cases=cases,
            calling=calling,
            exposing=exposing,
            workspace=workspace,
            couriers=couriers,
        )
        self._on_channels = on_channels
        self._forms = Forms(tools, cases=cases, workspace=workspace, couriers=couriers)
        self._home = Home(tools, workspace)
        self._call_forms = CallForms(tools, calling=calling, workspace=workspace, couriers=couriers)
        self._commands = Commands(
            tools, cases=cases, exposing=exposing, workspace=workspace, couriers=couriers
        )
        self._whys = Whys(tools, workspace)
        # one thread for all events of a post: what came first is processed first
        self._work = [ThreadPoolExecutor(1, thread_name_prefix=f"intake-{n}") for n in range(workers)]
        self._learn = ThreadPoolExecutor(2, thread_name_prefix="learn")
        self._stranded: SimpleQueue[InboxEvent] = SimpleQueue()
        """Events that could be neither processed nor put back, because the database could not be written."""

    def take(self, body: Mapping[str, object]) -> Mapping[str, object] | None:
        """Keeps an event and returns; raises if it could not be kept. The work is done afterwards.

        Returns what is answered to a form or a command; None where nothing is said.
        """
        body = well_formed_body(body)
        if text_in(body, "command"):
            return self._call_forms.command(body) or self._commands.answer(body)
        if self._whys.answer(body) or self._call_forms.open(body):
            return None
        opening = read_opening(body)
        if opening is not None:
            self._forms.open(opening)
            return None
        if body.get("type") == SUBMISSION:
            return self._take_form(body)
        if self._home.take(body):
            return None
        self._take_event(body)
        return None

    def _take_form(self, body: Mapping[str, object]) -> Mapping[str, object] | None:
        found = self._call_forms.read(body) or self._forms.read(body)
        if isinstance(found, NewCall):
            self._keep_form(found.key, write_new_call(found), found.case)
            return {"response_action": "clear"}
        if isinstance(found, Submitted):
            if found.wishes:
                self._keep_form(found.key, write_submitted(found), found.case)
            return {"response_action": "clear"}  # a form may lie on another one
        return found

    def _keep_form(self, key: str, body: Mapping[str, object], case: int) -> None:
        kept = self._tools.store.keep(
            key,
            json.dumps(body, ensure_ascii=False),
            team=self._workspace.team,
            now=self._tools.clock.now(),
            lease=self._tools.timing.event_lease,
        )
        if kept is not None:
            self._work[case % len(self._work)].submit(self.process, kept)

    def _take_event(self, body: Mapping[str, object]) -> None:
        if concerns(body, self._tools.policy, bot=self._workspace.bot):
            kept = self._tools.store.keep(
                event_id_of(body),
                json.dumps(kept_part(body), ensure_ascii=False),
                team=self._workspace.team,
                now=self._tools.clock.now(),
                lease=self._tools.timing.event_lease,
            )
            if kept is not None:
                self._worker_for(body).submit(self.process, kept)
            return
        made = read_new_post(body, self._tools.policy)
        if made is not None:
            self._learn.submit(self._remember, made)
            return
        self._notice_change(body)

    def scan(self, limit: int = 50) -> int:
        """Processes what earlier attempts, or a process that died, left in the inbox; returns how much."""
        now, lease = self._tools.clock.now(), self._tools.timing.event_lease
        kept = self._tools.store.take(now=now, lease=lease, limit=limit)
        for one in kept:
            self.process(one)
        return len(kept)

    @property
    def is_stranded(self) -> bool:
        """True if an event waits that `resume` would process."""
        return not self._stranded.empty()

    def resume(self) -> None:
        """Processes what was stranded while the database could not be written, without waiting for its lease.

        Another process may have taken it meanwhile: an event that is processed twice counts once.
        """
        for _ in range(self._stranded.qsize()):
            self.process(self._stranded.get())

    def close(self) -> None:
        for worker in self._work:
            worker.shutdown(wait=False, cancel_futures=True)
        self._forms.close()
        self._whys.close()
        self._home.close()
        self._call_forms.close()
        self._learn.shutdown(wait=False, cancel_futures=True)

    def _worker_for(self, body: Mapping[str, object]) -> ThreadPoolExecutor:
        return self._work[hash(place_of(body)) % len(self._work)]

    def process(self, kept: InboxEvent) -> None:
        """Handles an event. What fails is tried again later: nothing is dropped."""
        try:
            self._handling.handle(kept)
        except ValueError as error:
            log.error("an event could not be understood: %s", error)
            self._put_back(kept, str(error), failed=True)
        except UnsettledError as error:
            log.debug("an emoji in %s waits for a delivery", error)
            self._put_back(kept, type(error).__name__, failed=False)
        except (StoreError, SlackError) as error:
            log.warning("an event has to wait: %s", error)
            self._put_back(kept, type(error).__name__, failed=kept.attempts >= TRIES)
        except Exception as error:
            log.exception("an event failed")
            self._put_back(kept, type(error).__name__, failed=kept.attempts >= TRIES)

    def _put_back(self, kept: InboxEvent, error: str, *, failed: bool) -> None:
        wait = min(2.0**kept.attempts, 60.0)
        due_at = later(self._tools.clock.now(), wait)
        try:
            self._tools.store.put_back(kept, due_at=due_at, error=well_formed(error), failed=failed)
        except Exception as problem:  # noqa: BLE001 - those after it must have their turn
            log.warning("the inbox cannot be written: %s", problem)  # its lease ends, and it is taken again
            self._stranded.put(kept)

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
            self._on_channels()
