"""Documents made to hurt, each in a process of its own with limits that the system holds."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.feeds.cost import DEAREST
from tests.feeds.hostile import HEAVY, REFUSED
from tests.support.forks import Forks


def cost(readers: Forks, name: str) -> dict[str, Any]:
    """Reads one document: what came of it, its cost in plain megabytes, and the process's peak memory."""
    done = readers.run("tests.feeds.cost:read", name)
    assert done.returncode == 0, f"{done.returncode} (-9: it costs far too much) {done.stderr[-2000:]}"
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("name", REFUSED)
def test_a_hostile_document_is_refused_at_the_cost_of_a_few_plain_ones(readers: Forks, name: str) -> None:
    found = cost(readers, name)
    assert found["problem"], found
    assert found["dearness"] <= DEAREST / 2, found
    assert found["megabytes"] <= 200, found


@pytest.mark.parametrize("name", HEAVY)
def test_a_megabyte_made_to_be_slow_costs_no_more_than_a_few_plain_ones(readers: Forks, name: str) -> None:
    found = cost(readers, name)
    assert found["bytes"] <= 1_050_000
    assert found["dearness"] <= DEAREST, found
    assert found["megabytes"] <= 200, found
