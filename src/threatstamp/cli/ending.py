"""How a command ends when it is asked to: by a signal in order, with exit 0 and a sentence."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from types import FrameType

import click

from threatstamp.cli.speech import texts

GRACE = 8.0
"""Seconds that what is going on has to end, before the process ends in any case: nothing is lost by it."""

SIGNALS = (signal.SIGTERM, signal.SIGINT)


def interrupted() -> str:
    return texts()("cli.broken_off")


@contextlib.contextmanager
def ended_by_signal(words: Callable[[], str] = interrupted, *, grace: float = GRACE) -> Iterator[None]:
    """Ends the process with exit 0 when SIGTERM or SIGINT comes meanwhile, after saying the words.

    It may be nested; the words of the innermost one are said.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(number: int, _: FrameType | None) -> None:
        for one in SIGNALS:
            signal.signal(one, lambda *_: os._exit(0))  # a second signal: the person does not want to wait
        guard = threading.Timer(grace, lambda: os._exit(0))
        guard.daemon = True
        guard.start()
        raise KeyboardInterrupt

    before = [(one, signal.signal(one, end)) for one in SIGNALS]
    try:
        yield
    except KeyboardInterrupt:
        with contextlib.suppress(Exception):
            click.echo(words(), err=True)
        quit_now()
    finally:
        for one, handler in before:
            signal.signal(one, handler)


def listen_for_signal() -> Callable[[], None]:
    """Takes signals from now on; what it returns waits until the process is asked to end."""
    ended = threading.Event()
    for number in SIGNALS:
        signal.signal(number, lambda *_: ended.set())

    def wait() -> None:
        while not ended.wait(1.0):
            pass

    return wait


def quit_now() -> None:
    """Ends at once with exit code 0: threads that wait for an answer must not hold the process."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(0)


def silence() -> None:
    """Closes outputs that nobody reads any more, so that Python reports no error about them as it exits."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
            continue
        with contextlib.suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)
