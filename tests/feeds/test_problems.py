"""Whatever goes wrong has its reason, and each reason its sentence."""

from __future__ import annotations

import ast
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

import threatstamp
from threatstamp.core.news.feed import ProblemKind, Reason, read_reason
from threatstamp.feeds.faults import REASONS
from threatstamp.http.errors import Fault
from threatstamp.texts.catalogue import Language, room_messages


@pytest.mark.parametrize("language", Language)
def test_every_reason_has_its_sentence_and_every_sentence_its_reason(language: Language) -> None:
    said = {key for key in room_messages(language, "feeds") if not key.startswith("show_")}
    assert said == {reason.value for reason in Reason}


def test_every_kind_has_a_reason() -> None:
    assert {reason.kind for reason in Reason} == set(ProblemKind)


def test_a_reason_is_known_by_its_key_and_one_of_another_version_as_such() -> None:
    assert [read_reason(reason.value) for reason in Reason] == list(Reason)
    assert read_reason("read_by_another_version") is Reason.NOT_KNOWN
    assert read_reason("HTTP_STATUS") is Reason.NOT_KNOWN


def test_every_fault_on_the_way_is_a_reason() -> None:
    assert REASONS.keys() == set(Fault)


def test_what_is_read_is_no_fault_on_the_way() -> None:
    assert not [reason for reason in REASONS.values() if reason.value.startswith("read_")]


def raised(folder: str, error: str) -> Iterator[tuple[str, set[str]]]:
    """Yields what is raised in a package: its name, and the names of the values that come with it."""
    for file in (Path(threatstamp.__file__).parent / folder).glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == error:
                yield ast.unparse(node.args[0]), {str(keyword.arg) for keyword in node.keywords}


@pytest.mark.parametrize("language", Language)
def test_what_goes_wrong_on_the_way_brings_the_values_of_its_sentence(language: Language) -> None:
    sentences = room_messages(language, "feeds")
    found = list(raised("http", "ExchangeError"))
    assert len(found) > len(Fault)
    for name, values in found:
        faults = [Fault[name.removeprefix("Fault.")]] if "." in name else [Fault.REFUSED, Fault.UNREACHABLE]
        for fault in faults:
            sentence = str(sentences[REASONS[fault].value])
            fields = {field for _, field, _, _ in string.Formatter().parse(sentence) if field}
            assert fields <= values, f"{name}: {sentence}"
