"""What is in force, where each value comes from, and no secret in it."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from threatstamp.config.lines import say_path
from threatstamp.config.origins import InForce, Source, duration_text, in_force
from threatstamp.config.reader import duration_of
from threatstamp.config.reference import SETTINGS
from threatstamp.config.settings import read_settings
from threatstamp.render.settings import in_force_lines, settings_file
from threatstamp.texts.catalogue import Language, Texts

EN = Texts(Language.EN)
FILE = """language = "en"
database = "postgresql://desk:gate-three@db.example/desk"
heartbeat = "https://monitor.example/ping/gate-three"
[fetch]
backlog = 4
[[feeds]]
preset = "jvn-ipedia"
channel = "#valley"
[[feeds]]
name = "Gate"
url_env = "GATE_FEED"
channel = "#gate"
burst = 9
[[sources]]
channel = "#news"
keep = "365d"
[[routes]]
reaction = ":siren:"
to = ["#sec-alert"]
delay = "90s"
"""
WORDS = '[[words]]\nword = "社内用語"\nkind = "incident"\nweight = 5\n'
SHEETS = f'{FILE}[sheets]\nid = "1AbCdEfGhIjKlMnOpQrStUvWxYz"\n[cases]\n[[products]]\nname = "FortiGate"\n'
POLICY = """
[policy]
table = "deployer"
[[policy.rules]]
when = { tag = ["browser", "vpn"], kev = true }
raise_by = 1
reason = "They are everywhere"
[[policy.tests]]
cve = "CVE-2024-21762"
expect = "high"
"""
ENVIRON = {"GATE_FEED": "https://gate.example/gate-three/feed", "LANG": "ja_JP.UTF-8"} | {
    "HOOK": "https://flows.example/gate-three/ticket",
    "HOOK_TOKEN": "gate-three",
}


def found(folder: Path, text: str = FILE) -> dict[str, InForce]:
    path = folder / "threatstamp.toml"
    path.write_text(text, encoding="utf-8")
    return {say_path(one.path): one for one in in_force(read_settings(path, ENVIRON), ENVIRON)}


@pytest.mark.parametrize(
    ("path", "value", "source", "where"),
    [
        ("language", "en", Source.FILE, "threatstamp.toml:1"),
        ("timezone", "Asia/Tokyo", Source.DEFAULT, ""),
        ("alerts", None, Source.DEFAULT, ""),
        ("database", "postgresql://***@db.example/desk", Source.FILE, "threatstamp.toml:2"),
        ("heartbeat", "https://monitor.example/***", Source.FILE, "threatstamp.toml:3"),
        ("sources[1].channel", "#news", Source.FILE, "threatstamp.toml:15"),
        ("sources[1].keep", "365d", Source.FILE, "threatstamp.toml:16"),
        ("sources[2].keep", None, Source.DEFAULT, ""),
        ("sources[2].channel", "#valley", Source.FILE, "threatstamp.toml:8"),
        ("routes[1].reaction", "siren", Source.FILE, "threatstamp.toml:18"),
        ("routes[1].name", ":siren:", Source.DEFAULT, ""),
        ("routes[1].delay", "1m30s", Source.FILE, "threatstamp.toml:20"),
        ("feeds[1].every", "30m", Source.PRESET, "jvn-ipedia"),
        ("feeds[1].max_size", "4MB", Source.PRESET, "jvn-ipedia"),
        ("feeds[1].backlog", 4, Source.FILE, "threatstamp.toml:5"),
        ("feeds[2].burst", 9, Source.FILE, "threatstamp.toml:13"),
        ("feeds[1].burst", 5, Source.DEFAULT, ""),
        ("feeds[2].url", "https://gate.example/***", Source.ENVIRONMENT, "GATE_FEED"),
        ("slack.pace", "1s", Source.DEFAULT, ""),
    ],
)
def test_a_value_in_force_says_where_it_is_from(
    path: str, value: object, source: Source, where: str, tmp_path: Path
) -> None:
    one = found(tmp_path)[path]
    assert (one.value, one.source, one.where) == (value, source, where)


def test_every_setting_is_there_and_no_secret(tmp_path: Path) -> None:
    more = '[[tracks]]\nname = "factory"\nticket = "dev"\n[[trackers]]\nname = "dev"\nkind = "webhook"\n'
    more += 'url_env = "HOOK"\nsecret_env = "HOOK_TOKEN"\n'
    values = found(tmp_path, f"{SHEETS}{POLICY}{WORDS}\n{more}").values()
    assert {one.setting.name for one in values} == {one.name for one in SETTINGS}
    assert "gate-three" not in "\n".join(in_force_lines(values, EN))


def test_what_is_in_force_is_a_file_that_means_the_same(tmp_path: Path) -> None:
    text = settings_file(EN)
    lines = "\n".join(in_force_lines(found(tmp_path, text).values(), EN))
    assert tomllib.loads(lines)["routes"][0]["to"] == ["#sec-alert"]
    again = found(tmp_path, lines)
    assert {path: one.value for path, one in again.items()} == {
        path: one.value for path, one in found(tmp_path, text).items()
    }


def test_priorities_in_force_are_those_of_the_file(tmp_path: Path) -> None:
    values = found(tmp_path, FILE + POLICY)
    assert (values["policy.table"].value, values["policy.table"].where) == ("deployer", "threatstamp.toml:23")
    assert 'when = { tag = ["browser", "vpn"], kev = true }' in "\n".join(in_force_lines(values.values(), EN))
    assert found(tmp_path)["policy.table"].value == "bod-26-04"


def test_the_language_of_a_file_that_names_none_is_the_terminals(tmp_path: Path) -> None:
    one = found(tmp_path, FILE.partition("\n")[2])["language"]
    assert (one.source, one.where) == (Source.ENVIRONMENT, "LANG")


def test_routes_in_a_sheet_are_known_by_its_lines(tmp_path: Path) -> None:
    (tmp_path / "routes.csv").write_text("転送先,スタンプ\n\n#sec-alert,siren\n", encoding="utf-8")
    text = f'routes_file = "routes.csv"\n{FILE.partition("[[routes]]")[0]}'
    values = found(tmp_path, text)
    assert values["routes[1].reaction"].where == "routes.csv:3"
    assert values["routes[1].delay"].source is Source.DEFAULT
    assert values["routes_file"].value == "routes.csv"


@pytest.mark.parametrize("said", ["0s", "1s", "1m30s", "2h", "1h1s", "365d", "1d1h"])
def test_a_length_of_time_is_written_as_it_is_read(said: str) -> None:
    assert duration_text(duration_of(said) or 0.0) == said
