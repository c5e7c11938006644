"""Programs that fail with a secret in what they raise."""

from __future__ import annotations

import threading
from typing import NoReturn

from threatstamp.cli.speech import hide_in_tracebacks

SECRET = "https://feed.example/?key=PLANTED and xoxb-PLANTED-0123456789"


def raise_it() -> NoReturn:
    raise RuntimeError("at " + SECRET)


def fail() -> None:
    hide_in_tracebacks()
    raise_it()


def fail_in_thread() -> None:
    hide_in_tracebacks()
    thread = threading.Thread(target=raise_it)
    thread.start()
    thread.join()
