"""What the tests of the client need to be made once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.certificates import make_certificate


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for feeds.test and localhost with its key in the same file."""
    return make_certificate(tmp_path_factory.mktemp("tls"))
