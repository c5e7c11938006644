"""The knock at the heartbeat's address: heard, or said why not, without the address."""

from __future__ import annotations

import ssl
from pathlib import Path

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


def test_a_knock_goes_through_the_proxy_of_the_environment() -> None:
    with feed_server() as server:
        server.put("http://beat.test/here", Page())
        assert knock("http://beat.test/here", {"HTTP_PROXY": f"http://127.0.0.1:{server.port}"}) == ""
        assert server.counts() == {"http://beat.test/here": 1}


def test_a_knock_trusts_the_certificates_of_the_environment(certificate: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with feed_server(tls=context) as server:
        server.put("/beat", Page())
        url = server.url("/beat", "localhost")
        assert knock(url, {"SSL_CERT_FILE": str(certificate.with_suffix(".crt"))}) == ""
        assert knock(url, {}) == "certificate"
