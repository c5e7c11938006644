"""A process that writes to a store, for tests with several of them. Run as a module."""

from __future__ import annotations

import sys

from threatstamp.core.time import Micros
from threatstamp.sqlite import installed, standard
from threatstamp.store import SqlStore, open_store


def write(store: SqlStore, name: str, *, count: int) -> None:
    """Commits one transaction per vital sign, with a checkpoint after every few, as two desks would."""
    for number in range(count):
        with store.transaction() as tx:
            tx.vitals.put(f"{name}:{number}", "x" * 500, now=Micros(number))
        if number % 7 == 0:
            store.scrub()


def main() -> None:
    """Opens the database of the first argument, prints "open", and writes once a line arrives on stdin."""
    database, engine, name, count = sys.argv[1:]
    sqlite = standard() if engine == "standard" else installed()
    store = open_store(database, sqlite=sqlite)
    print("open", flush=True)
    sys.stdin.readline()
    write(store, name, count=int(count))
    store.close()


if __name__ == "__main__":
    main()
