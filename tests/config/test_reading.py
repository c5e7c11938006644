"""Words and names of the company's own are read from the settings and from lists beside them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.test_reading import entries
from threatstamp.app.matching import LoreInForce
from threatstamp.config.settings import Settings, lists_of, read_settings
from threatstamp.config.watch import SettingsWatch
from threatstamp.core.errors import PolicyError

SETTINGS = """names_files = ["threat-actor.json"]
[[sources]]
channel = "#news"
[[routes]]
reaction = "siren"
to = []
[[words]]
word = "社内警報"
kind = "incident"
weight = 6
"""


def galaxy(*names: str, kind: str = "threat-actor") -> str:
    values = [{"value": name, "meta": {"synonyms": [f"{name} 2nd"]}} for name in names]
    return json.dumps({"type": kind, "values": values})


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "threatstamp.toml").write_text(SETTINGS, encoding="utf-8")
    (tmp_path / "threat-actor.json").write_text(galaxy("Kakuu Bear"), encoding="utf-8")
    return tmp_path


def test_stories_are_read_by_the_company_s_words_and_names(folder: Path) -> None:
    (one,) = entries("-", "--text", given="社内警報：Kakuu Bear 2ndの活動を確認")
    assert (one["kind"], one["kind_why"]) == ("incident", ["社内警報"])
    assert [found["name"] for found in one["names"]] == ["Kakuu Bear"]


def test_a_list_that_was_replaced_takes_effect_and_a_broken_one_changes_nothing(folder: Path) -> None:
    settings = read_settings(folder / "threatstamp.toml", {})
    watch, now = SettingsWatch(settings), [settings]
    lore = LoreInForce(lambda: now[0])
    before = lore()
    assert lore() is before
    assert watch.poll() is None
    file, new = folder / "threat-actor.json", folder / "new.json"
    new.write_text(galaxy("Kakuu Bear", "Kakuu Panda"), encoding="utf-8")
    new.replace(file)
    changed = watch.poll()
    assert isinstance(changed, Settings)
    now[0] = changed
    assert [one.name for one in lore().book.names_in("Kakuu Panda")] == ["Kakuu Panda"]
    assert lore().own != before.own
    file.write_text(galaxy("Kakuu Bear")[:-9], encoding="utf-8")  # a download that was cut
    wrong = watch.poll()
    assert isinstance(wrong, PolicyError)
    assert "threat-actor.json is not valid JSON (at 1:" in wrong.problems[0]
    assert (
        lists_of(folder / "threatstamp.toml")
        == lists_of(folder / "threatstamp.toml", "names_files")
        == (file,)
    )
    file.write_text(galaxy("Kakuu Bear"), encoding="utf-8")
    assert isinstance(watch.poll(), Settings)
