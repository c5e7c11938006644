"""`run`: the desk, until a signal."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import replace

import click

from threatstamp.cli.ending import SIGNALS
from threatstamp.cli.help import Command
from threatstamp.cli.logs import start_logging
from threatstamp.cli.opening import open_secrets, open_settings
from threatstamp.cli.speech import texts
from threatstamp.config.addresses import listen_place
from threatstamp.config.settings import Settings
from threatstamp.core.errors import PolicyError
from threatstamp.desk.views.running import NO_EVENTS

log = logging.getLogger("threatstamp")

GRACE = 9.0


@click.command("run", cls=Command)
@click.option("--listen", "listen")
@click.option("--no-events", is_flag=True)
@click.option("--shadow", is_flag=True)
@click.pass_context
def command(ctx: click.Context, listen: str | None, no_events: bool, shadow: bool) -> None:
    """Run the desk: everything in one process, until a signal.

    listen: in place of the file's own. no_events: it takes none, and helps other processes on the same
    database. shadow: record and decide everything, and say nothing in Slack.
    """
    settings, words = open_settings(ctx)
    if listen is not None:
        settings = _listening(settings, listen)
    if no_events:
        settings = replace(settings, slack=replace(settings.slack, mode=NO_EVENTS))
    secrets = open_secrets(settings, events=True)
    start_logging(settings.timezone)
    from threatstamp.app.run import open_run

    ended = threading.Event()
    for number in SIGNALS:
        signal.signal(number, lambda *_: ended.set())
    run = open_run(settings=settings, secrets=secrets, ended=ended, shadow=shadow, texts=words)
    if run is None:  # a signal came before Slack could be reached
        _end(_nothing)
        return
    run.start()
    policy = run.desk.tools.policy
    log.info(words("cli.running", routes=len(policy.routes), sources=len(policy.sources)))
    if shadow:
        log.info(words("shadow.running"))
    for name in policy.lost:
        log.warning(words("cli.lost", name=name))
    while not ended.wait(1.0):
        pass
    wrong = words("cli.app_token_refused", code=run.refused) if run.refused else ""
    _end(run.close, wrong=words("shadow.displaced") if run.is_displaced else wrong)


def _listening(settings: Settings, listen: str) -> Settings:
    if listen_place(listen) is None:
        raise PolicyError((texts()("config.listen", key="--listen"),))
    return replace(settings, slack=replace(settings.slack, listen=listen))


def _nothing() -> None:
    """Nothing was begun."""


def _end(close: Callable[[], object], *, wrong: str = "") -> None:
    """Ends in order if that takes less than ten seconds, and ends in any case: nothing is lost by it.

    wrong: why it has to end, "" if it was a signal.
    """
    code = 1 if wrong else 0
    guard = threading.Timer(GRACE, lambda: os._exit(code))
    guard.daemon = True
    guard.start()
    close()
    log.info("ended")
    if wrong:
        click.echo(wrong, err=True)
    sys.stderr.flush()
    os._exit(code)  # threads of libraries that wait for Slack must not hold the process
