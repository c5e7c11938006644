"""Routes in a CSV file: whatever spreadsheets save is understood, and what cannot be is explained."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.config.test_settings import problems, read_or_problems, settings
from threatstamp.core.stamps.route import Route

HEAD = 'language = "{}"\nroutes_file = "routes.csv"\n[[sources]]\nchannel = "#security-news"\n'
SHEET = 'リアクション,転送先,メンション,文面\n:rotating_light:,sec-alert,<@U0CISO> <!here>,"至急、\n確認"\n\n:wrench:,#a、#b,,\n'


def write(folder: Path, sheet: str | bytes) -> str:
    """Writes a sheet; returns the English settings that name it."""
    (folder / "routes.csv").write_bytes(sheet.encode() if isinstance(sheet, str) else sheet)
    return HEAD.format("en")


def routes(folder: Path, sheet: str | bytes) -> tuple[Route, ...]:
    return settings(folder, write(folder, sheet)).routes


def said(folder: Path, sheet: str | bytes) -> list[str]:
    """Returns what is wrong with a sheet, in English."""
    return problems(folder, write(folder, sheet)).splitlines()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16"])
def test_an_old_spreadsheet_works_as_it_is(tmp_path: Path, encoding: str) -> None:
    first, second = routes(tmp_path, SHEET.encode(encoding))
    assert (first.to, first.mention, first.text) == (("#sec-alert",), ("U0CISO", "here"), "至急、\n確認")
    assert second.to == ("#a", "#b")


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("first", ["", "sep={}\r\n", '"SEP={}"\r\n'])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16"])
def test_what_separates_the_cells_is_found_or_said_in_the_first_line(
    tmp_path: Path, separator: str, first: str, encoding: str
) -> None:
    rows = (("reaction", "to", "text"), (":eyes:", '"#a,b;c"', '"見て, 確かめて; 早めに\t今日"'))
    sheet = first.format(separator) + "".join(separator.join(row) + "\r\n" for row in rows)
    [route] = routes(tmp_path, sheet.encode(encoding))
    assert (route.reaction, route.to) == ("eyes", ("#a", "#b", "#c"))
    assert route.text == "見て, 確かめて; 早めに\t今日"


@pytest.mark.parametrize("line", ["\n", "\r\n", "\r"])
def test_a_wrong_row_is_said_with_the_sheets_own_line(tmp_path: Path, line: str) -> None:
    sheet = line.join(["sep=;", "", '"再々";;', "reaction;to;mention", "x;#a;", "", '"y";#b;nobody', ""])
    [one] = said(tmp_path, sheet)
    assert one.startswith("routes.csv:7: ")


def test_columns_stand_in_any_order_and_width_and_others_are_the_sheets_own(tmp_path: Path) -> None:
    sheet = "更新日,転送先（チャンネル）,Ｔｅｘｔ,担当,ﾘｱｸｼｮﾝ名,ALLOW,\n2026/4/1,#a,至急,架空 花子,:eyes:,U0HANAKO,古い\n"
    [route] = routes(tmp_path, sheet)
    assert (route.reaction, route.to, route.text, route.allow) == ("eyes", ("#a",), "至急", ("U0HANAKO",))


def test_a_title_above_the_columns_is_no_route(tmp_path: Path) -> None:
    title = "スタンプ,ルート一覧（架空商事）,\n更新,2026-04-01,\n,,\n"
    [route] = routes(tmp_path, (title + "スタンプ,転送先,本文\n:eyes:,#a,\n").encode("cp932"))
    assert route.to == ("#a",)


@pytest.mark.parametrize("above", [":eyes:,#a", "eyes,a", "👀,a", "house-emoji,#a"])
def test_a_route_that_sorting_moved_above_the_columns_is_not_taken_for_a_title(
    tmp_path: Path, above: str
) -> None:
    [one] = said(tmp_path, f"{above}\nreaction,to\nwrench,#b\n")
    assert one.startswith("routes.csv:1: this looks like a route")


@pytest.mark.parametrize("name", ["alow", "ALLOWS", "許可者"])
def test_a_misspelt_column_is_not_taken_for_one_of_the_sheets_own(tmp_path: Path, name: str) -> None:
    [one] = said(tmp_path, f"reaction,to,{name}\neyes,#a,U0HANAKO\n")
    assert f'"{name}" is not known, but looks like' in one


@pytest.mark.parametrize("sheet", ["reaktion?,to\neyes,#a\n", "転送先,だれに\n#a,\n"])
def test_a_column_that_is_missing_is_named_in_both_languages(tmp_path: Path, sheet: str) -> None:
    head = write(tmp_path, sheet)
    english = problems(tmp_path, head)
    japanese = problems(tmp_path, HEAD.format("ja"))
    for words in (english, japanese):
        assert words.startswith("routes.csv:1: ")
        assert all(name in words for name in ("reaction", "リアクション", "to", "転送先", "allow", "許可"))


def test_a_sheet_without_a_row_of_names_says_so_once_in_both_languages(tmp_path: Path) -> None:
    row = 'rotating_light,#sec-alert,"@ciso, here",重大な脅威情報です。至急ご確認ください。\n'
    [english] = said(tmp_path, row * 2)
    [japanese] = problems(tmp_path, HEAD.format("ja")).splitlines()
    assert english.startswith("routes.csv:1: no row names the columns.")
    assert japanese.startswith("routes.csv:1: 列名の行がありません")
    for words in (english, japanese):
        assert "至急" not in words
        assert all(name in words for name in ("mention", "メンション", "text", "文面"))


@pytest.mark.parametrize(
    ("cell", "reaction"), [("'+1", "+1"), ('"=""+1"""', "+1"), (":+1:\u00a0", "+1"), ("\u200beyes", "eyes")]
)
def test_what_keeps_a_spreadsheet_from_calculating_is_no_part_of_the_emoji(
    tmp_path: Path, cell: str, reaction: str
) -> None:
    [route] = routes(tmp_path, f"reaction,to\n{cell},#a\n")
    assert route.reaction == reaction


