"""`sandbox`: a Slack-compatible workspace on this machine, with a page to click in."""

from __future__ import annotations

import sys

import click

from threatstamp.cli.demo import PORT_ERRORS
from threatstamp.cli.ending import listen_for_signal
from threatstamp.cli.help import Command
from threatstamp.cli.speech import speak
from threatstamp.config.addresses import is_local_http
from threatstamp.config.settings import default_language
from threatstamp.core.errors import PolicyError
from threatstamp.texts.catalogue import Language


@click.command("sandbox", cls=Command)
@click.option("--port", type=click.IntRange(0, 65535), default=8790, show_default=True)
@click.option("--language", type=click.Choice([one.value for one in Language]))
@click.option("--empty", is_flag=True)
@click.option("--request-url", "request_url")
def command(port: int, language: str | None, empty: bool, request_url: str | None) -> None:
    """A Slack-compatible workspace on 127.0.0.1, for trying a desk by hand.

    request_url: where events are posted, in place of Socket Mode.
    """
    texts = speak(Language(language) if language else default_language())
    from threatstamp.demo.world import World
    from threatstamp.sandbox import SandboxWorkspace, serve

    if request_url is not None and not is_local_http(request_url):
        raise PolicyError((texts("config.local_address", key="--request-url"),))
    wait_for_signal = listen_for_signal()  # before the sentence that says how to end it
    workspace = SandboxWorkspace(language=texts.language.value) if empty else World(texts.language).workspace
    workspace.legend.clear()  # no desk is here that knows these stamps
    workspace.shows_calls = True
    if request_url is not None:
        workspace.requests.subscribe(request_url, verify=False)  # the desk is started after this
    try:
        with serve(workspace, port=port) as sandbox:
            click.echo(texts("demo.sandbox_open", url=sandbox.url))
            app = workspace.app
            key = "demo.sandbox_api" if request_url is None else "demo.sandbox_http"
            secret = app.app_token if request_url is None else app.signing_secret
            click.echo(texts(key, url=sandbox.api_url, bot=app.bot_token, secret=secret))
            wait_for_signal()
    except OSError as error:
        if error.errno not in PORT_ERRORS:
            raise
        click.echo(texts("demo.port_taken", port=port), err=True)
        sys.exit(2)
