"""Help and wrong use, in both languages: everything has its words, and they keep to the terminal."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from tests.docs.pages import PROJECT
from threatstamp.cli import COMMANDS, cli
from threatstamp.cli.help import Command, option_words
from threatstamp.cli.misuse import key_of, place_of
from threatstamp.render.columns import width
from threatstamp.texts.catalogue import Language, Texts

LOCALES = {Language.JA: "ja_JP.UTF-8", Language.EN: "C.UTF-8"}


def commands() -> Iterator[tuple[click.Command, click.Context]]:
    """Yields the program, its commands and theirs."""
    waiting: list[tuple[click.Command, click.Context]] = [
        (cli, click.Context(cli, info_name="threatstamp", **cli.context_settings))
    ]
    while waiting:
        command, ctx = waiting.pop()
        yield command, ctx
        if isinstance(command, click.Group):
            for name in command.list_commands(ctx):
                inner = command.get_command(ctx, name)
                assert inner is not None
                if not inner.hidden:
                    waiting.append((inner, click.Context(inner, info_name=name, parent=ctx)))


WALK = {ctx.command_path: (command, ctx) for command, ctx in commands()}


def threatstamp(*args: str, language: Language = Language.EN, **environ: str) -> Any:
    locale = LOCALES[language]
    environ = {"LANG": locale, "LC_ALL": locale, "COLUMNS": "80", **environ}
    return CliRunner().invoke(cli, args, env=environ, prog_name="threatstamp")


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_walk_meets_every_command() -> None:
    assert {path.split()[1] for path in WALK if " " in path} == set(COMMANDS)
    assert "threatstamp ledger list" in WALK


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("path", WALK)
def test_every_command_and_option_has_its_help_in_both_languages(path: str, language: Language) -> None:
    command, ctx = WALK[path]
    texts = Texts(language)
    assert isinstance(command, Command), f"{path}: cls=threatstamp.cli.help.Command is missing"
    assert texts.has(f"cli.help_{place_of(ctx)}"), f"texts/{language}/cli.toml: help_{place_of(ctx)}"
    for param in command.get_params(ctx):
        assert option_words(param, place_of(ctx), texts)
        written = getattr(param, "help", None)
        assert key_of(param) in ("help", "version") or not written, f"{path}: {written!r} is in one language"


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("path", WALK)
@pytest.mark.parametrize("columns", [60, 100])
def test_help_keeps_to_the_terminal_and_to_its_columns(path: str, language: Language, columns: int) -> None:
    done = threatstamp(*path.split()[1:], "--help", language=language, COLUMNS=str(columns))
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    assert max(map(width, lines)) <= columns
    heading = lines.index(Texts(language)("cli.help_options"))
    [last] = [line for line in lines[heading:] if line.startswith("  -h, --help")]
    column = width(last[: last.index(Texts(language)("cli.help_option_help")[:2])])
    for row in lines[heading + 1 : lines.index(last)]:
        begin = next(at for at in range(len(row)) if width(row[:at]) >= column)
        assert width(row[:begin]) == column
        assert row[begin - 2 : begin] == "  "


@pytest.mark.parametrize("language", Language)
def test_no_word_of_the_other_language_is_left(language: Language) -> None:
    for path in WALK:
        words = threatstamp(*path.split()[1:], "--help", language=language).stdout
        if language is Language.JA:
            assert not [word for word in ("Usage", "Options", "Commands", "Show", "default") if word in words]
        else:
            assert words.isascii()


@pytest.mark.parametrize(
    ("given", "words", "ours"),
    [
        (("swep",), ("swep", "sweep"), "書き間違い"),
        (("frobnicate",), ("frobnicate", "threatstamp --help"), "コマンドはありません"),
        (("sweep", "--dys", "3"), ("--dys", "--days"), "書き間違い"),
        (("sweep", "--zzz"), ("--zzz", "threatstamp sweep --help"), "オプションはありません"),
        (("sweep", "--days", "abc"), ("--days", "abc", "0.01", "365"), "使えません"),
        (("sweep", "--days"), ("--days",), "値を指定"),
        (("sweep", "now"), ("now",), "取り除いて"),
        (("check", "--json=1"), ("--json",), "値は付けられません"),
        (("ledger", "lits"), ("lits", "list"), "書き間違い"),
        (("ledger", "list", "--limit", "0"), ("--limit", "1"), "整数"),
        (("ledger", "list", "--kind", "stmp"), ("--kind", "stamp"), "書き間違い"),
        (("ledger", "export"), ("--format",), "指定してください"),
        (("ledger", "export", "--format", "zzz"), ("zzz", "csv", "json"), "どれか"),
        (("ledger", "redact", "--reason", "x", "--sequence", "1", "--sequence", "two"), ("two",), "整数"),
        (("read",), ("threatstamp read",), "ファイル|URL|-"),
        (("retry", "x"), ("x",), "番号"),
        (("counts", "--mnth", "2026-11"), ("--mnth", "--month"), "書き間違い"),
        (("--config", ".", "status"), ("--config",), "フォルダではなくファイル"),
        (("--config", "x.toml"), ("sweep",), "コマンドを指定"),
    ],
)
def test_wrong_use_is_exit_2_and_says_what_where_and_what_to_do(
    given: tuple[str, ...], words: tuple[str, ...], ours: str
) -> None:
    for language in Language:
        done = threatstamp(*given, language=language)
        assert (done.exit_code, done.stdout) == (2, "")
        first = done.stderr.splitlines()[0]
        assert all(word in (first if "--help" not in word else done.stderr) for word in words)
        assert (ours in first) == (language is Language.JA)
        assert "Usage" not in done.stderr or language is Language.EN
        assert "--help" in done.stderr


@pytest.mark.parametrize("given", [(), ("ledger",)])
def test_without_a_command_the_help_is_shown_and_the_exit_is_2(given: tuple[str, ...]) -> None:
    done = threatstamp(*given, language=Language.JA)
    assert done.exit_code == 2
    assert "コマンド：" in done.stderr


def test_the_language_of_the_file_goes_before_the_terminals(elsewhere: Path) -> None:
    (elsewhere / "threatstamp.toml").write_text('language = "ja"', encoding="utf-8")
    (elsewhere / "english.toml").write_text('language = "en"', encoding="utf-8")
    assert "使い方" in threatstamp("ledger", "list", "--help").stdout
    assert "使い方" in threatstamp("--zzz").stderr
    for given in (("--config", "english.toml", "sweep", "--help"), ("--config", "english.toml", "--help")):
        assert "Usage" in threatstamp(*given, language=Language.JA).stdout


@pytest.mark.parametrize(
    "content",
    [b"this is no TOML", b'language = "fr"', b"language = 3", b"\xff\xfe", b"language = " + b"[" * 9999],
)
def test_a_broken_file_does_not_stand_in_the_way_of_help(elsewhere: Path, content: bytes) -> None:
    (elsewhere / "threatstamp.toml").write_bytes(content)
    assert "使い方" in threatstamp("sweep", "--help", language=Language.JA).stdout
    assert "Usage" in threatstamp("--help").stdout


def test_what_was_typed_is_repeated_without_tokens_and_control_signs() -> None:
    done = threatstamp("run", "xoxb-1234-secret", "\x1b[31m")
    assert "secret" not in done.stderr
    assert "\x1b" not in done.stderr


@pytest.mark.parametrize("given", [(), ("sweep",), ("check",), ("status",), ("ledger", "verify"), ("demo",)])
def test_help_needs_nothing_heavy(elsewhere: Path, given: tuple[str, ...]) -> None:
    script = "import sys\ntry:\n from threatstamp.cli import main; main()\nfinally: print(sorted(sys.modules), file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", script, *given, "--help"], capture_output=True, text=True, env={**os.environ}
    )
    assert done.stdout.startswith("Usage: threatstamp")
    heavy = ("sqlalchemy", "dbos", "slack_sdk", "httpx2", "rich", "threatstamp.app.desk")
    assert not [name for name in heavy if f"'{name}'" in done.stderr]


def test_the_tab_key_completes_names_and_options() -> None:
    for typed, expected in (
        ("threatstamp le", "ledger"),
        ("threatstamp ledger ver", "verify"),
        ("threatstamp sweep --d", "--days"),
    ):
        environ = {
            "_THREATSTAMP_COMPLETE": "zsh_complete",
            "COMP_WORDS": typed,
            "COMP_CWORD": str(typed.count(" ")),
        }
        done = CliRunner().invoke(
            cli, env=environ, prog_name="threatstamp", complete_var="_THREATSTAMP_COMPLETE"
        )
        assert done.stdout.splitlines()[1] == expected


@pytest.mark.parametrize("readme", ["README.md", "README.ja.md"])
def test_the_line_of_the_readme_turns_completion_on(readme: str, elsewhere: Path) -> None:
    text = (PROJECT / readme).read_text(encoding="utf-8")
    [line] = re.findall(r"^eval .+$", text, re.MULTILINE)
    program = elsewhere / "threatstamp"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m threatstamp "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    environ = {
        **os.environ,
        "PATH": f"{elsewhere}:{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    script = f"{line}\nCOMP_WORDS=(threatstamp hand) COMP_CWORD=1\n_threatstamp_completion threatstamp\n"
    script += 'echo "${COMPREPLY[@]}"\n'
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, env=environ, check=False)
    assert (done.stdout, done.returncode) == ("handover\n", 0), done.stderr


def test_the_version_is_said() -> None:
    assert threatstamp("--version").stdout.startswith("threatstamp ")
