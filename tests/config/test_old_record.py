"""The record of the old script is found in whatever the spreadsheet became."""

from __future__ import annotations

import pytest

from threatstamp.config.cells import CellsError, read_cells
from threatstamp.config.old_record import RecordRow, heading_of, record_rows

A, B = (f"https://kaku.slack.com/archives/C0KAKU01/p176400000000010{n}" for n in (0, 1))


def rows(sheet: str | bytes) -> list[tuple[int, str, str]]:
    content = sheet if isinstance(sheet, bytes) else sheet.encode()
    found = record_rows(list(read_cells(content, heading_of)))
    assert found is not None
    return [(row.number, row.url, row.reaction) for row in found]


@pytest.mark.parametrize(
    "sheet",
    [
        f"\n{A},eyes\n{B},wrench\n",
        f"url,reaction\n{A},eyes\n{B},wrench\n",
        f"URL;Reaction\n{A};eyes\n{B};wrench\n",
        f"転送の記録\nリアクション,メモ,投稿URL\neyes,,{A}\nwrench,重要,{B}\n".replace("転送の記録\n", "", 1),
        f"日付\tリンク（投稿）\tスタンプ\n4/1\t{A}\teyes\n4/2\t{B}\twrench\n",
        f"sep=;\n{A};eyes\n{B};wrench\n",
        f",{A},eyes,山田\n,{B},wrench,\n".join(("転送の記録,,,\n", "")),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16"])
def test_link_and_reaction_are_found_with_a_row_of_names_and_without(sheet: str, encoding: str) -> None:
    assert rows(sheet.encode(encoding)) == [(2, A, "eyes"), (3, B, "wrench")]


def test_rows_that_sorting_moved_above_the_names_count_and_titles_do_not() -> None:
    assert rows(f"古い記録,\n{B},wrench\nurl,reaction\n{A},eyes\n") == [(2, B, "wrench"), (4, A, "eyes")]


def test_a_broken_row_before_the_first_link_is_no_title() -> None:
    assert rows(f"htps:/kaku,eyes\nurl,emojy\n{A},eyes\n") == [(1, "htps:/kaku", "eyes"), (3, A, "eyes")]


def test_rows_with_a_key_are_this_programs_own() -> None:
    found = record_rows(
        list(read_cells(f"url,reaction,who,key\n{A},eyes,,\n{B},eyes,U1,k1\n".encode(), heading_of))
    )
    assert found is not None
    assert [row.is_ours for row in found] == [False, True]


def test_a_table_without_links_is_no_record() -> None:
    assert record_rows(list(read_cells(b"reaction,to\neyes,#a\n", heading_of))) is None


def test_a_quotation_mark_that_is_not_closed_takes_no_other_row_with_it() -> None:
    broken: list[CellsError] = []
    sheet = f'url,reaction\n{A},"eyes\n{B},wrench\n{A},"a"b\n{B},eyes\n'
    cells = list(read_cells(sheet.encode(), heading_of, broken=broken.append))
    found = record_rows(cells)
    assert found is not None
    assert [row.number for row in found] == [3, 5]
    assert [one.line for one in broken] == [2, 4]


def test_a_short_row_lacks_what_it_does_not_have() -> None:
    sheet = f"url,reaction\n{A}\n"
    found = record_rows(list(read_cells(sheet.encode(), heading_of)))
    assert found is not None
    assert list(found) == [RecordRow(number=2, url=A, reaction="")]
