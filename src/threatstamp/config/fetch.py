"""The table [fetch]: how feeds are fetched."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from threatstamp.config.reader import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchSettings:
    """How feeds are fetched. allow_private: networks that a feed may live in although they are not public."""

    allow_private: tuple[str, ...] = ()
    backlog: int = 3
    burst: int = 5


def read_fetch(table: Table, *, top: frozenset[str]) -> FetchSettings:
    networks: list[str] = []
    for item, said in table.texts("allow_private"):
        try:
            networks.append(str(ipaddress.ip_network(said)))
        except ValueError:
            table.wrong("allow_private", "network", item=item, value=said)
    fetch = FetchSettings(
        allow_private=tuple(networks),
        backlog=table.count("backlog", 3),
        burst=table.count("burst", 5),
    )
    table.close(top=top)
    return fetch
