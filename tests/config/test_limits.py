"""What is too much for a list, an SBOM or a table is refused with the limit, in both languages."""

from __future__ import annotations

import io
import json
import re
import sys
import zipfile
from importlib.resources import files
from pathlib import Path

import pytest

from tests.config.test_every_problem import sentence
from threatstamp.config import sboms
from threatstamp.config.settings import read_settings
from threatstamp.core.errors import PolicyError
from threatstamp.core.priority.fact import QUESTIONS
from threatstamp.texts.catalogue import Language

HEAD = '[[sources]]\nchannel = "#news"\n[[routes]]\nreaction = "siren"\nto = []\n'


def problems(folder: Path, language: Language, *, top: str = "", end: str = "") -> str:
    path = folder / "threatstamp.toml"
    path.write_text(f'language = "{language.value}"\n{top}\n{HEAD}{end}', encoding="utf-8")
    with pytest.raises(PolicyError) as caught:
        read_settings(path, {})
    return "\n".join(caught.value.problems)


def says(name: str, language: Language, found: str) -> None:
    assert re.search(sentence(name, language), found), found


@pytest.mark.parametrize("language", Language)
def test_sboms_are_bounded(tmp_path: Path, language: Language, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sbom").mkdir()
    for number in range(3):
        components = [{"name": f"n{number}-{one}", "version": "1"} for one in range(9)]
        document = {"bomFormat": "CycloneDX", "components": components}
        (tmp_path / "sbom" / f"{number}.json").write_text(json.dumps(document), encoding="utf-8")
    top = 'sboms = ["sbom/*.json"]'
    monkeypatch.setattr(sboms, "MOST_FILES", 2)
    says("sbom_files", language, problems(tmp_path, language, top=top))
    monkeypatch.setattr(sboms, "MOST_FILES", 200)
    monkeypatch.setattr(sboms, "MOST_COMPONENTS", 20)
    says("sbom_many", language, problems(tmp_path, language, top=top))
    monkeypatch.setattr(sboms, "LARGEST", 10)
    says("sbom_large", language, problems(tmp_path, language, top=top))


@pytest.mark.parametrize("language", Language)
def test_a_workbook_of_products_needs_its_reader(
    tmp_path: Path, language: Language, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = io.BytesIO()
    with zipfile.ZipFile(book, "w") as packed:
        packed.writestr("xl/workbook.xml", "")
    (tmp_path / "products.xlsx").write_bytes(book.getvalue())
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    says("products_no_reader", language, problems(tmp_path, language, top='products_file = "products.xlsx"'))


QUESTION = '[[questions]]\nname = "{name}"\nvalues = ["no", "yes"]\nunknown = "worst"\n'
OUTCOMES = '[[outcomes]]\nname = "wait"\npriority = "low"\n[[outcomes]]\nname = "act"\npriority = "high"\n'
NAMES = (
    "kev",
    "exposed",
    "automatable",
    "ransomware",
    "technical_impact",
    "exploitation",
    "criticality",
    "severity",
)


def table(folder: Path, language: Language, *, rows: str, questions: str) -> str:
    text = f'name = "house"\nversion = "1"\nabout = "x"\nrows = {rows}\n{questions}{OUTCOMES}'
    (folder / "house.toml").write_text(text, encoding="utf-8")
    return problems(folder, language, end='[policy]\ntable = "house.toml"\n')


@pytest.mark.parametrize("language", Language)
def test_tables_of_ones_own_are_bounded_and_run_one_way(tmp_path: Path, language: Language) -> None:
    many = "".join(QUESTION.format(name=name) for name in (*NAMES, "kev"))
    says("table_questions", language, table(tmp_path, language, rows="[]", questions=many))
    wide = "".join(
        f'[[questions]]\nname = "{name}"\nvalues = {json.dumps(QUESTIONS[name])}\nunknown = "worst"\n'
        for name in NAMES
    )
    says("flaw_large", language, table(tmp_path, language, rows='[["no", "act"]]', questions=wide))
    backwards = '[["no", "act"], ["yes", "wait"]]'
    found = table(tmp_path, language, rows=backwards, questions=QUESTION.format(name="kev"))
    says("flaw_backwards", language, found)


@pytest.mark.parametrize("language", Language)
def test_the_hours_of_ones_own_recommendations_rise(tmp_path: Path, language: Language) -> None:
    own = (files("threatstamp.config") / "recommending.toml").read_text(encoding="utf-8")
    (tmp_path / "own.toml").write_text(own.replace("hours = [8, 40]", "hours = [40, 8]"), encoding="utf-8")
    says("table_hours", language, problems(tmp_path, language, end='[cases]\nrecommend = "own.toml"\n'))
