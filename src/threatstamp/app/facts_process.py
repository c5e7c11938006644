"""The process that fetches facts: in ours a load would hold up stamps."""

from __future__ import annotations

import logging
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from threatstamp.core.facts.assessment import FactSource
from threatstamp.core.facts.cve import CveId
from threatstamp.desk.ports.time import Clock

log = logging.getLogger(__name__)

LOOK = 0.5
"""Seconds between two looks at a process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """What a process is to fetch: all that is new of some sources, or what one says about these ids."""

    settings: Path
    sources: Sequence[FactSource]
    ids: Sequence[CveId] = ()


Spawn = Callable[[Errand, Path], "subprocess.Popen[bytes]"]


def spawn(errand: Errand, said: Path) -> subprocess.Popen[bytes]:
    """Starts the command that fetches. said: where its errors go."""
    ids = [word for one in errand.ids for word in ("--id", one)]
    config = ["--config", str(errand.settings)]
    command = [sys.executable, "-m", "threatstamp", *config, "vulns", "update", *errand.sources, *ids]
    with said.open("wb") as file:
        return subprocess.Popen(  # noqa: S603 - our own program
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=file
        )


def carry_out(
    errand: Errand, start: Spawn, clock: Clock, *, longest: float, is_ended: Callable[[], bool]
) -> None:
    """Runs a process to its end. What it says of a failure is logged.

    longest: seconds after which it is ended, as it is when we are; the next one goes on where it was.
    """
    with tempfile.TemporaryDirectory(prefix="threatstamp-") as folder:
        said = Path(folder) / "said"
        process = start(errand, said)
        until = clock.steady() + longest
        try:
            while process.poll() is None and not is_ended() and clock.steady() < until:
                with suppress(subprocess.TimeoutExpired):
                    process.wait(LOOK)
        finally:
            if process.poll() is None:
                process.terminate()
                with suppress(subprocess.TimeoutExpired):
                    process.wait(2.0)
                process.kill()
                process.wait()
        if process.returncode and not is_ended():
            words = said.read_text(encoding="utf-8", errors="replace")[-2_000:].strip()
            log.warning("fetching %s: %s", ", ".join(errand.sources), words)
