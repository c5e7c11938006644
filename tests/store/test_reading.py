"""A reading cannot write, neither at run time nor according to its type."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_type_hints

import pytest

from tests.support.bodies import BODIES
from tests.support.times import at
from threatstamp.core.ledger.kinds import Kind
from threatstamp.desk.ports import store as ports
from threatstamp.store import SqlStore, open_store


@pytest.fixture
def store(store_url: str) -> Iterator[SqlStore]:
    made = open_store(store_url)
    yield made
    made.close()


def test_a_reading_has_no_way_to_append(store: SqlStore) -> None:
    """A regression: it had one, and what was appended there was silently lost."""
    with store.reading() as read, pytest.raises(AttributeError):
        # the ignored error proves that the type forbids it, too: mypy reports a needless `ignore`
        read.ledger.append(Kind.RETRY, BODIES[Kind.RETRY][0], now=at(1))  # type: ignore[attr-defined]
    with store.reading() as read:
        assert read.ledger.last() is None


def methods(protocol: type) -> set[str]:
    return {name for base in protocol.__mro__ for name in vars(base) if not name.startswith("_")}


def subjects(port: type) -> dict[str, type]:
    return {
        name: get_type_hints(value.fget)["return"]
        for name, value in vars(port).items()
        if isinstance(value, property)
    }


@pytest.mark.parametrize("port", [ports.Read, ports.Tx])
def test_the_store_has_the_methods_of_the_ports_and_no_others(store: SqlStore, port: type) -> None:
    opened = store.reading() if port is ports.Read else store.transaction()
    with opened as found:
        for subject, protocol in subjects(port).items():
            rows = getattr(found, subject)
            public = {name for name in dir(rows) if not name.startswith("_")} - {"connection", "flush"}
            assert public == methods(protocol), subject


def test_no_protocol_has_more_than_fifteen_methods() -> None:
    largest = {name: len(methods(protocol)) for name, protocol in subjects(ports.Tx).items()}
    largest["store"] = len(methods(ports.Store))
    assert max(largest.values()) <= 15, largest
