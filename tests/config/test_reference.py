"""Each setting is defined once, with its default, example and sentence, and the reader knows no other."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from tests.docs.pages import SOURCES
from threatstamp.config.calendar import CalendarSettings
from threatstamp.config.cases import CasesSettings
from threatstamp.config.fetch import FetchSettings
from threatstamp.config.lines import Lines
from threatstamp.config.reader import Problems, Table
from threatstamp.config.reference import ENVIRONMENT, SETTINGS, TABLES
from threatstamp.config.reference.setting import TOP, Kind, Setting
from threatstamp.config.settings import Settings, read_settings
from threatstamp.config.slack import SlackSettings
from threatstamp.core.errors import PolicyError
from threatstamp.texts.catalogue import Language, Texts

LEAST = {
    TOP: 'language = "en"\n',
    "sources": '[[sources]]\nchannel = "#security-news"\n',
    "routes": '[[routes]]\nreaction = "rotating_light"\nto = ["#sec-alert"]\n',
    "feeds": '[[feeds]]\nname = "Valley Letter"\nurl = "https://valley.example/feed"\nchannel = "#valley"\n',
    "slack": "[slack]\n",
    "fetch": "[fetch]\n",
    "cases": "[cases]\n",
    "tracks": '[[tracks]]\nname = "factory"\n',
    "trackers": '[[trackers]]\nname = "dev"\nkind = "webhook"\nurl = "https://flows.example/ticket"\n',
    "products": '[[products]]\nname = "House CRM"\n',
    "words": '[[words]]\nword = "house word"\nkind = "incident"\nweight = 5\n',
    "policy": "[policy]\n",
    "policy.rules": '[[policy.rules]]\nwhen = { cvss_above = 9.0 }\nraise_to = "critical"\nreason = "x"\n',
    "policy.tests": '[[policy.tests]]\ncve = "CVE-2024-21762"\nexpect = "critical"\n',
    "calendar": "[calendar]\n",
    "facts": "[facts]\n",
    "sheets": '[sheets]\nid = "1AbCdEfGhIjKlMnOpQrStUvWxYz"\n',
}
DEFAULTS = [one for one in SETTINGS if one.default]


def read(folder: Path, setting: Setting | None = None, value: str = "") -> Settings:
    """Reads a small file, with one more key if one is given."""
    tables = dict(LEAST)
    if setting is not None:
        tables[setting.table] += f"{setting.key} = {value}\n"
    path = folder / "threatstamp.toml"
    path.write_text("\n".join(tables.values()), encoding="utf-8")
    return read_settings(path, {})


def meaning(settings: Settings) -> dict[str, object]:
    return {name: getattr(settings, name) for name in Settings.__slots__ if name != "digest"}


@pytest.mark.parametrize("setting", DEFAULTS, ids=lambda one: one.name)
def test_a_file_that_sets_the_documented_default_means_the_same_as_one_that_does_not(
    setting: Setting, tmp_path: Path
) -> None:
    assert meaning(read(tmp_path, setting, setting.default)) == meaning(read(tmp_path))


def test_many_settings_have_a_default_to_compare() -> None:
    assert len(DEFAULTS) > len(SETTINGS) / 3


def test_the_defaults_of_the_file_are_those_of_settings_that_are_made_without_one(tmp_path: Path) -> None:
    assert read(tmp_path).slack == SlackSettings()
    assert read(tmp_path).fetch == FetchSettings()
    found = read(tmp_path).cases
    assert found.tracks[:-1] == CasesSettings().tracks  # the last one is the file's own
    assert replace(found, tracks=CasesSettings().tracks) == CasesSettings()
    assert read(tmp_path).calendar == CalendarSettings()


def test_a_key_that_nobody_documented_cannot_be_read() -> None:
    table = Table({}, ("routes", 1), Problems("threatstamp.toml", Lines(""), Texts(Language.EN)))
    assert table.flag("each") is False
    with pytest.raises(KeyError):
        table.flag("every")  # a feed's
    with pytest.raises(KeyError):
        table.has("frobnicate")


@pytest.mark.parametrize("language", Language)
def test_each_setting_and_each_type_has_its_words(language: Language) -> None:
    texts = Texts(language)
    assert [one.name for one in SETTINGS if not texts.has(one.name)] == []
    assert [kind for kind in Kind if not texts.has(f"settings.type_{kind}")] == []


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("setting", SETTINGS, ids=lambda one: one.name)
def test_each_example_and_default_is_toml(setting: Setting, language: Language) -> None:
    example = tomllib.loads(f"x = {setting.example_in(Texts(language))}")["x"]
    if setting.default:
        assert type(tomllib.loads(f"x = {setting.default}")["x"]) is type(example)
    if setting.kind is Kind.CHOICE:
        assert example in setting.choices


def test_settings_are_in_the_order_of_their_tables() -> None:
    assert list(dict.fromkeys(one.table for one in SETTINGS)) == list(TABLES)
    assert len({one.name for one in SETTINGS}) == len(SETTINGS)


def test_each_variable_of_the_environment_that_the_desk_reads_is_documented() -> None:
    found = {
        name
        for file in SOURCES.rglob("*.py")
        for name in re.findall(
            r'(?:environ(?:\.get\(|\[)|(?="[A-Z]+_PROXY"))"([A-Z_]+)"', file.read_text(encoding="utf-8")
        )
    }
    of_terminals = {"LC_ALL", "LC_MESSAGES", "LANG", "TERM", "DISPLAY", "WAYLAND_DISPLAY"}
    assert found - of_terminals <= set(ENVIRONMENT)
    for language in Language:
        assert all(Texts(language).has(f"settings.environment_{name}") for name in ENVIRONMENT)


CHOICES = [one for one in SETTINGS if one.kind is Kind.CHOICE]
REQUIRED = [one for one in SETTINGS if one.required]
LISTS = [one for one in SETTINGS if one.kind in (Kind.CHANNELS, Kind.PEOPLE, Kind.NETWORKS)]


def problems(folder: Path, setting: Setting, value: str | None) -> str:
    """Returns what is wrong with the small file if one key of it has another value, or none."""
    lines = [one for one in LEAST[setting.table].splitlines() if not one.startswith(f"{setting.key} =")]
    at = 1 if setting.table else 0
    lines[at:at] = [] if value is None else [f"{setting.key} = {value}"]
    path = folder / "threatstamp.toml"
    path.write_text("\n".join("\n".join(lines) if one == setting.table else LEAST[one] for one in LEAST))
    with pytest.raises(PolicyError) as caught:
        read_settings(path, {})
    return str(caught.value)


@pytest.mark.parametrize("setting", CHOICES, ids=lambda one: one.name)
def test_a_wrong_value_is_answered_with_the_documented_choices(setting: Setting, tmp_path: Path) -> None:
    assert ", ".join(setting.choices) in problems(tmp_path, setting, '"frobnicate"')


@pytest.mark.parametrize("setting", LISTS, ids=lambda one: one.name)
def test_a_value_that_is_no_list_is_answered_with_the_documented_example(
    setting: Setting, tmp_path: Path
) -> None:
    for wrong in ("true", "[1]"):
        assert f"like {setting.example}." in problems(tmp_path, setting, wrong)


@pytest.mark.parametrize("setting", REQUIRED, ids=lambda one: one.name)
def test_a_key_that_is_missing_is_answered_with_the_documented_example(
    setting: Setting, tmp_path: Path
) -> None:
    assert f"{setting.key} = {setting.example}" in problems(tmp_path, setting, None)
