"""Documents made to hurt, each in a process of its own with limits that the system holds."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.feeds.hostile import HEAVY, REFUSED

ROOT = Path(__file__).parents[2]


def cost(name: str) -> dict[str, Any]:
    """Reads one document in a new process: what came of it, CPU seconds, and the process's peak memory."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.feeds.hostile", name],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("name", REFUSED)
def test_a_hostile_document_is_refused_within_a_second_and_200_megabytes(name: str) -> None:
    found = cost(name)
    assert found["problem"], found
    assert found["seconds"] <= 1, found
    assert found["megabytes"] <= 200, found


@pytest.mark.parametrize("name", HEAVY)
def test_a_megabyte_made_to_be_slow_is_read_within_two_seconds(name: str) -> None:
    found = cost(name)
    assert found["bytes"] <= 1_050_000
    assert found["seconds"] <= 2, found
    assert found["megabytes"] <= 200, found
