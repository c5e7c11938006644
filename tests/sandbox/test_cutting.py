"""A call that gets no answer gets none at all: the line is cut, as networks do it."""

from __future__ import annotations

import http.client

import pytest

from threatstamp.sandbox import SandboxWorkspace, serve


@pytest.mark.parametrize("kind", ["drop", "reset", "late"])
def test_the_line_is_cut_without_a_byte(kind: str) -> None:
    workspace = SandboxWorkspace()
    with serve(workspace) as sandbox:
        workspace.faults.add("api.test", kind)
        line = http.client.HTTPConnection("127.0.0.1", int(sandbox.url.rpartition(":")[2]), timeout=30)
        line.request("POST", "/api/api.test")
        with pytest.raises(ConnectionError):  # also http.client's own, for a line that ends before an answer
            line.getresponse()
        line.request("POST", "/api/api.test")
        assert line.getresponse().status == 200
        line.close()
