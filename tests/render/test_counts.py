"""Counts as a table whose columns hold in Japanese, as bars, and as a picture."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from zoneinfo import ZoneInfo

import pytest

from tests.support.fakes import memory_store
from threatstamp.desk.views.counts import MonthCounts, read_counts
from threatstamp.render.chart import chart_lines
from threatstamp.render.columns import width
from threatstamp.render.counts import FIGURES, MOST_NAMES, count_lines, length
from threatstamp.texts.catalogue import Language, Texts

MONTHS = (
    MonthCounts(
        month="2026-10",
        collected=1234,
        stamped=8,
        forwarded=5,
        undeliverable=1,
        routes={"重大": 4, "servers": 1},
        sources={"架空ニュース": 1200, 'Sample <"Wire"> & Co.\x07': 34},
        reactions={"rotating_light": 8},
    ),
    MonthCounts(month="2026-11", stamped=80, routes={"servers": 7}, reactions={"eyes": 80}),
)


def lines(language: Language, **how: object) -> list[str]:
    return list(count_lines(MONTHS, Texts(language), **how))  # type: ignore[arg-type]


@pytest.mark.parametrize("language", Language)
def test_numbers_end_where_their_headings_end(language: Language) -> None:
    texts = Texts(language)
    head, *rows = lines(language)[: len(MONTHS) + 1]
    for row, month in zip(rows, MONTHS, strict=True):
        for figure in FIGURES:
            heading = texts(f"counts.{figure}")
            end = width(head[: head.index(heading) + len(heading)])
            [cut] = [at for at in range(len(row) + 1) if width(row[:at]) == end]
            assert row[:cut].split()[-1] == str(getattr(month, figure))


@pytest.mark.parametrize("language", Language)
def test_the_months_are_added_up_by_name_and_the_most_comes_first(language: Language) -> None:
    found = lines(language)
    at = found.index(Texts(language)("counts.routes"))
    assert [row.split() for row in found[at + 1 : at + 3]] == [["servers", "8"], ["重大", "4"]]
    assert width(found[at + 1]) == width(found[at + 2])
    assert not [line for line in found if "\x07" in line]


def test_many_names_are_a_few_and_the_others() -> None:
    month = MonthCounts(month="2026-11", sources={f"s{number:02}": 1 for number in range(MOST_NAMES + 5)})
    found = list(count_lines([month], Texts(Language.EN)))
    assert found[-1].split() == ["5", "others", "5"]
    assert len(found) == 2 + 2 + MOST_NAMES + 1


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("columns", [40, 80])
def test_bars_are_drawn_on_a_terminal_alone_and_keep_to_it_also_where_a_block_is_wide(
    language: Language, columns: int
) -> None:
    assert not [line for line in lines(language) if "█" in line]
    drawn = [line for line in lines(language, columns=columns, ink="█") if "█" in line]
    assert drawn
    assert max(width(line) + line.count("█") for line in drawn) <= columns
    months = [line.count("█") for line in drawn[:2]]
    assert months[0] < months[1]


def test_a_bar_of_little_is_seen_and_one_of_nothing_is_not() -> None:
    assert [length(number, most=1000, room=20) for number in (0, 1, 500, 1000)] == [0, 1, 10, 20]
    assert length(0, most=0, room=20) == length(3, most=3, room=-4) == 0


@pytest.mark.parametrize("language", Language)
def test_a_picture_is_well_formed_xml_with_all_words_as_text(language: Language) -> None:
    root = ElementTree.fromstring("".join(chart_lines(MONTHS, Texts(language))))
    words = ["".join(one.itertext()) for one in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"架空ニュース", "重大", "2026-10", "2026-11", "1234", "rotating_light"} <= set(words)
    assert [one for one in words if one.startswith('Sample <"Wire"> & Co.')]
    assert root.get("role") == "img"
    assert Texts(language)("counts.stamped") in words
    assert "http" not in "".join(chart_lines(MONTHS, Texts(language))).replace(
        "http://www.w3.org/2000/svg", ""
    )
    high = float(root.get("height", "0"))
    for one in root.iter("{http://www.w3.org/2000/svg}rect"):
        assert float(one.get("y", "0")) + float(one.get("height", "0")) <= high


@pytest.mark.parametrize("language", Language)
def test_nothing_on_record_is_a_sentence_in_the_table_and_in_the_picture(language: Language) -> None:
    found = read_counts(memory_store(), ZoneInfo("Asia/Tokyo"))
    sentence = Texts(language)("counts.empty")
    assert list(count_lines(found, Texts(language), columns=80)) == [sentence]
    picture = "".join(chart_lines(found, Texts(language)))
    ElementTree.fromstring(picture)
    assert sentence in picture
