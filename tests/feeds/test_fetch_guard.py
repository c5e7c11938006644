"""Where a fetch may not go, and how it gets out: names, addresses, certificates, proxies."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.feeds.fetching import LOCAL, Dials, Names, local_fetcher, reason, request, titles
from tests.support.certificates import make_certificate
from tests.support.feedserver import FeedServer, Page, feed_server, rss
from tests.support.tunnel import tunnel
from threatstamp.core.errors import PolicyError
from threatstamp.core.news.feed import ProblemKind
from threatstamp.feeds.fetch import Fetcher

NEWS = Page(body=rss("One"))


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with feed_server() as made:
        made.put("/feed", NEWS)
        yield made


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "017700000001",
        "127.0.0.1.", "127。0。0。1", "localhost", "LOCALHOST", "localhost.", "0.0.0.0", "0", "[::1]", "[::]",
        "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]",
        "[2001:0:7f00:1::80ff:fffe]", "169.254.169.254", "[fd00:ec2::254]", "10.0.0.1", "172.16.0.1",
        "192.168.0.1", "100.64.0.1", "224.0.0.1", "255.255.255.255", "[fe80::1]", "[ff02::1]",
    ],
)  # fmt: skip
def test_what_is_not_public_is_refused_in_whatever_form(server: FeedServer, host: str) -> None:
    with Fetcher(environ={}) as fetcher:
        found = fetcher.fetch(request(server.url("/feed", host)))
    assert reason(found) in ("address_not_public", "address_wrong")
    assert found.problem is not None
    assert found.problem.kind is ProblemKind.FORBIDDEN_ADDRESS
    assert server.connections == 0


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "[::ffff:127.0.0.1]"])
def test_an_allowed_network_is_reached(server: FeedServer, host: str) -> None:
    dials = Dials(server.port)
    with Fetcher(allow_private=LOCAL, environ={}, connect=dials, resolve=lambda *_: ["127.0.0.1"]) as fetcher:
        assert titles(fetcher.fetch(request(server.url("/feed", host)))) == ["One"]


def test_a_name_that_leads_inside_is_refused(server: FeedServer) -> None:
    names = Names(inside_test=[["10.0.0.1", "::1", "fe80::1%eth0"]])
    with Fetcher(environ={}, resolve=names, connect=Dials(server.port)) as fetcher:
        assert reason(fetcher.fetch(request("http://inside.test/feed"))) == "address_not_public"
    assert server.connections == 0


def test_of_a_name_that_leads_inside_and_outside_only_the_outside_is_dialled(server: FeedServer) -> None:
    names, dials = Names(mixed_test=[["10.0.0.1", "1.2.3.4", "127.0.0.1"]]), Dials(server.port)
    with Fetcher(environ={}, resolve=names, connect=dials) as fetcher:
        assert titles(fetcher.fetch(request("http://mixed.test/feed"))) == ["One"]
    assert dials.dialled == ["1.2.3.4"]


def test_a_name_is_asked_once_and_what_was_checked_is_dialled(server: FeedServer) -> None:
    """Rebinding: the second answer leads inside, and nobody asks for it."""
    names, dials = Names(rebinding_test=[["1.2.3.4"], ["127.0.0.1"]]), Dials(server.port)
    with Fetcher(environ={}, resolve=names, connect=dials) as fetcher:
        assert titles(fetcher.fetch(request("http://rebinding.test/feed"))) == ["One"]
    assert (names.asked, dials.dialled) == (["rebinding.test"], ["1.2.3.4"])


def test_a_name_that_was_rebound_is_refused_by_the_next_dial(server: FeedServer) -> None:
    names, dials = Names(rebinding_test=[["1.2.3.4"], ["127.0.0.1"]]), Dials(server.port)
    server.put("/feed", Page(status=302, headers={"Location": "http://rebinding.test/again"}))
    with Fetcher(environ={}, resolve=names, connect=dials) as fetcher:
        assert reason(fetcher.fetch(request("http://rebinding.test/feed"))) == "address_not_public"
    assert dials.dialled == ["1.2.3.4"]


def test_a_public_server_does_not_lead_to_an_allowed_network(server: FeedServer) -> None:
    """allow_private is for addresses in the file, not for whatever a stranger redirects to."""
    names, dials = Names(outside_test=[["1.2.3.4"]]), Dials(server.port)
    inside = server.put("/inside", NEWS)
    server.put("/feed", Page(status=301, headers={"Location": inside}))
    with Fetcher(allow_private=LOCAL, environ={}, resolve=names, connect=dials) as fetcher:
        assert titles(fetcher.fetch(request(inside))) == ["One"]  # a connection is open now, and is not used
        assert reason(fetcher.fetch(request(server.url("/feed", "outside.test")))) == "address_not_public"
    assert len(server.asked("/inside")) == 1


def test_a_name_that_is_unknown_is_a_problem_of_the_network() -> None:
    with Fetcher(environ={}, resolve=Names()) as fetcher:
        for host in ("unknown.test", "a" * 63 + ".test"):
            found = fetcher.fetch(request(f"http://{host}/feed"))
            assert reason(found) == "network_name"
            assert found.problem is not None
            assert (found.problem.kind, found.problem.values["host"]) == (ProblemKind.NETWORK, host)


def test_a_name_server_that_hangs_is_not_waited_for() -> None:
    done = threading.Event()

    def hang(host: str, port: int) -> list[str]:
        done.wait()
        return []

    with Fetcher(environ={}, resolve=hang, seconds=0.3) as fetcher:
        assert reason(fetcher.fetch(request("http://slow.test/feed"))) == "timeout"
    done.set()


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (ConnectionRefusedError, "network_refused"),
        (TimeoutError, "timeout"),
        (OSError, "network_unreachable"),
        (PermissionError, "network_unreachable"),
    ],
)
def test_what_cannot_be_reached_says_how(error: type[OSError], expected: str) -> None:
    dials = Dials(0, dead={"1.2.3.4": error})
    with Fetcher(environ={}, resolve=Names(dead_test=[["1.2.3.4"]]), connect=dials) as fetcher:
        assert reason(fetcher.fetch(request("http://dead.test/feed"))) == expected


def test_a_closed_port_refuses() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with local_fetcher() as fetcher:
        assert reason(fetcher.fetch(request(f"http://127.0.0.1:{port}/"))) == "network_refused"


# Certificates


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for feeds.test with its key in the same file."""
    return make_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def tls_server(certificate: Path) -> Iterator[tuple[FeedServer, list[str | None]]]:
    """A server with TLS, and the names that it was called by."""
    called: list[str | None] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.sni_callback = lambda sock, name, _: called.append(name)
    with feed_server(tls=context) as made:
        made.put("/feed", NEWS)
        yield made, called


