"""A small town for tests of whole stories: a sandbox with people and channels, and a desk that works there."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tests.support.databases import prepare
from tests.support.forks import HANG
from threatstamp.app.run import Run, open_run
from threatstamp.config.secrets import Secrets, read_secrets
from threatstamp.config.settings import read_settings
from threatstamp.core.ledger.entry import LedgerEntry
from threatstamp.desk.ports.time import Timing
from threatstamp.desk.views.running import HTTP, NO_EVENTS, SOCKET
from threatstamp.sandbox import Sandbox, SandboxWorkspace, serve
from threatstamp.store import SqlStore

NEWS, ALERT, SERVERS, STAFF, OPS, PRIVATE = "C0NEWS", "C0ALERT", "C0SERVER", "C0STAFF", "C0OPS", "G0SECRET"
YAMADA, TANAKA, SUZUKI, SATO, ITO = "U0YAMADA", "U0TANAKA", "U0SUZUKI", "U0SATO", "U0ITO"
TEAM = "T0TOWN"

QUICK = Timing(
    lease=3.0, timeout=2.0, margin=0.3, pace=0.0, scan=0.3, settling=0.3, reconnect=2.0, late=300.0
)
"""The same protocol with short waits."""

ROUTES = """
[[routes]]
name = "ciso"
reaction = "rotating_light"
to = ["#sec-alert"]
mention = ["U0SUZUKI", "here"]
text = "重大な脅威情報です。至急ご確認ください。"

[[routes]]
name = "servers"
reaction = "wrench"
to = ["#server-team"]
text = "製品サーバに関係しそうです。"

[[routes]]
name = "seen"
reaction = "see_no_evil"
to = []
"""


@dataclass
class Town:
    """The sandbox and its desk. `settle` writes the settings, also once more."""

    workspace: SandboxWorkspace
    sandbox: Sandbox
    folder: Path
    database: str
    runs: list[Run] = field(default_factory=list)

    def settle(
        self, routes: str = ROUTES, *, slack: str = 'pace = "0s"', top: str = "", sources: str = ""
    ) -> Path:
        """Writes the settings file; returns its path."""
        path = self.folder / "threatstamp.toml"
        text = f"""language = "ja"
