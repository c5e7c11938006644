"""The table [slack]: how to reach Slack."""

from __future__ import annotations

from dataclasses import dataclass

from threatstamp.config.addresses import is_base, listen_place
from threatstamp.config.reader import Table
from threatstamp.config.routes import read_emoji
from threatstamp.core.ids import Emoji
from threatstamp.core.policy import CONFIRM_EMOJI, Confirm
from threatstamp.desk.views.running import HTTP, SOCKET

SLACK_API = "https://slack.com/api/"
LISTEN = "127.0.0.1:3000"
"""Where events arrive over HTTP unless the file says where."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackSettings:
    """How to reach Slack. mode: how events arrive; `run --no-events` says that none do.

    pace: the least time (seconds) between two messages into one channel.

    listen: where health and, in the mode http, Slack's requests are answered, see `listen_place`; None for
    nowhere. metrics: serve them there, too.
    """

    api_url: str = SLACK_API
    mode: str = SOCKET
    confirm: Confirm = Confirm.REACTION
    confirm_emoji: Emoji = CONFIRM_EMOJI
    pace: float = 1.0
    listen: str | None = None
    metrics: bool = False


def read_slack(table: Table, *, top: frozenset[str]) -> SlackSettings:
    api_url = table.text("api_url", SLACK_API)
    if not is_base(api_url):
        table.wrong("api_url", "address")
    mode = table.choice("mode", (SOCKET, HTTP), SOCKET)
    confirm = table.choice("confirm", [one.value for one in Confirm], Confirm.REACTION)
    emoji = read_emoji(table, "confirm_emoji", CONFIRM_EMOJI)
    pace = table.duration("pace", 1.0)
    listen = table.text("listen", LISTEN if mode == HTTP else None)
    if listen is not None and listen_place(listen) is None:
        table.wrong("listen", "listen")
    metrics = table.flag("metrics")
    if metrics and listen is None:
        table.wrong("metrics", "metrics_alone")
    table.close(top=top)
    return SlackSettings(
        api_url=api_url if api_url.endswith("/") else f"{api_url}/",
        mode=mode,
        confirm=Confirm(confirm),
        confirm_emoji=emoji,
        pace=pace,
        listen=listen,
        metrics=metrics,
    )