NAMES = {"feeds_test": [["1.2.3.4"]], "other_test": [["1.2.3.4"]]}


def test_the_certificate_is_checked_for_the_name_although_an_address_is_dialled(
    tls_server: tuple[FeedServer, list[str | None]], certificate: Path
) -> None:
    server, called = tls_server
    own = {"SSL_CERT_FILE": str(certificate.with_suffix(".crt"))}
    with Fetcher(environ=own, resolve=Names(**NAMES), connect=Dials(server.port)) as fetcher:
        assert titles(fetcher.fetch(request("https://feeds.test/feed"))) == ["One"]
        assert titles(fetcher.fetch(request("https://feeds.test/feed"))) == ["One"]
        assert reason(fetcher.fetch(request("https://other.test/feed"))) == "network_certificate"
    assert called == ["feeds.test", "other.test"]
    assert server.seen[0].headers["host"] == "feeds.test"


def test_a_certificate_of_nobody_is_not_trusted(tls_server: tuple[FeedServer, list[str | None]]) -> None:
    server, _ = tls_server
    with Fetcher(environ={}, resolve=Names(**NAMES), connect=Dials(server.port)) as fetcher:
        found = fetcher.fetch(request("https://feeds.test/feed"))
    assert reason(found) == "network_certificate"
    assert server.seen == []


def test_a_server_without_tls_is_a_problem_of_the_network() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, local_fetcher() as fetcher:

        def answer() -> None:
            sock, _ = listener.accept()
            with sock:
                sock.recv(65536)
                sock.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        found = fetcher.fetch(request(f"https://127.0.0.1:{listener.getsockname()[1]}/feed"))
        thread.join()
    assert reason(found) == "network_tls"


def test_certificates_that_cannot_be_used_are_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="SSL_CERT_FILE"):
        Fetcher(environ={"SSL_CERT_FILE": str(tmp_path / "none.pem")})


# Proxies


