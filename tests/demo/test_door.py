"""The first visitor says in which language the demo begins."""

from __future__ import annotations

import threading
import urllib.error
import urllib.request

import pytest

from tests.support.forks import HANG
from threatstamp.demo.door import Door, preferred
from threatstamp.demo.world import World
from threatstamp.sandbox import serve
from threatstamp.texts.catalogue import Language


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("ja", Language.JA),
        ("ja-JP,ja;q=0.9,en-US;q=0.8,en;q=0.7", Language.JA),
        ("en-GB,en;q=0.9,ja;q=0.8", Language.EN),
        ("de;q=1.0, en;q=0.2, JA;q=0.3", Language.JA),
        ("ja;q=0, en;q=0.1", Language.EN),
        ("ja;q=0", None),
        ("de-DE", None),
        ("japanese", None),
        ("", None),
        ("ja;q=much", None),
    ],
)
def test_the_language_that_a_browser_wants_most_is_taken(header: str, language: Language | None) -> None:
    assert preferred(header) == language


def ask(url: str, accepted: str) -> str:
    request = urllib.request.Request(url, headers={"Accept-Language": accepted})
    with urllib.request.urlopen(request, timeout=HANG) as answer:
        return str(answer.read().decode())


@pytest.mark.parametrize(
    ("accepted", "language", "words"), [("ja", "ja", "準備しています"), ("de", "en", "Starting a workspace")]
)
def test_only_a_page_counts_as_a_visit_and_the_port_is_free_afterwards(
    accepted: str, language: str, words: str
) -> None:
    door = Door(0, otherwise=Language.EN)
    found: list[Language] = []
    waiting = threading.Thread(target=lambda: found.append(door.wait()))
    waiting.start()
    with pytest.raises(urllib.error.HTTPError):
        ask(f"{door.url}/favicon.ico", "ja")
    assert not found
    assert words in ask(door.url, accepted)
    waiting.join(HANG)
    assert found == [Language(language)]
    with serve(World(found[0]).workspace, port=door.port) as sandbox:
        assert sandbox.url == door.url