def test_the_number_that_a_spreadsheet_made_of_an_emoji_is_recognised(tmp_path: Path) -> None:
    [one] = said(tmp_path, "reaction,to\n1,#a\n100,#b\n")
    assert one.startswith("routes.csv:2: ")
    assert ":+1:" in one


def test_links_that_slack_copies_name_channels_and_people(tmp_path: Path) -> None:
    link = "https://kaku.slack.com"
    [route] = routes(
        tmp_path, f"reaction,to,mention\neyes,{link}/archives/C0KAKU01/,{link}/team/U0HANAKO @\u200bx\u200b\n"
    )
    assert (route.to, route.mention[0]) == (("C0KAKU01",), "U0HANAKO")
    [one] = said(tmp_path, f"reaction,to\neyes,{link}/archives/C0KAKU01/p1764000000000100\n")
    assert "not a channel" in one  # a post's link


@pytest.mark.parametrize("content", [b"PK\x03\x04rest", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"])
def test_a_spreadsheet_programs_own_file_is_called_that(tmp_path: Path, content: bytes) -> None:
    [one] = said(tmp_path, content)
    assert "Save the sheet as CSV" in one


@pytest.mark.parametrize("content", [b"\xff\xfex", b"a\x00b,c", b"reaction,to\n\x81,\xff"])
def test_bytes_that_are_no_text_name_the_encodings(tmp_path: Path, content: bytes) -> None:
    [one] = said(tmp_path, content)
    assert "not UTF-8, UTF-16 or CP932" in one


def test_rows_before_a_quotation_mark_that_is_not_closed_are_checked_all_the_same(tmp_path: Path) -> None:
    first, second = said(tmp_path, 'reaction;to\na b;#a\neyes;"#b\n')
    assert first.startswith("routes.csv:2: ")
    assert second.startswith("routes.csv:3: this is not valid CSV")


@given(
    st.binary(max_size=200), st.sampled_from([b"reaction,to\n", b"sep=;\nreaction;to\n", b"\xff\xfe", b""])
)
def test_any_bytes_are_a_sheet_or_a_problem(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, first: bytes
) -> None:
    folder = tmp_path_factory.getbasetemp()
    assert read_or_problems(folder, write(folder, first + content))
