"""What the tests of documents have: a process that reads hostile ones in processes of their own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.forks import Forks, forks


@pytest.fixture(scope="session")
def readers() -> Iterator[Forks]:
    """Forks readers and fetchers; small, so that a reader's memory is its document's."""
    with forks("tests.feeds.cost:warm") as made:
        yield made
