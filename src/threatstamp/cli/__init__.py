"""The command line: one function a command, each imported when it is used."""

from __future__ import annotations

import contextlib
import importlib
import sys
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from threatstamp import __version__
from threatstamp.cli.help import Group
from threatstamp.cli.misuse import no_file
from threatstamp.cli.speech import SETTINGS_FILE, first_texts, hide_in_tracebacks, never_fail_at_signs, speak

COMMANDS = {
    "init": "threatstamp.cli.init",
    "run": "threatstamp.cli.run",
    "poll": "threatstamp.cli.poll",
    "sweep": "threatstamp.cli.sweep",
    "check": "threatstamp.cli.check",
    "status": "threatstamp.cli.status",
    "retry": "threatstamp.cli.retry",
    "case": "threatstamp.cli.case",
    "risk": "threatstamp.cli.risk",
    "stories": "threatstamp.cli.stories",
    "ledger": "threatstamp.cli.ledger",
    "legend": "threatstamp.cli.legend",
    "import": "threatstamp.cli.importing",
    "shadow": "threatstamp.cli.shadow",
    "read": "threatstamp.cli.read",
    "config": "threatstamp.cli.config",
    "manifest": "threatstamp.cli.manifest",
    "counts": "threatstamp.cli.counts",
    "vulns": "threatstamp.cli.vulns",
    "products": "threatstamp.cli.products",
    "priority": "threatstamp.cli.priority",
    "policy": "threatstamp.cli.policy",
    "why-not": "threatstamp.cli.why_not",
    "search": "threatstamp.cli.search",
    "incident": "threatstamp.cli.incident",
    "handover": "threatstamp.cli.handover",
    "sheets": "threatstamp.cli.sheets",
    "backup": "threatstamp.cli.backup",
    "restore": "threatstamp.cli.restore",
    "sandbox": "threatstamp.cli.sandbox",
    "demo": "threatstamp.cli.demo",
}


class NobodyReadsError(Exception):
    """The reader of the output has gone, as `head` does: no failure, but click alone would exit with 1."""


class LazyGroup(Group):
    """Imports a command's module when it is used: `--help` stays quick."""

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        try:
            return super().make_context(info_name, args, parent, **extra)
        except BrokenPipeError:
            raise NobodyReadsError from None

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise NobodyReadsError from None

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(COMMANDS[cmd_name]).command
        return command

    def is_shown(self, ctx: click.Context, name: str) -> bool:
        return name in COMMANDS


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="threatstamp", message="%(prog)s %(version)s")
@click.option(
    "--config",
    "config",
    type=click.Path(path_type=Path, readable=False),  # what is wrong with it is said when it is read
    default=Path(SETTINGS_FILE),
    show_default=True,
    is_eager=True,
)
@click.pass_context
def cli(ctx: click.Context, config: Path) -> None:
    """The program. The help of its commands is in texts/*/cli.toml; see cli/help.py."""
    if config.is_dir() and ctx.get_parameter_source("config") is not ParameterSource.DEFAULT:
        raise no_file(ctx, "--config", str(config))
    ctx.obj = config
    speak(first_texts(ctx).language)


def main() -> None:
    """The entry point. Exit codes: 0 success, 1 something checked is wrong, 2 wrong usage or file."""
    from threatstamp.cli.ending import silence

    never_fail_at_signs()
    hide_in_tracebacks()
    try:
        code = _run()
        sys.stdout.flush()
    except (BrokenPipeError, NobodyReadsError):
        code = 0
    except OSError as error:
        code = _say_os_error(error)
    silence()
    sys.exit(code)


def _run() -> int | str:
    """Runs the command; returns its exit code. Raises OSError for what could not be written."""
    from threatstamp.cli.speech import say_error, texts
    from threatstamp.core.errors import DeskError, PolicyError
    from threatstamp.core.secrets import hide

    try:
        return cli.main(prog_name="threatstamp", standalone_mode=False) or 0
    except SystemExit as ended:
        return ended.code or 0
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        click.echo(texts()("cli.broken_off"), err=True)
        return 1
    except PolicyError as error:
        for problem in error.problems:
            click.echo(hide(problem), err=True)
        return 2
    except DeskError as error:
        click.echo(hide(say_error(error)), err=True)
        return 1


def _say_os_error(error: OSError) -> int:
    from threatstamp.cli.speech import reason_of_output, texts

    reason = reason_of_output(error, texts())
    key = "cli.output_failed" if error.filename is None else "cli.file_failed"
    with contextlib.suppress(OSError):  # standard error may be what is full
        click.echo(texts()(key, path=error.filename, reason=reason), err=True)
    return 1


if __name__ == "__main__":
    main()
