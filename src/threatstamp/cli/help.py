"""Commands whose help and refusals come from the catalogue, resolved when they are shown.

A command `ledger list` finds its words under `help_ledger_list`, its option `--limit` under
`help_option_ledger_list_limit` or, if it says the same everywhere, `help_option_limit`.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from threatstamp.cli.misuse import Misuse, key_of, misuse, no_file, place_of, range_words, unknown, value_name
from threatstamp.cli.speech import first_texts, json_text, say_error, shown, speak
from threatstamp.core.errors import DeskError, PolicyError
from threatstamp.core.secrets import hide
from threatstamp.render.columns import pad, width, wrap
from threatstamp.texts.catalogue import Texts

Row = tuple[str, str]
WIDEST, NARROWEST, LEFT = 100, 40, 30
"""Columns: the limits of a page's width, and the most that the left column takes."""


class Command(click.Command):
    """A command that speaks the reader's language."""

    def get_usage(self, ctx: click.Context) -> str:
        texts = first_texts(ctx)
        return texts("cli.help_usage", usage=" ".join((ctx.command_path, *_pieces(self, ctx, texts))))

    def get_help(self, ctx: click.Context) -> str:
        return "\n".join(page(self, ctx, first_texts(ctx)))

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Raises Misuse for what cannot be understood."""
        if ctx.parent is not None:
            args = _config_taken(ctx, args)
        given, allowed = list(args), ctx.allow_extra_args
        ctx.allow_extra_args = True
        try:
            left = super().parse_args(ctx, args)
        except click.UsageError as error:
            raise misuse(error, ctx, self._given(ctx, given, error)) from None
        ctx.allow_extra_args = allowed
        if left and not allowed and not ctx.resilient_parsing:
            raise Misuse(ctx, "use_extra", names=shown(" ".join(left)))
        if isinstance(self, Group) and not left and not ctx.resilient_parsing:
            names = first_texts(ctx)("cli.expected_or").join(visible(self, ctx))
            raise Misuse(ctx, "use_no_subcommand", names=names)
        return left

    def invoke(self, ctx: click.Context) -> object:
        """Runs the command; with --json an error is JSON, too."""
        if not ctx.params.get("as_json"):
            return super().invoke(ctx)
        try:
            return super().invoke(ctx)
        except DeskError as error:
            click.echo(json_text({"ok": False, "error": hide(say_error(error))}))
            sys.exit(2 if isinstance(error, PolicyError) else 1)

    def _given(self, ctx: click.Context, args: list[str], error: click.UsageError) -> dict[str, object]:
        """Returns what was on the command line, by parameter, for an error about a value."""
        if type(error) is not click.BadParameter:
            return {}
        values, _, _ = self.make_parser(ctx).parse_args(args=args)
        return dict(values)


class Group(click.Group, Command):
    """A command with commands of its own."""

    command_class = Command

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Returns the names as they were written, not by alphabet."""
        return list(self.commands)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Raises Misuse, with the nearest name, for an unknown command."""
        if not ctx.resilient_parsing and self.get_command(ctx, args[0]) is None:
            raise unknown(ctx, "use_no_command", args[0], visible(self, ctx))
        return super().resolve_command(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Returns names and help without importing the commands: somebody waits at the tab key."""
        rows = _commands(self, ctx, first_texts(ctx))
        found = [CompletionItem(name, help=words) for name, words in rows if name.startswith(incomplete)]
        return found + click.Command.shell_complete(self, ctx, incomplete)

    def is_shown(self, ctx: click.Context, name: str) -> bool:
        """True if a command is listed in the help."""
        command = self.get_command(ctx, name)
        return command is not None and not command.hidden


def _config_taken(ctx: click.Context, args: list[str]) -> list[str]:
    """Returns the words without `--config PATH`, which may come after the command as well as before it."""
    left: list[str] = []
    words = iter(args)
    for word in words:
        if word == "--":
            return [*left, word, *words]
        name, sign, value = word.partition("=")
        if name != "--config":
            left.append(word)
            continue
        said = value if sign else next(words, None)
        if not said:
            raise Misuse(ctx, "use_value_missing", name=name)
        if Path(said).is_dir():
            raise no_file(ctx, name, said)
        ctx.obj = Path(said)
        speak(first_texts(ctx).language)
    return left