def test_a_proxy_is_asked_for_the_whole_address(server: FeedServer) -> None:
    server.put("http://feeds.test/feed", NEWS)
    proxy = {"HTTP_PROXY": f"http://desk:p%C3%A4ss@127.0.0.1:{server.port}"}
    with Fetcher(environ=proxy, resolve=Names()) as fetcher:
        assert titles(fetcher.fetch(request("http://feeds.test/feed"))) == ["One"]
        assert titles(fetcher.fetch(request("http://feeds.test/feed"))) == ["One"]
    asked = server.asked("http://feeds.test/feed")
    assert asked[0].headers["host"] == "feeds.test"
    assert asked[0].headers["proxy-authorization"] == "Basic ZGVzazpww6Rzcw=="
    assert asked[1].connection == 1


def test_no_proxy_is_a_direct_way(server: FeedServer) -> None:
    proxy = {"HTTP_PROXY": "http://127.0.0.1:1", "NO_PROXY": ".test"}
    dials = Dials(server.port)
    with Fetcher(environ=proxy, resolve=Names(feeds_test=[["1.2.3.4"]]), connect=dials) as fetcher:
        assert titles(fetcher.fetch(request("http://feeds.test/feed"))) == ["One"]
    assert dials.dialled == ["1.2.3.4"]


@pytest.mark.parametrize(
    "url",
    [
        "http://10.0.0.1/", "http://0xa000001/", "http://167772161/", "http://012.0.0.1/", "http://[fd00::1]/",
        "http://[::ffff:10.0.0.1]/", "http://169.254.169.254/", "https://192.168.1.1/", "http://inside.test/",
        "http://0/", "http://2130706433/",
    ],
)  # fmt: skip
def test_behind_a_proxy_private_targets_are_refused_too(server: FeedServer, url: str) -> None:
    proxy = {"ALL_PROXY": f"http://127.0.0.1:{server.port}"}
    with Fetcher(environ=proxy, resolve=Names(inside_test=[["1.2.3.4", "10.0.0.1"]])) as fetcher:
        found = fetcher.fetch(request(url))
    assert reason(found) in ("address_not_public", "address_wrong")
    assert server.connections == 0


def test_behind_a_proxy_a_public_server_does_not_lead_inside(server: FeedServer) -> None:
    proxy = {"HTTP_PROXY": f"http://127.0.0.1:{server.port}"}
    server.put("http://feeds.test/feed", Page(status=301, headers={"Location": "http://10.0.0.1/"}))
    with Fetcher(environ=proxy, allow_private=["10.0.0.0/8"], resolve=Names()) as fetcher:
        assert reason(fetcher.fetch(request("http://feeds.test/feed"))) == "address_not_public"


def test_https_goes_through_a_tunnel_and_the_certificate_is_checked(
    tls_server: tuple[FeedServer, list[str | None]], certificate: Path
) -> None:
    server, called = tls_server
    with tunnel(server.port) as (port, asked):
        environ = {
            "HTTPS_PROXY": f"127.0.0.1:{port}",
            "SSL_CERT_FILE": str(certificate.with_suffix(".crt")),
        }
        with Fetcher(environ=environ, resolve=Names()) as fetcher:
            assert titles(fetcher.fetch(request("https://feeds.test/feed"))) == ["One"]
            assert reason(fetcher.fetch(request("https://other.test/feed"))) == "network_certificate"
    assert asked[0].startswith(b"CONNECT feeds.test:443 HTTP/1.1\r\n")
    assert called == ["feeds.test", "other.test"]


def test_a_proxy_that_refuses_is_a_problem_of_the_network(server: FeedServer) -> None:
    proxy = {"HTTPS_PROXY": f"http://127.0.0.1:{server.port}"}
    with Fetcher(environ=proxy, resolve=Names()) as fetcher:
        assert reason(fetcher.fetch(request("https://feeds.test/feed"))) == "network_proxy_refused"


@pytest.mark.parametrize(
    ("proxy", "expected"),
    [
        ("socks5://127.0.0.1:1080", "network_proxy_unknown"),
        ("https://127.0.0.1:1080", "network_proxy_unknown"),
        ("http://[::1", "network_proxy_wrong"),
        ("http://", "network_proxy_wrong"),
    ],
)
def test_a_proxy_that_cannot_be_used_is_a_problem_of_the_network(proxy: str, expected: str) -> None:
    with Fetcher(environ={"HTTPS_PROXY": proxy}, resolve=Names()) as fetcher:
        assert reason(fetcher.fetch(request("https://feeds.test/feed"))) == expected
