"""The knock at the heartbeat's address: heard, or said why not, without the address."""

from __future__ import annotations

from tests.support.feedserver import Page, feed_server
from threatstamp.http import knock


def test_a_knock_that_is_heard_says_nothing() -> None:
    with feed_server() as server:
        assert knock(server.put("/beat", Page(body=b"ok")), {}) == ""
        assert knock(server.put("/moved", Page(status=302, headers={"Location": "/beat"})), {}) == ""
        assert server.counts() == {"/beat": 1, "/moved": 1}


def test_a_knock_that_is_not_heard_says_why() -> None:
    with feed_server() as server:
        url = server.put("/beat", Page(status=500))
        assert knock(url, {}) == "HTTP 500"
    assert knock(url, {}) == "refused"