def visible(group: Group, ctx: click.Context) -> list[str]:
    """Returns the names of a group's commands, without those that are hidden."""
    return [name for name in group.list_commands(ctx) if group.is_shown(ctx, name)]


def page(command: click.Command, ctx: click.Context, texts: Texts) -> Iterator[str]:
    """Yields the lines of a command's help."""
    columns = max(NARROWEST, min(WIDEST, shutil.get_terminal_size((80, 24)).columns))
    place = place_of(ctx)
    yield command.get_usage(ctx)
    yield ""
    for part in texts(f"cli.help_{place}").splitlines():
        yield from (f"  {line}" for line in wrap(part, columns - 2)) if part else [""]
    params = command.get_params(ctx)
    sections = {
        "arguments": [_row(one, ctx, texts) for one in params if isinstance(one, click.Argument)],
        "options": [_row(one, ctx, texts) for one in params if isinstance(one, click.Option)],
        "commands": _commands(command, ctx, texts),
    }
    for name, rows in sections.items():
        if rows:
            yield ""
            yield texts(f"cli.help_{name}")
            yield from _table(rows, columns)
    if texts.has(f"cli.help_more_{place}"):
        yield ""
        yield from wrap(texts(f"cli.help_more_{place}"), columns)


def option_words(param: click.Parameter, place: str, texts: Texts) -> str:
    """Returns the help of an option or an argument. Raises KeyError if it has none."""
    kind, name = param.param_type_name, key_of(param)
    own = f"cli.help_{kind}_{place}_{name}"
    return texts(own if texts.has(own) else f"cli.help_{kind}_{name}")


def _pieces(command: click.Command, ctx: click.Context, texts: Texts) -> Iterator[str]:
    yield texts("cli.help_some_options")
    for param in command.get_params(ctx):
        if isinstance(param, click.Argument):
            name = value_name(param, ctx) + ("..." if param.nargs == -1 else "")
            yield name if param.required else f"[{name}]"
    if isinstance(command, click.Group):
        yield texts("cli.help_some_command")


def _row(param: click.Parameter, ctx: click.Context, texts: Texts) -> Row:
    left = value_name(param, ctx)
    if isinstance(param, click.Option):
        names = ", ".join(sorted(param.opts, key=len))
        left = names if param.is_flag or param.count else f"{names} {left}"
    words = option_words(param, place_of(ctx), texts)
    extras = [word for word in _extras(param, ctx, texts) if word]
    if extras:
        words += texts("cli.help_extras", words=texts("cli.help_and").join(extras))
    return left, words


def _extras(param: click.Parameter, ctx: click.Context, texts: Texts) -> Iterator[str]:
    if not isinstance(param, click.Option):
        return
    if param.required:
        yield texts("cli.help_required")
    if param.show_default:
        value = param.get_default(ctx)
        yield texts("cli.help_default", value=f"{value:g}" if isinstance(value, float) else value)
    yield range_words(param.type, texts)


def _commands(command: click.Command, ctx: click.Context, texts: Texts) -> list[Row]:
    if not isinstance(command, Group):
        return []
    place = place_of(ctx)
    prefix = "" if place == "threatstamp" else f"{place}_"
    return [
        (name, texts(f"cli.help_{prefix}{name.replace('-', '_')}").split("\n")[0])
        for name in visible(command, ctx)
    ]


def _table(rows: list[Row], columns: int) -> Iterator[str]:
    left = max((width(name) for name, _ in rows if width(name) <= LEFT), default=LEFT)
    margin = " " * (left + 4)
    for name, words in rows:
        lines = list(wrap(words, columns - len(margin)))
        if width(name) > left:
            yield f"  {name}"
        else:
            yield f"  {pad(name, left)}  {lines.pop(0) if lines else ''}"
        yield from (margin + line for line in lines)
