"""`counts`: for programs, for people, as a picture; with nothing on record, and with a wrong month."""

from __future__ import annotations

import json
import stat
import xml.etree.ElementTree as ElementTree
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.support.commands import TownWithCommands as Town
from tests.support.databases import file_with_tables
from tests.support.town import ALERT, NEWS, TANAKA, YAMADA
from threatstamp.cli import cli
from threatstamp.desk.views.counts import MonthCounts
from threatstamp.render.chart import NARROWEST, chart_lines
from threatstamp.render.pixels import png_of
from threatstamp.texts.catalogue import Language, Texts

OF_CASES = ["opened", "decided", "responded", "not_affected", "accepted", "overdue"]
KEYS = [
    "month",
    "collected",
    "stamped",
    "reviewed",
    "unreviewed",
    "forwarded",
    "handled",
    "undeliverable",
    *OF_CASES,
]
GROUPS = ["routes", "sources", "reactions", "times"]


@pytest.fixture(params=["ja", "en"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str) -> Path:
    """A desk with nothing on record."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "threatstamp.toml").write_text(
        f'language = "{language}"\ndatabase = "sqlite:///desk.db"\n[[sources]]\nchannel = "#news"\n[[routes]]\nreaction = "siren"\nto = []\n',
        encoding="utf-8",
    )
    file_with_tables(tmp_path / "desk.db")
    return tmp_path


def counts(*args: str) -> Any:
    return CliRunner().invoke(cli, ["counts", *args], prog_name="threatstamp")


def test_without_any_entry_it_is_a_sentence_for_people_and_json_for_programs(
    folder: Path, language: str
) -> None:
    done = counts()
    assert (done.exit_code, done.stderr) == (0, "")
    assert ("まだ何も" if language == "ja" else "Nothing is on record yet") in done.stdout
    assert json.loads(counts("--json").stdout) == {"months": []}
    [month] = json.loads(counts("--json", "--month", "2026-11").stdout)["months"]
    assert list(month) == KEYS + GROUPS
    assert month == {**dict.fromkeys(KEYS, 0), **{group: {} for group in GROUPS}, "month": "2026-11"}
    assert "2026-11" in counts("--month", "2026-11").stdout


@pytest.mark.parametrize("given", ["2026-13", "2026-1", "november", "0000-01", "2026-11-01", "２０２６-11"])
def test_what_is_no_month_is_refused_with_an_example(folder: Path, given: str) -> None:
    done = counts("--month", given)
    assert (done.exit_code, done.stdout) == (2, "")
    assert given in done.stderr
    assert "2026-11" in done.stderr


def test_a_picture_is_written_for_its_owner_alone_or_not_at_all(folder: Path) -> None:
    done = counts("--svg", "counts.svg", "--json")
    assert (done.exit_code, json.loads(done.stdout)) == (0, {"months": []})
    assert "counts.svg" in done.stderr
    ElementTree.parse(folder / "counts.svg")
    assert stat.S_IMODE((folder / "counts.svg").stat().st_mode) == 0o600
    done = counts("--svg", "nowhere/counts.svg")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "nowhere/counts.svg" in done.stderr


def test_what_the_desk_did_is_counted(town: Town) -> None:
    town.start()
    post = town.post()
    town.workspace.react(YAMADA, NEWS, post, "rotating_light")
    town.workspace.react(TANAKA, NEWS, post, "rotating_light")
    town.workspace.react(TANAKA, NEWS, post, "eyes")
    town.wait_for_message(ALERT)
    town.wait_until_quiet()
    town.stop()
    done = town.command("counts", "--json")
    [month] = json.loads(done.stdout)["months"]
    assert (month["collected"], month["stamped"], month["forwarded"], month["undeliverable"]) == (1, 2, 1, 0)
    assert month["routes"] == {"ciso": 1}
    assert month["sources"] == {"架空ニュース": 1}
    assert month["reactions"] == {"rotating_light": 2, "eyes": 1}
    said = town.command("counts", "--month", month["month"])
    assert (said.returncode, said.stderr) == (0, "")
    assert "架空ニュース" in said.stdout
    assert "█" not in said.stdout


def test_png_is_drawn_where_the_extra_is_and_elsewhere_a_sentence_says_how(folder: Path) -> None:
    done = counts("--png", "counts.png", "--svg", "counts.svg")
    if find_spec("resvg_py") is None:
        assert "[pictures]" in str(done.exception)
        assert not [*folder.glob("counts.*")], "nothing was written before that was known"
        return
    assert done.exit_code == 0
    assert (folder / "counts.png").read_bytes().startswith(b"\x89PNG")
    assert stat.S_IMODE((folder / "counts.png").stat().st_mode) == 0o600
    assert "counts.png" in done.stderr


def test_png_has_the_letters_of_the_picture_in_pixels() -> None:
    pytest.importorskip("resvg_py", reason="the extra `pictures` is not installed")
    month = MonthCounts(month="2026-11", collected=3)
    drawn = {language: png_of("".join(chart_lines([month], Texts(language)))) for language in Language}
    assert drawn[Language.JA] != drawn[Language.EN]
    wide, high = (int.from_bytes(drawn[Language.EN][at : at + 4]) for at in (16, 20))
    assert wide == 2 * NARROWEST
    assert high > 0
