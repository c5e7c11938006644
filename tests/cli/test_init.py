"""`init`: files to begin with, which replace nothing."""

from __future__ import annotations

import json
import os
import pty
import resource
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.test_help import LOCALES, threatstamp
from tests.support.forks import HANG
from threatstamp.app.scopes import SCOPES
from threatstamp.cli.init import questions
from threatstamp.cli.proposing import Proposals
from threatstamp.cli.speech import speak
from threatstamp.config.settings import read_settings
from threatstamp.config.slack import SLACK_API
from threatstamp.core.errors import PolicyError
from threatstamp.texts.catalogue import Language, Texts

FILES = ("threatstamp.toml", "manifest.json", "manifest-full.json")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    speak(Language.EN)


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


@pytest.mark.parametrize("language", Language)
def test_without_a_terminal_it_asks_nothing_and_writes_all_three_files(
    language: Language, folder: Path
) -> None:
    done = threatstamp("init", language=language)
    assert done.exit_code == 0
    settings = read_settings(folder / "threatstamp.toml", {})
    assert (settings.language, settings.sources) == (language, ("#security-news",))
    least, full = (json.loads((folder / name).read_text(encoding="utf-8")) for name in FILES[1:])
    assert full["oauth_config"]["scopes"]["bot"] == list(SCOPES)
    assert set(least["oauth_config"]["scopes"]["bot"]) < set(SCOPES)
    assert "https://api.slack.com/apps?new_app=1&manifest_json=%7B" in done.stdout
    assert all(name in done.stdout for name in FILES)
    modes = {stat.S_IMODE((folder / name).stat().st_mode) for name in FILES}
    assert not any(mode & (stat.S_IWGRP | stat.S_IWOTH) for mode in modes)


@pytest.mark.parametrize("there", FILES)
def test_what_is_there_stays_and_is_named(there: str, folder: Path) -> None:
    threatstamp("init")
    text = (folder / there).read_text(encoding="utf-8") + "\n"
    (folder / there).write_text(text, encoding="utf-8")
    for name in set(FILES) - {there}:
        (folder / name).unlink()
    done = threatstamp("init")
    assert done.exit_code == 0
    assert Texts(Language.EN)("cli.init_there", path=there) in done.stdout
    assert (folder / there).read_text(encoding="utf-8") == text
    assert all((folder / name).exists() for name in FILES)


def test_a_link_that_leads_nowhere_is_not_written_through(folder: Path) -> None:
    (folder / "manifest.json").symlink_to("elsewhere.json")
    assert threatstamp("init").exit_code == 0
    assert not (folder / "elsewhere.json").exists()


def test_the_manifest_is_made_for_an_older_file_and_a_wrong_one_is_said(folder: Path) -> None:
    path = folder / "threatstamp.toml"
    path.write_text('language = "en"\n[[feeds]]\npreset = "jpcert"\nchannel = "C0NEWS"\n', encoding="utf-8")
    assert threatstamp("init").exit_code == 0
    least = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert least["oauth_config"]["scopes"]["bot"] == ["chat:write", "channels:history"]
    path.write_text('languge = "en"\n', encoding="utf-8")
    assert isinstance(threatstamp("init").exception, PolicyError)
    assert path.read_text(encoding="utf-8") == 'languge = "en"\n'


def test_another_file_has_its_manifests_beside_it(folder: Path) -> None:
    (folder / "desk").mkdir()
    assert threatstamp("--config", "desk/news.toml", "init").exit_code == 0
    assert names(folder / "desk") == ["manifest-full.json", "manifest.json", "news.toml"]
    assert names(folder) == ["desk"]


def test_a_disk_that_is_full_leaves_no_half_a_file(folder: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))  # Python ignores the signal and gets the error
    try:
        done = threatstamp("init")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert isinstance(done.exception, OSError)
    assert names(folder) == []


def answers(*said: str) -> tuple[Callable[[str], str], list[str]]:
    left, questions = list(said), list[str]()

    def answer(question: str) -> str:
        questions.append(question)
        if not left:
            raise EOFError
        return left.pop(0)

    return answer, questions


def test_an_empty_answer_takes_the_default() -> None:
    speak(Language.EN)
    answer, questions_seen = answers("", "", "", "")
    chosen = dict(questions(answer, Proposals(SLACK_API)))
    assert chosen == {
        ("", "language"): '"en"',
        ("sources", "channel"): '"#security-news"',
        ("routes", "reaction"): '"rotating_light"',
        ("routes", "to"): '["#sec-alert"]',
    }
    assert len(questions_seen) == 4


def test_a_wrong_answer_is_explained_and_asked_again(capsys: pytest.CaptureFixture[str]) -> None:
    speak(Language.EN)
    answer, _ = answers("fr", "ja", "a b", "谷のニュース", "#谷のニュース", "C012AB3CD", "#運用")
    chosen = dict(questions(answer, Proposals(SLACK_API)))
    assert chosen["sources", "channel"] == '"#谷のニュース"'
    assert chosen["routes", "to"] == '["C012AB3CD"]'
    assert chosen["", "alerts"] == '"#運用"'
    said = capsys.readouterr().out
    assert Texts(Language.EN)("cli.init_no_choice", choices="ja, en") in said
    assert Texts(Language.JA)("cli.init_same", channel="#谷のニュース") in said


def test_who_ends_the_questions_ends_the_command_before_anything_is_written(folder: Path) -> None:
    answer, _ = answers("en")
    with pytest.raises(EOFError):
        dict(questions(answer, Proposals(SLACK_API)))


def test_on_a_terminal_it_asks(folder: Path) -> None:
    """With a real terminal and a new Python: only there is it seen that nothing is asked elsewhere."""
    ours, theirs = pty.openpty()
    environ = {**os.environ, "LANG": LOCALES[Language.EN], "LC_ALL": LOCALES[Language.EN], "TERM": "dumb"}
    command = [sys.executable, "-m", "threatstamp", "init"]
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, cwd=folder, env=environ)
    os.close(theirs)
    os.write(ours, b"en\nvalley\nsec-alert\n\n")
    assert process.wait(HANG) == 0
    os.close(ours)
    settings = read_settings(folder / "threatstamp.toml", {})
    assert (settings.language, settings.sources, settings.alerts) == ("en", ("#valley",), None)
    assert settings.feeds == ()
    assert '#channel = "#valley"' in (folder / "threatstamp.toml").read_text(encoding="utf-8")
