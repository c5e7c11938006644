"""The company of the demo at work: sandbox, feed server, panel, and the desk as a real process."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

from threatstamp.app.clock import SystemClock
from threatstamp.core.ledger.entry import LedgerEntry
from threatstamp.demo.facts import catalogue, load_invented_facts
from threatstamp.demo.feeds import FeedServer
from threatstamp.demo.panel import Panel
from threatstamp.demo.publishers import Happening
from threatstamp.demo.world import World
from threatstamp.desk.views.running import read_running
from threatstamp.sandbox import Sandbox, serve
from threatstamp.store import SqlStore, open_store
from threatstamp.texts.catalogue import Texts

COMMAND_PATIENCE = 60.0


class Company:
    """Sandbox, feeds, desk and panel; a context manager that leaves nothing behind."""

    def __init__(self, world: World, *, port: int = 0, log: Path | None = None) -> None:
        self.world = world
        self.workspace = world.workspace
        self.sandbox: Sandbox = serve(world.workspace, port=port)
        self.feeds = FeedServer(world.publishers, world.later, on_listing=self._listed)
        self._folder = tempfile.TemporaryDirectory(prefix="threatstamp-demo-")
        self.folder = Path(self._folder.name)
        self._log = log or self.folder / "desk.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._panel: Panel | None = None
        self.store: SqlStore | None = None

    def __enter__(self) -> Company:
        self.sandbox.start()
        self.feeds.start()
        self.feeds.go_on(by_itself=True)
        self.world.write_settings(self.folder, self.sandbox.api_url, feeds_url=self.feeds.url)
        database = f"sqlite:///{self.folder / 'threatstamp.db'}"
        self.store = open_store(database)
        load_invented_facts(database, SystemClock(), today=datetime.now(UTC).date())
        self.start_desk()
        self._panel = Panel(self.workspace, self.store, Texts(self.world.language))
        self._panel.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop_desk()
        if self._panel is not None:
            self._panel.close()
        self.feeds.close()
        self.sandbox.close()
        if self.store is not None:
            self.store.close()
        self._folder.cleanup()

    def start_desk(self) -> None:
        """Starts `threatstamp run`, as anybody would."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._words("run"),
                env=self._environ(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def command(self, *args: str) -> str:
        """Runs another command beside the desk, as anybody would; returns what it prints.

        Raises TimeoutError if it does not end.
        """
        try:
            done = subprocess.run(
                self._words(*args),
                env=self._environ(),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=COMMAND_PATIENCE,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise TimeoutError(f"threatstamp {args[0]} does not end") from error
        with self._log.open("ab") as log:
            log.write(done.stderr)
        return done.stdout.decode(errors="replace")

    def load_listing(self, happening: Happening) -> str:
        """Loads the KEV catalogue with one entry more, as anybody would; returns what that prints."""
        path = self.folder / "kev.json"
        path.write_text(catalogue(happening, today=datetime.now(UTC).date()), encoding="utf-8")
        return self.command("vulns", "update", "kev", "--from", str(path))

    def hurry(self) -> bool:
        """Lets the next thing happen now, and the desk look at once; False if nothing is left."""
        happening = self.feeds.advance()
        if happening is None:
            return False
        if happening.listed:
            self._listed(happening)
        else:
            _beside(lambda: self.command("poll"))
        return True

    def _listed(self, happening: Happening) -> None:
        _beside(lambda: self.load_listing(happening))

    def open_doors(self) -> None:
        """Readies what somebody who clicks has beside the posts: a way to go on, and the canvas."""
        self.workspace.skip = self.hurry
        _beside(lambda: self.command("legend"))

    def _words(self, *args: str) -> list[str]:
        settings = str(self.folder / "threatstamp.toml")
        return [sys.executable, "-m", "threatstamp", "--config", settings, *args]

    def _environ(self) -> dict[str, str]:
        app = self.workspace.app
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith("SLACK_")},
            "SLACK_BOT_TOKEN": app.bot_token,
            "SLACK_APP_TOKEN": app.app_token,
            "NO_PROXY": "127.0.0.1",
            "no_proxy": "127.0.0.1",
            "PYTHONIOENCODING": "utf-8",
        }

    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def log_tail(self) -> str:
        text = self._log.read_text(encoding="utf-8", errors="replace") if self._log.exists() else ""
        return "\n".join(text.splitlines()[-20:])

    def kill_desk(self) -> None:
        """kill -9: the desk gets no chance to put anything in order."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop_desk(self) -> int:
        """Ends the desk by a signal; returns its exit code."""
        if self._process is None:
            return 0
        self._process.terminate()
        try:
            return self._process.wait(12)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()

    def entries(self, kind: str | None = None) -> list[LedgerEntry]:
        assert self.store is not None
        with self.store.reading() as read:
            return list(read.ledger.entries(kind=kind))

    def checked(self) -> set[str]:
        """Returns the names of the feeds that have been checked."""
        assert self.store is not None
        with self.store.reading() as read:
            return {state.name for state in read.feeds.states() if state.tried_at is not None}

    def has_said_it_runs(self) -> bool:
        """True once the desk has written down that it is connected, which `status` goes by."""
        assert self.store is not None
        with self.store.reading() as read:
            running = read_running(read.vitals.every(), now=SystemClock().now())
        return any(one.connected for one in running)


def _beside(act: Callable[[], object]) -> None:
    """Does something that whoever orders it does not wait for; what it runs may be cut off by the end."""

    def run() -> None:
        with suppress(OSError, TimeoutError):
            act()

    threading.Thread(target=run, daemon=True).start()
