"""The commented file: valid as it is, and with every setting uncommented."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from datetime import time
from pathlib import Path

import pytest

from threatstamp.config.reference import SETTINGS, TABLES
from threatstamp.config.reference.setting import TOP
from threatstamp.config.settings import Settings, read_settings
from threatstamp.render.columns import width
from threatstamp.render.settings import settings_file
from threatstamp.texts.catalogue import Language, Texts

ENVIRON = {"NEWS_FEED_URL": "https://valley.example/feed?key=something"}


def read(folder: Path, text: str) -> Settings:
    path = folder / "threatstamp.toml"
    path.write_text(text, encoding="utf-8")
    write_named(folder)
    return read_settings(path, ENVIRON)


def write_named(folder: Path) -> None:
    """Writes the files that the example names."""
    (folder / "routes.csv").write_text("reaction,to\nsiren,#sec-alert\n", encoding="utf-8")
    (folder / "products.csv").write_text("name\nnginx\n", encoding="utf-8")
    (folder / "findings.csv").write_text("product,cve\nnginx,CVE-2099-1234\n", encoding="utf-8")
    (folder / "galaxy").mkdir(exist_ok=True)
    names = '{"type": "threat-actor", "values": [{"value": "Kakuu Bear"}]}'
    (folder / "galaxy" / "threat-actor.json").write_text(names, encoding="utf-8")
    (folder / "sbom").mkdir(exist_ok=True)
    (folder / "sbom" / "a.json").write_text('{"bomFormat": "CycloneDX"}', encoding="utf-8")


def uncommented(text: str) -> str:
    """Removes the # before each name and heading: what is behind `# ` is prose, behind ## an alternative."""
    return re.sub(r"^#(?=[a-z\[])", "", text, flags=re.MULTILINE)


@pytest.mark.parametrize("language", Language)
def test_the_file_is_valid_as_it_is(language: Language, tmp_path: Path) -> None:
    found = read(tmp_path, settings_file(Texts(language)))
    assert (found.language, found.sources, found.feeds) == (language, ("#security-news",), ())
    assert [(route.reaction, route.to) for route in found.routes] == [("rotating_light", ("#sec-alert",))]


@pytest.mark.parametrize("language", Language)
def test_the_file_is_valid_with_every_setting_uncommented(language: Language, tmp_path: Path) -> None:
    text = uncommented(settings_file(Texts(language)))
    read(tmp_path, text)
    values = tomllib.loads(text)
    written = {(TOP, key) for key in values if key not in TABLES}
    for table in filter(None, TABLES):
        found = values
        for name in table.split("."):
            found = found[name]
        written |= {(table, key) for key in (found[0] if TABLES[table] else found)}  # type: ignore[index]
    written -= {("policy", "rules"), ("policy", "tests")}  # tables themselves
    assert written == {(one.table, one.key) for one in SETTINGS if not one.instead}


@pytest.mark.parametrize("language", Language)
def test_each_alternative_is_valid_in_place_of_what_it_excludes(language: Language, tmp_path: Path) -> None:
    text = uncommented(settings_file(Texts(language)))
    feed = re.sub(r"^url = .*\n", "", text, count=1, flags=re.MULTILINE).replace("##url_env", "url_env", 1)
    assert read(tmp_path, feed).feeds[0].is_secret
    sheet = re.sub(r"^\[\[routes\]\]\n(?:.*\n)*?(?=\[\[feeds)", "", text, flags=re.MULTILINE)
    assert read(tmp_path, sheet.replace("##routes_file", "routes_file")).routes[0].reaction == "siren"
    tab = sheet.replace("##routes =", "routes =")
    assert read(tmp_path, tab).sheets == replace(read(tmp_path, sheet).sheets, routes="routes")  # type: ignore[type-var]
    for effect in ("raise_by", "lower_to"):
        other = text.replace('raise_to = "high"\n', "", 1).replace(f"##{effect}", effect)
        assert read(tmp_path, other).policy.policy.rules[0].effect == effect
    alone = re.sub(
        r"^(case|priority|thread|delay|ack_within|then|confirm_by) = .*\n", "", text, flags=re.MULTILINE
    )
    assert read(tmp_path, alone.replace("##digest", "digest", 1)).routes[0].digest == time(9)
    words = text.replace('kind = "exploited"\n', "", 1).replace("##layer", "layer", 1)
    assert [one.of for one in read(tmp_path, words).reading.words] == ["strategic"]
    of_rules = {"raise_by", "lower_to"}
    excluding = {one.key for one in SETTINGS if one.instead}
    assert excluding == {"url_env", "routes_file", "routes", "digest", "layer", *of_rules}


def test_what_was_chosen_is_set_and_the_examples_fit_it(tmp_path: Path) -> None:
    chosen = {("sources", "channel"): '"#valley"', (TOP, "alerts"): '"#ops"', ("feeds", "preset"): '"jpcert"'}
    text = settings_file(Texts(Language.EN), {**chosen, ("feeds", "channel"): '"#valley"'})
    found = read(tmp_path, text)
    assert (found.sources, found.alerts, found.feeds[0].name) == (("#valley",), "#ops", "JPCERT/CC")
    assert read(tmp_path, uncommented(text)).routes[0].sources == ("#valley",)


@pytest.mark.parametrize("language", Language)
def test_comments_keep_to_a_width(language: Language) -> None:
    lines = settings_file(Texts(language)).splitlines()
    assert [line for line in lines if line.startswith("# ") and width(line) > 98] == []
