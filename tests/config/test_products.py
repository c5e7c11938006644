"""The company's own products: from the settings file, and from lists as people keep them."""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl
import pytest

from threatstamp.config.settings import Settings, lists_of, read_settings
from threatstamp.config.watch import SettingsWatch
from threatstamp.core.assets.product import Criticality, Product, Where
from threatstamp.core.errors import PolicyError

HEAD = 'language = "{}"\n{}\n[[sources]]\nchannel = "#news"\n[[routes]]\nreaction = "siren"\nto = ["#sec"]\n'
LIST = 'products_file = "products.csv"'


def read(folder: Path, *, tables: str = "", content: bytes | None = None, language: str = "en") -> Settings:
    path = folder / "threatstamp.toml"
    path.write_text(HEAD.format(language, LIST if content is not None else "") + tables, encoding="utf-8")
    if content is not None:
        (folder / "products.csv").write_bytes(content)
    return read_settings(path, {})


def problems(folder: Path, content: bytes, language: str = "en") -> tuple[str, ...]:
    with pytest.raises(PolicyError) as error:
        read(folder, content=content, language=language)
    return error.value.problems


def test_a_product_has_what_the_file_says_and_the_rest_of_what_is_built_in(tmp_path: Path) -> None:
    table = """
[[products]]
name = "FortiGate"
version = "7.4.3"
owner = "S0NETTEAM"
where = "network"
exposed = true
criticality = "high"
tags = ["本社"]
[[products]]
name = "社内CRM"
aliases = ["House CRM"]
"""
    gate, crm = read(tmp_path, tables=table).products
    assert (gate.vendor, gate.version, gate.owner) == ("Fortinet", "7.4.3", "S0NETTEAM")
    assert (gate.where, gate.exposed, gate.criticality) == (Where.NETWORK, True, Criticality.HIGH)
    assert gate.cpe == "cpe:2.3:o:fortinet:fortios:7.4.3:*:*:*:*:*:*:*"
    assert "フォーティゲート" in gate.aliases
    assert gate.tags[0] == "本社"
    assert crm == Product(name="社内CRM", aliases=("House CRM",))


JAPANESE = """資産管理台帳,,,,,,
2026年11月,,,,,,
No,製品名,別名,バージョン,設置場所,公開,重要度,担当者,分類,備考
1,自社ポータル,"ポータル、House Portal",10.0,サーバー,○,高,@sato,"web、社内",更新は春
2,社員用端末,,,PC,×,低,,,
"""
PORTAL = Product(
    name="自社ポータル",
    aliases=("ポータル", "House Portal"),
    version="10.0",
    owner="@sato",
    where=Where.SERVER,
    exposed=True,
    criticality=Criticality.HIGH,
    tags=("web", "社内"),
)
CLIENTS = Product(name="社員用端末", where=Where.STAFF, exposed=False, criticality=Criticality.LOW)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_lists_are_read_as_spreadsheets_save_them(encoding: str, separator: str, tmp_path: Path) -> None:
    text = JAPANESE.replace("〇", "○")
    if separator != ",":
        text = text.replace(",", separator)
    if encoding == "cp932":
        text = text.replace("◯", "○")
    assert read(tmp_path, content=text.encode(encoding)).products == (PORTAL, CLIENTS)


def test_a_workbook_is_read_from_the_sheet_that_names_the_columns(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["お知らせ"])
    sheet = book.create_sheet("製品")
    sheet.append(["製品名", "バージョン", "公開", "where"])
    sheet.append(["自社ポータル", 10.5, True, "server"])
    content = io.BytesIO()
    book.save(content)
    (product,) = read(tmp_path, content=content.getvalue()).products
    assert product == Product(name="自社ポータル", version="10.5", exposed=True, where=Where.SERVER)


def test_the_file_and_a_list_are_used_together(tmp_path: Path) -> None:
    found = read(tmp_path, tables='[[products]]\nname = "A"\n', content=b"name\nB\n").products
    assert [one.name for one in found] == ["A", "B"]


def test_every_broken_row_is_reported_with_its_number(tmp_path: Path) -> None:
    content = 'name,where,exposed,criticality,version\nA,moon,,,\n,server,,,1.2\nB,,maybe,,\nC,,,huge,\nD,,,,,x\nE,,,,"1\n'
    found = problems(tmp_path, content.encode())
    assert [one.partition(": ")[0] for one in found] == [
        f"products.csv:{line}" for line in (2, 3, 4, 5, 6, 7)
    ]
    assert '"moon"' in found[0]
    assert "name" in found[1]
    assert '"maybe"' in found[2]
    found = problems(tmp_path, content.encode(), "ja")
    assert "はい" in found[2]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "products.csv: "),
        (b"foo,bar\n1,2\n", "products.csv:1: "),
        (b"\x81\xff\xfe\x00", "UTF-8"),
        (b"\xd0\xcf\x11\xe0 old", "XLSX"),
        (b"vendor,version\nA,1\n", "name (製品名)"),
        (b"name,vender\nA,B\n", '"vendor"'),
        (b"name,name\nA,B\n", "Keep one"),
    ],
)
def test_a_list_that_cannot_be_read_says_what_to_do(content: bytes, said: str, tmp_path: Path) -> None:
    assert said in "\n".join(problems(tmp_path, content))


def test_a_list_that_is_missing_is_a_problem_of_its_line(tmp_path: Path) -> None:
    path = tmp_path / "threatstamp.toml"
    path.write_text(HEAD.format("en", LIST), encoding="utf-8")
    with pytest.raises(PolicyError, match=r"threatstamp\.toml:2: .*products\.csv"):
        read_settings(path, {})


def test_wrong_tables_are_told_with_their_lines(tmp_path: Path) -> None:
    with pytest.raises(PolicyError) as error:
        read(tmp_path, tables='[[products]]\nnmae = "A"\nexposed = "yes"\nwhere = "moon"\naliases = "B"\n')
    assert len(error.value.problems) == 5


def test_a_changed_list_takes_effect_and_a_wrong_one_changes_nothing(tmp_path: Path) -> None:
    watch = SettingsWatch(read(tmp_path, content=b"name\nA\n"))
    assert watch.poll() is None
    (tmp_path / "products.csv").write_bytes(b"name\nA\nBB\n")
    found = watch.poll()
    assert isinstance(found, Settings)
    assert [one.name for one in found.products] == ["A", "BB"]
    (tmp_path / "products.csv").write_bytes(b"name,where\nA,moon\n")
    assert isinstance(watch.poll(), PolicyError)
    assert watch.poll() is None
    (tmp_path / "products.csv").write_bytes(b"name\nA\n")
    assert isinstance(watch.poll(), Settings)
    assert lists_of(tmp_path / "threatstamp.toml") == (tmp_path / "products.csv",)
