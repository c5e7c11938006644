"""The desks of the chaos run: processes of `run` whose clock can be stepped from outside.

Started by `tools/chaos.py` through `tests.support.desks.Desks`.
"""

from __future__ import annotations

import logging
import mmap
import os
import signal
import struct
import sys
import threading
import time
import traceback
from pathlib import Path

from threatstamp.app.run import open_run
from threatstamp.config.secrets import read_secrets
from threatstamp.config.settings import read_settings
from threatstamp.desk.ports.time import Timing

CLOCK = "CHAOS_CLOCK"
"""The environment's name for the file with the clock's offset."""

BRISK = Timing(
    lease=6.0,
    timeout=2.0,
    margin=0.5,
    pace=0.0,
    scan=0.3,
    settling=0.6,
    reconnect=2.0,
    late=300.0,
    event_lease=6.0,
    feed_lease=6.0,
)
"""The same protocol with short waits."""

_OFFSET = struct.Struct("<q")


def step_clock(file: Path, seconds: float) -> None:
    """Steps the clock of the desk that was started with this file; 0 puts it right."""
    with file.open("r+b") as clock:
        clock.write(_OFFSET.pack(round(seconds * 1e9)))


def new_clock(file: Path) -> Path:
    file.write_bytes(_OFFSET.pack(0))
    return file


def follow(file: Path) -> None:
    """Makes the wall clock of this process follow a file. Its steady clock goes on as it is.

    As a step of NTP does, it concerns all code of the process, whichever way it asks for the time.
    """
    with file.open("rb") as clock:
        offset = mmap.mmap(clock.fileno(), _OFFSET.size, access=mmap.ACCESS_READ)
    real = time.time_ns

    def stepped() -> int:
        return real() + int(_OFFSET.unpack_from(offset)[0])

    time.time_ns = stepped
    time.time = lambda: stepped() / 1e9


def work(settings: str, ready: str) -> None:
    """Runs a desk until a signal."""
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    follow(Path(os.environ[CLOCK]))
    run = open_run(
        settings=read_settings(Path(settings)),
        secrets=read_secrets(os.environ),
        ended=ended,
        timing=BRISK,
        schedules=False,
    )
    if run is None:
        return
    run.start()
    while not ended.is_set() and not run.desk.swept.wait(0.1):
        pass
    Path(ready).write_text("ready", encoding="utf-8")
    ended.wait()
    run.close()


def main() -> None:
    """The program; see `tests.support.desks.Desks`."""
    settings, ready, _ = sys.argv[1:]
    logging.basicConfig(level=logging.WARNING, force=True, stream=sys.stderr)
    try:
        work(settings, ready)
    except BaseException:  # noqa: BLE001 - whatever it is, it belongs into the log
        traceback.print_exc()
    sys.stderr.flush()
    os._exit(0)  # threads of libraries that wait for Slack must not hold the process
