"""A sandbox that ends leaves nothing open, whatever is just being connected."""

from __future__ import annotations

import gc
import socket
import warnings
from contextlib import ExitStack, suppress

from threatstamp.sandbox import SandboxWorkspace, serve


def test_a_connection_that_is_just_being_made_is_ended_too() -> None:
    with ExitStack() as held, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ResourceWarning)
        with serve(SandboxWorkspace()) as sandbox:
            port = int(sandbox.url.rpartition(":")[2])
            for _ in range(30):
                caller = held.enter_context(socket.socket())
                caller.settimeout(0)
                with suppress(BlockingIOError):
                    caller.connect(("127.0.0.1", port))
        gc.collect()
    assert [str(one.message) for one in caught] == []
