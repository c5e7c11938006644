"""The app's home, made anew whenever somebody opens it; and what the entry in a message's menu answers.

Nothing of either is kept: who gets no answer opens it again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from threatstamp.core.errors import SlackError, StoreError
from threatstamp.core.ids import ChannelId, UserId
from threatstamp.desk.ports.tools import Tools
from threatstamp.desk.views.home import read_home
from threatstamp.slack.blocks.home import explanation_view, home_view
from threatstamp.slack.client import SlackWorkspace
from threatstamp.slack.interactions import SHORTCUT
from threatstamp.slack.reading import Loose, table_in, text_in

log = logging.getLogger(__name__)

OPENED = "app_home_opened"
SHORTCUT_ID = "threatstamp_case"
"""The callback_id of "make this a case" in the manifest."""

MAKERS = 2


class Home:
    """Answers in threads of its own: an event is acknowledged at once, and a trigger lives three seconds."""

    def __init__(self, tools: Tools, workspace: SlackWorkspace) -> None:
        self._tools = tools
        self._workspace = workspace
        self._makers = ThreadPoolExecutor(MAKERS, thread_name_prefix="home")

    def take(self, body: Loose) -> bool:
        """Answers what is for it; False for everything else."""
        if body.get("type") == SHORTCUT:
            if text_in(body, "callback_id") == SHORTCUT_ID:
                channel = ChannelId(text_in(table_in(body, "channel"), "id"))
                trigger = text_in(body, "trigger_id")
                self._makers.submit(self._safely, lambda: self._explain(channel, trigger))
            return True
        event = table_in(body, "event")
        if event.get("type") != OPENED:
            return False
        user = text_in(event, "user")
        if user and text_in(event, "tab") in ("", "home"):
            self._makers.submit(self._safely, lambda: self._show(UserId(user)))
        return True

    def close(self) -> None:
        self._makers.shutdown(wait=False, cancel_futures=True)

    def _show(self, user: UserId) -> None:
        view = home_view(read_home(self._tools, user), self._workspace.voice)
        self._workspace.publish_home(user, view)

    def _explain(self, channel: ChannelId, trigger: str) -> None:
        """Says which stamps open a case there. A stamp opens it, since its forward is the card."""
        policy = self._tools.policy
        routes = tuple(
            one
            for one in policy.routes
            if one.route.case is not None and channel in policy.sources and one.listens_to(channel)
        )
        self._workspace.open_form(
            trigger, explanation_view(routes, self._workspace.voice, tracks=policy.tracks)
        )

    def _safely(self, act: Callable[[], None]) -> None:
        try:
            act()
        except (SlackError, StoreError) as error:
            log.warning("the home or an explanation could not be shown: %s", error)
        except Exception:
            log.exception("the home or an explanation could not be made")
