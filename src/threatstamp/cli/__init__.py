"""The command line: one function a command, each imported when it is used."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import click

from threatstamp import __version__

COMMANDS = {
    "run": "threatstamp.cli.run",
    "poll": "threatstamp.cli.poll",
    "sweep": "threatstamp.cli.sweep",
    "check": "threatstamp.cli.check",
    "status": "threatstamp.cli.status",
    "retry": "threatstamp.cli.retry",
    "ledger": "threatstamp.cli.ledger",
    "read": "threatstamp.cli.read",
    "sandbox": "threatstamp.cli.sandbox",
    "demo": "threatstamp.cli.demo",
}
LATER = ("init", "backup", "restore", "counts", "import")
"""Named in the interface, and not there yet: refused with a sentence."""


class LazyGroup(click.Group):
    """Imports a command's module when it is asked for: `--help` stays quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*COMMANDS, *LATER]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in LATER:
            return _later(cmd_name)
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(COMMANDS[cmd_name]).command
        return command


def _later(name: str) -> click.Command:
    from threatstamp.cli.speech import texts

    @click.command(
        name,
        help=texts()("cli.later_help"),
        hidden=True,
        context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
        add_help_option=False,
    )
    def refuse() -> None:
        click.echo(texts()("cli.later", command=name), err=True)
        sys.exit(2)

    return refuse


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="threatstamp")
@click.option(
    "--config",
    "config",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("threatstamp.toml"),
    help="The settings file.",
)
@click.pass_context
def cli(ctx: click.Context, config: Path) -> None:
    """A threat-intelligence desk in Slack: stamps in, forwards out, everything on record."""
    ctx.obj = config


def main() -> None:
    """The entry point. Exit codes: 0 well, 1 something looked at is wrong, 2 wrong use or wrong file."""
    from threatstamp.cli.speech import say_error
    from threatstamp.core.errors import DeskError, PolicyError

    try:
        cli(prog_name="threatstamp")
    except PolicyError as error:
        for problem in error.problems:
            click.echo(problem, err=True)
        sys.exit(2)
    except DeskError as error:
        click.echo(say_error(error), err=True)
        sys.exit(1)
    except BrokenPipeError:
        sys.exit(0)


if __name__ == "__main__":
    main()
