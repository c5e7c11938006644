"""Wrong use says what, where, and what to do, in the language of the reader. Its exit code is 2."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import IO, Any

import click

from threatstamp.cli.speech import first_texts, shown
from threatstamp.texts.catalogue import Texts


class Misuse(click.UsageError):
    """A sentence of the room `cli` about how a command was used."""

    def __init__(self, ctx: click.Context, key: str, **values: object) -> None:
        self.key = key
        super().__init__(first_texts(ctx)(f"cli.{key}", command=ctx.command_path, **values), ctx=ctx)

    def show(self, file: IO[Any] | None = None) -> None:
        """Prints the sentence first, then how the command is written."""
        assert self.ctx is not None
        hint = first_texts(self.ctx)("cli.use_hint", command=self.ctx.command_path)
        for line in (self.message, "", self.ctx.get_usage(), hint):
            click.echo(line, file=file, err=True)


def unknown(ctx: click.Context, key: str, name: str, known: Iterable[str]) -> Misuse:
    """Returns the sentence about an unknown name, with the nearest known one."""
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    if near:
        return Misuse(ctx, f"{key}_near", name=shown(name), near=near[0])
    return Misuse(ctx, key, name=shown(name))


def no_file(ctx: click.Context, name: str, value: str) -> Misuse:
    """Returns the sentence about a folder that is given where a file is needed."""
    expected = first_texts(ctx)("cli.expected_no_folder")
    return Misuse(ctx, "use_value", name=name, value=shown(value), expected=expected)


def misuse(error: click.UsageError, ctx: click.Context, given: Mapping[str, object]) -> click.UsageError:
    """Returns what click has to say, in our words. given: what was on the command line, by parameter."""
    if isinstance(error, click.NoSuchOption):
        return unknown(ctx, "use_no_option", error.option_name, _options(ctx))
    if isinstance(error, click.MissingParameter) and error.param is not None:
        return Misuse(ctx, "use_missing", name=name_of(error.param, ctx))
    if isinstance(error, click.BadOptionUsage):
        option = next((one for one in _params(ctx) if error.option_name in one.opts), None)
        takes_none = isinstance(option, click.Option) and option.is_flag
        return Misuse(
            ctx, "use_no_value" if takes_none else "use_value_missing", name=shown(error.option_name)
        )
    if isinstance(error, click.BadParameter) and error.param is not None:
        return _bad_value(error.param, ctx, given.get(error.param.name or ""))
    return error


def name_of(param: click.Parameter, ctx: click.Context) -> str:
    """Returns how a person writes a parameter: `--limit`, or an argument's name in the language."""
    if isinstance(param, click.Option):
        return max(param.opts, key=len)
    return value_name(param, ctx)


def value_name(param: click.Parameter, ctx: click.Context) -> str:
    """Returns the name of a parameter's value in the help: a word of the language, or the choices."""
    texts, name = first_texts(ctx), key_of(param)
    for key in (f"help_value_{place_of(ctx)}_{name}", f"help_value_{name}"):
        if texts.has(f"cli.{key}"):
            return texts(f"cli.{key}")
    if isinstance(param.type, click.Choice):
        return "|".join(map(str, param.type.choices))
    if isinstance(param.type, click.types.IntParamType | click.types.FloatParamType):
        return texts("cli.help_value_number")
    return texts("cli.help_value_file" if isinstance(param.type, click.Path) else "cli.help_value_text")


def key_of(param: click.Parameter) -> str:
    """Returns the name of a parameter in the catalogue: its longest spelling, with _ for -."""
    return max(param.opts, key=len).lstrip("-").replace("-", "_")


def place_of(ctx: click.Context) -> str:
    """Returns the name of a command in the catalogue: `ledger_list`; the program itself is `threatstamp`."""
    names: list[str] = []
    at: click.Context | None = ctx
    while at is not None and at.parent is not None:
        names.insert(0, (at.info_name or "").replace("-", "_"))
        at = at.parent
    return "_".join(names) or "threatstamp"


def range_words(kind: click.ParamType[Any], texts: Texts) -> str:
    """Returns a number's bounds in words; "" if it has none."""
    if not isinstance(kind, click.IntRange | click.FloatRange):
        return ""
    low, high = kind.min, kind.max
    if low is not None and high is not None:
        return texts("cli.help_between", low=f"{low:g}", high=f"{high:g}")
    if low is not None:
        return texts("cli.help_from", low=f"{low:g}")
    return texts("cli.help_to", high=f"{high:g}") if high is not None else ""


def _bad_value(param: click.Parameter, ctx: click.Context, given: object) -> Misuse:
    several = given if isinstance(given, list | tuple) else (given,)
    value = next((one for one in several if not _fits(param, ctx, one)), several[0] if several else "")
    if isinstance(param.type, click.Choice):
        near = difflib.get_close_matches(str(value), [str(one) for one in param.type.choices], n=1)
        if near:
            return Misuse(
                ctx, "use_value_near", name=name_of(param, ctx), value=shown(str(value)), near=near[0]
            )
    expected = _expected(param.type, first_texts(ctx), value)
    return Misuse(ctx, "use_value", name=name_of(param, ctx), value=shown(str(value)), expected=expected)


def _fits(param: click.Parameter, ctx: click.Context, value: object) -> bool:
    try:
        param.type.convert(value, param, ctx)
    except click.UsageError:
        return False
    return True


def _expected(kind: click.ParamType[Any], texts: Texts, value: object) -> str:
    if isinstance(kind, click.Choice):
        return texts("cli.expected_choice", choices=texts("cli.expected_or").join(map(str, kind.choices)))
    if isinstance(kind, click.Path):
        return texts("cli.expected_no_folder" if Path(str(value)).is_dir() else "cli.expected_file")
    bounds = range_words(kind, texts)
    if isinstance(kind, click.types.IntParamType):
        return texts("cli.expected_whole_in", range=bounds) if bounds else texts("cli.expected_whole")
    if isinstance(kind, click.types.FloatParamType):
        return texts("cli.expected_number_in", range=bounds) if bounds else texts("cli.expected_number")
    if isinstance(kind, click.DateTime):
        return texts("cli.expected_day")
    own = f"cli.expected_{kind.name}"
    return texts(own) if texts.has(own) else texts("cli.expected_other")


def _params(ctx: click.Context) -> list[click.Parameter]:
    return ctx.command.get_params(ctx)


def _options(ctx: click.Context) -> list[str]:
    return [name for param in _params(ctx) if isinstance(param, click.Option) for name in param.opts]
