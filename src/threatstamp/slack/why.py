"""Answers whoever asks why a story has its priority: to them alone, and nothing is recorded."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from threatstamp.core.errors import SlackError, StoreError
from threatstamp.core.facts.cve import cve_of
from threatstamp.core.ids import ChannelId, StoryId, Ts, UserId
from threatstamp.desk.ports.tools import Tools
from threatstamp.desk.priority.explaining import PriorityWhy, why_case, why_cve, why_story
from threatstamp.slack.blocks.why import WHY, why_blocks
from threatstamp.slack.client import SlackWorkspace
from threatstamp.slack.interactions import BUTTONS
from threatstamp.slack.reading import Loose, table_in, tables_in, text_in

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Somebody asks why. thread_ts: where they asked, if that was in a thread."""

    story: StoryId
    user: UserId
    channel: ChannelId
    thread_ts: Ts | None


class Whys:
    """Answers clicks, in a thread of its own, so that no event waits for it."""

    def __init__(self, tools: Tools, workspace: SlackWorkspace) -> None:
        self._tools = tools
        self._workspace = workspace
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="why")

    def answer(self, body: Loose) -> bool:
        """Begins to answer a click; False if it asks for something else."""
        asked = read_asked(body)
        if asked is not None:
            self._worker.submit(self._answer, asked)
        return asked is not None

    def close(self) -> None:
        self._worker.shutdown(wait=False, cancel_futures=True)

    def _answer(self, asked: Asked) -> None:
        try:
            why = why_story(self._tools.store, asked.story, self._tools.policy)
            self._workspace.whisper(why, to=asked.user, channel=asked.channel, thread_ts=asked.thread_ts)
        except (SlackError, StoreError) as error:
            log.warning("why a story has its priority could not be said: %s", error)
        except Exception:
            log.exception("why a story has its priority could not be said")


def why_words(tools: Tools, workspace: SlackWorkspace, words: str, channel: ChannelId) -> str | None:
    """Returns the answer to `why CVE` or `why N`, the number of a case; None for anything else.

    channel: where it is asked.
    """
    cve, number = cve_of(words), words.removeprefix("#")
    why: PriorityWhy | None = None
    if cve is not None:
        why = why_cve(tools.store, cve, tools.policy, channel)
    elif number.isdecimal() and len(number) < 10:
        why = why_case(tools.store, int(number), tools.policy, channel)
    return None if why is None else why_blocks(why, workspace.voice).text


def read_asked(body: Loose) -> Asked | None:
    """Returns who asks about which story; None for a click on something else."""
    if body.get("type") != BUTTONS:
        return None
    story = next((text_in(one, "value") for one in tables_in(body, "actions") if _is_why(one)), "")
    message, user = table_in(body, "container"), text_in(table_in(body, "user"), "id")
    channel, thread = text_in(message, "channel_id"), text_in(message, "thread_ts")
    if not story or not user or not channel:
        return None
    return Asked(
        story=StoryId(story),
        user=UserId(user),
        channel=ChannelId(channel),
        thread_ts=Ts(thread) if thread else None,
    )


def _is_why(action: Loose) -> bool:
    return text_in(action, "action_id") == WHY
