"""The desk of the demo as a real process, and what its ledger says on the page's panel."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from types import TracebackType

from threatstamp.core.errors import StoreError
from threatstamp.core.ledger import LedgerEntry
from threatstamp.demo.world import World
from threatstamp.sandbox import Sandbox, serve
from threatstamp.store import SqlStore, open_store
from threatstamp.texts.catalogue import Texts

QUIET = frozenset({"policy", "contact", "forward"})
"""Kinds that the panel leaves out: they say nothing to somebody who clicks."""


class Company:
    """Sandbox, desk and panel; a context manager that leaves nothing behind."""

    def __init__(self, world: World, *, port: int = 0, log: Path | None = None) -> None:
        self.world = world
        self.workspace = world.workspace
        self.sandbox: Sandbox = serve(world.workspace, port=port)
        self._texts = Texts(world.language)
        self._folder = tempfile.TemporaryDirectory(prefix="threatstamp-demo-")
        self.folder = Path(self._folder.name)
        self._log = log or self.folder / "desk.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._ended = threading.Event()
        self._panel = threading.Thread(target=self._tell, name="panel", daemon=True)
        self.store: SqlStore | None = None

    def __enter__(self) -> Company:
        self.sandbox.start()
        settings = self.world.write_settings(self.folder, self.sandbox.api_url)
        self.store = open_store(f"sqlite:///{settings.parent / 'threatstamp.db'}")
        self.start_desk()
        self._panel.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self.stop_desk()
        self._panel.join(2)
        self.sandbox.close()
        if self.store is not None:
            self.store.close()
        self._folder.cleanup()

    def start_desk(self) -> None:
        """Starts `threatstamp run`, as anybody would."""
        app = self.workspace.app
        environ = {
            **{name: value for name, value in os.environ.items() if not name.startswith("SLACK_")},
            "SLACK_BOT_TOKEN": app.bot_token,
            "SLACK_APP_TOKEN": app.app_token,
            "NO_PROXY": "127.0.0.1",
            "no_proxy": "127.0.0.1",
        }
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "threatstamp",
                    "--config",
                    str(self.folder / "threatstamp.toml"),
                    "run",
                ],
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

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

    def entries(self) -> list[LedgerEntry]:
        assert self.store is not None
        with self.store.reading() as tx:
            return list(tx.entries())

    def _tell(self) -> None:
        """Writes what is new in the ledger into the panel."""
        seen = 0
        while not self._ended.wait(0.15):
            try:
                entries = self.entries()
            except StoreError:
                continue
            for entry in entries[seen:]:
                if entry.kind not in QUIET:
                    self.workspace.note(self._sentence(entry), kind="record", data=entry.sequence)
            seen = len(entries)

    def _sentence(self, entry: LedgerEntry) -> str:
        body: dict[str, object] = json.loads(entry.body) if entry.body else {}
        key = f"demo.record_{entry.kind}"
        if not self._texts.has(key):
            return entry.kind
        user = str(body.get("user", ""))
        known = self.workspace.users.get(user)
        channel = self.workspace.channels.get(str(body.get("destination", "")))
        return self._texts(
            key,
            person=known.display_name if known else user,
            emoji=f":{body.get('reaction', '')}:",
            title=str(body.get("title") or body.get("text") or ""),
            channel=f"#{channel.name}" if channel else "",
            route=str(body.get("route", "")),
            error=str(body.get("error", "")),
        )
