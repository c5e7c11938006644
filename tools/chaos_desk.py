"""The desks of the chaos run: processes of `run` whose clock can be stepped from outside.

Started by `tools/chaos.py` through `tests.support.desks.Zygote`: reads a request a line, and forks a desk.
"""

from __future__ import annotations

import json
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
    """Forks a desk for each line of JSON on stdin: what has been imported here need not be imported again."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    import threatstamp.slack.socket
    import threatstamp.store.migrate  # noqa: F401

    for line in sys.stdin:
        request = json.loads(line)
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.environ.update(request["environ"])
            log = os.open(request["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            os.dup2(log, 1)
            os.dup2(log, 2)
            logging.basicConfig(level=logging.WARNING, force=True, stream=sys.stderr)
            try:
                work(request["settings"], request["ready"])
            except BaseException:  # noqa: BLE001 - whatever it is, it belongs into the log
                traceback.print_exc()
            os._exit(0)
        print(child, flush=True)


if __name__ == "__main__":
    main()
