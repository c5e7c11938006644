"""The evaluation set is whole, and reading stays at least as good on it as promised."""

from __future__ import annotations

from collections import Counter

import pytest
from eval.__main__ import main
from eval.joins import equal_titles, rates, same_cve
from eval.joins import ours as ours_joins
from eval.lines import LANGUAGES, Line, lines, more_kinds, pairs
from eval.readers import by_keywords, by_regex, ours

from threatstamp.core.facts.subject import StoryKind
from threatstamp.core.news.feed import Layer


@pytest.fixture(scope="module")
def known() -> list[Line]:
    return lines()


def right(some: list[Line], task: str) -> float:
    return sum(line.said[task] == ours(line.text)[task] for line in some) / len(some)


def test_the_set_is_large_and_even(known: list[Line]) -> None:
    assert all(sum(line.language == language for line in known) >= 200 for language in LANGUAGES)
    assert len({line.text for line in known}) == len(known)
    assert {kind for line in known for kind in line.said["kind"]} == {kind.value for kind in StoryKind}
    assert {layer for line in known for layer in line.said["layer"]} == {layer.value for layer in Layer}
    assert min(Counter(line.half for line in known).values()) >= 190


def test_every_id_and_indicator_is_found_and_nothing_else(known: list[Line]) -> None:
    for task in ("ids", "indicators"):
        assert [line.text for line in known if line.said[task] != ours(line.text)[task]] == []


@pytest.mark.parametrize("half", ["tune", "held"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_kinds_and_layers_are_right_in_at_least_85_of_100_lines(
    known: list[Line], language: str, half: str
) -> None:
    some = [line for line in known if (line.language, line.half) == (language, half)]
    assert right(some, "kind") >= 0.85
    assert right(some, "layer") >= 0.85


def test_kinds_of_lines_that_no_list_was_fitted_to_are_mostly_right() -> None:
    held = [line for line in more_kinds() if line.half == "held"]
    assert len(held) >= 70
    assert right(held, "kind") >= 0.75


def test_the_naive_readers_are_worse_in_every_task(known: list[Line]) -> None:
    for task in ("ids", "kind", "layer", "indicators"):
        good = right(known, task)
        for way in (by_regex, by_keywords):
            assert sum(line.said[task] == way(line.text)[task] for line in known) / len(known) < good


def test_make_eval_prints_tables_and_misses(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["eval", "--half", "tune"])
    main()
    printed = capsys.readouterr().out
    assert "recall / precision" in printed
    assert "kind: what is missed (-) and what is found too much (+)" in printed


def test_pairs_are_joined_and_kept_apart_in_both_halves() -> None:
    known = pairs()
    assert len(known) >= 150
    for half in ("tune", "held"):
        some = [pair for pair in known if pair.half == half]
        assert len(some) >= 55
        recall, precision = rates(some, ours_joins)
        assert recall >= 85
        assert precision >= 95
        for way in (same_cve, equal_titles):
            assert all(
                mine > naive for mine, naive in zip((recall, precision), rates(some, way), strict=True)
            )