database = "{self.database}"
alerts = "#sec-ops"
{top}
[slack]
api_url = "{self.sandbox.api_url}"
{slack}
[[sources]]
channel = "#security-news"
{sources}
{routes}
"""
        path.write_text(text, encoding="utf-8")
        return path

    def settle_over_http(self, routes: str = ROUTES) -> None:
        """Writes the settings of a desk to which events are posted, at a port that is the same after a restart."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            place = f"127.0.0.1:{free.getsockname()[1]}"
        self.settle(routes, slack=f'pace = "0s"\nmode = "http"\nlisten = "{place}"')
        self.workspace.requests.subscribe(f"http://{place}/slack/events", verify=False)

    @property
    def secrets(self) -> Secrets:
        return read_secrets(self.environ)

    @property
    def environ(self) -> dict[str, str]:
        app = self.workspace.app
        return {
            "SLACK_BOT_TOKEN": app.bot_token,
            "SLACK_APP_TOKEN": app.app_token,
            "SLACK_SIGNING_SECRET": app.signing_secret,
        }

    def start(
        self, *, timing: Timing = QUICK, looked: bool = True, events: bool = True, shadow: bool = False
    ) -> Run:
        """Starts the desk in this process; returns once it is connected and, if `looked`, its first sweep is done.

        In the mode http the app's request URL is set. events: False for a desk that takes none.
        """
        if not (self.folder / "threatstamp.toml").exists():
            self.settle()
        prepare(self.database)
        settings = read_settings(self.folder / "threatstamp.toml")
        connected = self.workspace.sockets.count
        if not events:
            settings = replace(settings, slack=replace(settings.slack, mode=NO_EVENTS))
        run = open_run(settings=settings, secrets=self.secrets, timing=timing, schedules=False, shadow=shadow)
        assert run is not None
        self.runs.append(run)
        run.start()
        if settings.slack.mode == HTTP:
            self.workspace.requests.subscribe(f"http://127.0.0.1:{run.monitoring.port}/slack/events")
        elif settings.slack.mode == SOCKET:
            self.workspace.wait_for(lambda: self.workspace.sockets.count > connected)
        if looked:
            self.wait_for_sweep(run)
        return run

    def wait_for_sweep(self, run: Run) -> None:
        assert run.desk.swept.wait(20), "no sweep came to an end"
        run.desk.swept.clear()

    def stop(self) -> None:
        for run in self.runs:
            run.close()
        self.runs.clear()

    def command(self, *args: str, timeout: float = 60, **environ: str) -> subprocess.CompletedProcess[str]:
        """Runs a command of the program as a user would."""
        return subprocess.run(
            [sys.executable, "-m", "threatstamp", *args],
            cwd=self.folder,
            env={**os.environ, **self.environ, **environ},
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def post(
        self, title: str = "製品Xに深刻な脆弱性", link: str = "https://news.example/1", **more: Any
    ) -> str:
        """Posts into the news channel as Slack's RSS app; returns the ts."""
        return self.workspace.post_rss(NEWS, title, link, source="架空ニュース", **more)

    def wait_for_message(self, channel: str, *words: str, count: int = 1) -> list[dict[str, object]]:
        """Waits until a channel has this many messages that contain all the words; returns its messages."""

        def there() -> list[dict[str, object]]:
            found = self.workspace.messages(channel)
            text = json.dumps(found, ensure_ascii=False)
            return found if len(found) >= count and all(word in text for word in words) else []

        return self.workspace.wait_for(there, HANG)

    def wait_for_card(self, channel: str, *words: str) -> dict[str, Any]:
        """Returns the one message of a channel that is in no thread, once it contains all the words."""

        def there() -> list[dict[str, object]]:
            found = self.workspace.messages(channel)
            cards = [one for one in found if one.get("thread_ts", one["ts"]) == one["ts"]]
            text = json.dumps(cards, ensure_ascii=False)
            return cards if cards and all(word in text for word in words) else []

        [card] = self.workspace.wait_for(there, HANG)
        return card

    @property
    def store(self) -> SqlStore:
        return self.runs[-1].store

    def ledger(self, kind: str | None = None) -> list[LedgerEntry]:
        with self.store.reading() as read:
            return list(read.ledger.entries(kind=kind))

    def wait_until_quiet(self) -> None:
        """Waits until no event waits and nothing is owed."""
        for _ in range(400):
            if is_quiet(self.store):
                return
            self.runs[-1].ended.wait(0.025)
        raise AssertionError("the desk still has work to do")


def is_quiet(store: SqlStore) -> bool:
    """True if no event waits and nothing is owed."""
    with store.reading() as read:
        return read.inbox.counts()[0] == 0 and read.backlog.count() == 0


def people(workspace: SandboxWorkspace) -> None:
    """Adds the town's people, channels and user group to a workspace."""
    for user, name in ((YAMADA, "山田"), (TANAKA, "田中"), (SUZUKI, "鈴木"), (SATO, "佐藤"), (ITO, "伊藤")):
        workspace.add_user(user, name, name, email=f"{user.lower()}@town.example")
    for channel, title in (
        (NEWS, "security-news"),
        (ALERT, "sec-alert"),
        (SERVERS, "server-team"),
        (STAFF, "staff"),
        (OPS, "sec-ops"),
    ):
        workspace.add_channel(channel, title)
    workspace.add_channel(PRIVATE, "secret", private=True)
    workspace.add_group("S0TEAM", "sec-team", [YAMADA, SUZUKI])


@contextmanager
def open_town(folder: Path, database: str | None = None) -> Iterator[Town]:
    """Opens a sandbox; in the end closes the desk and the sandbox."""
    workspace = SandboxWorkspace(TEAM, name="Town")
    people(workspace)
    workspace.limits.off()
    with serve(workspace) as sandbox:
        town = Town(
            workspace=workspace,
            sandbox=sandbox,
            folder=folder,
            database=database or f"sqlite:///{folder / 'desk.db'}",
        )
        try:
            yield town
        finally:
            town.stop()
