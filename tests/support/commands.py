"""The program's commands in a town, as processes that are forked and so start within milliseconds."""

from __future__ import annotations

import os
import pkgutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import threatstamp
from tests.support.desks import wait
from tests.support.forks import HANG, Forked, Forks
from tests.support.town import Town, open_town

PROGRAM = "threatstamp.cli:main"
MODULES = (
    *(
        one.name
        for one in pkgutil.walk_packages(threatstamp.__path__, "threatstamp.")
        if not one.name.endswith(".__main__") and ".migrations." not in one.name
    ),
    *("uvicorn.protocols.http.h11_impl", "alembic.command", "alembic.config"),
    *("anyio.streams.tls", "encodings.idna", "httpcore2", "httpx2", "psycopg", "pyexpat", "rich.status"),
    *("pysqlite3" for _ in range(find_spec("pysqlite3") is not None)),  # there is no wheel for every machine
)
"""What the commands import sooner or later."""


@dataclass
class TownWithCommands(Town):
    """A town whose commands are forked. `by_python` starts one as a user would."""

    forks: Forks | None = None

    def stop(self) -> None:
        """Ends the desks, and the lines that Slack's client still holds: in a process they would end with it.

        Until then the sandbox would give events to a desk that is no more, and count its line.
        """
        super().stop()
        self.workspace.sockets.cut()
        self.workspace.wait_for(lambda: self.workspace.sockets.count == 0)

    def begin(self, *args: str, environ: Mapping[str, str] | None = None, **places: int) -> Forked:
        """Starts a command and returns at once.

        environ: added to the town's. stdout, stderr: see `Forks.start`.
        """
        assert self.forks is not None
        there = {**os.environ, **self.environ, **(environ or {})}
        return self.forks.start(PROGRAM, *args, cwd=self.folder, environ=there, **places)

    def command(self, *args: str, timeout: float = HANG, **environ: str) -> subprocess.CompletedProcess[str]:
        """Runs a command to its end."""
        forked = self.begin(*args, environ=environ)
        code = forked.wait(timeout)
        return subprocess.CompletedProcess([*args], code, forked.out(), forked.err())

    def wait_for_fault(self, times: int) -> None:
        """Waits until a call has run into the only fault of the sandbox.

        times: of how many calls it was made.
        """
        [fault] = self.workspace.faults._faults
        assert wait(lambda: fault.times < times, HANG)

    def by_python(self, *args: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """Runs a command to its end in a new Python interpreter."""
        return Town.command(self, *args, timeout=HANG, **environ)


@contextmanager
def open_town_with_commands(
    folder: Path, forks: Forks, database: str | None = None
) -> Iterator[TownWithCommands]:
    """Opens a sandbox; in the end closes the desk and the sandbox, and kills commands that still run."""
    with open_town(folder, database) as made:
        try:
            yield TownWithCommands(**vars(made), forks=forks)
        finally:
            forks.end_all()
