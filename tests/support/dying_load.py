"""The program, which kills itself as it writes facts: SIGKILL, before or after its n-th commit.

Arguments: n, then those of the program. A claim on a source ends with it, and it has its usual priority,
so that nobody has to wait.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from threatstamp.app import facts
from threatstamp.cli import main as program
from threatstamp.store.bulk import Bulk


def main() -> None:
    ends_at, passed = int(sys.argv.pop(1)), 0
    commit = Bulk.writing

    def pass_one() -> None:
        nonlocal passed
        passed += 1
        if passed == ends_at:
            os.kill(os.getpid(), signal.SIGKILL)

    @contextmanager
    def writing(self: Bulk) -> Iterator[Any]:
        with commit(self) as connection:
            yield connection
            pass_one()
        pass_one()

    Bulk.writing = writing  # type: ignore[method-assign]
    facts.LEASE = 0.0
    os.nice = lambda _: 0  # a test waits for it
    program()


if __name__ == "__main__":
    main()
