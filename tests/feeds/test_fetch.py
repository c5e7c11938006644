"""Fetching as it should go: what is new is read, what is not costs next to nothing, and servers are listened to."""

from __future__ import annotations

import gzip
from collections.abc import Iterator

import pytest

from tests.feeds.fetching import LOCAL, Dials, Names, local_fetcher, reason, request, titles
from tests.support.feedserver import FeedServer, Page, feed_server, rss
from threatstamp import __version__
from threatstamp.core.news.feed import ProblemKind, Validators
from threatstamp.feeds.fetch import Fetcher, fetch_once
from threatstamp.feeds.problems import problem_message
from threatstamp.texts.catalogue import Language, Texts

NEWS = Page(body=rss("One", "Two"), etag='"v1"', last_modified="Tue, 24 Nov 2026 01:00:00 GMT")
OLD = Validators(etag='"v0"', last_modified="Mon, 23 Nov 2026 01:00:00 GMT", digest="0" * 64)


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with feed_server() as made:
        yield made


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    with local_fetcher() as made:
        yield made


def test_a_feed_is_read_and_its_validators_are_given_back(server: FeedServer, fetcher: Fetcher) -> None:
    found = fetcher.fetch(request(server.put("/feed", NEWS)))
    assert titles(found) == ["One", "Two"]
    assert found.validators is not None
    assert (found.validators.etag, found.validators.last_modified) == (NEWS.etag, NEWS.last_modified)
    assert found.validators.digest is not None
    assert len(found.validators.digest) == 64


def test_a_known_feed_answers_304_and_nothing_is_renewed(server: FeedServer, fetcher: Fetcher) -> None:
    url = server.put("/feed", NEWS)
    first = fetcher.fetch(request(url))
    found = fetcher.fetch(request(url, first.validators))
    assert found.unchanged
    assert (found.document, found.problem, found.validators) == (None, None, None)
    asked = server.asked("/feed")[1].headers
    assert (asked["if-none-match"], asked["if-modified-since"]) == (NEWS.etag, NEWS.last_modified)


def test_the_same_body_is_not_read_again_but_its_new_etag_is_kept(
    server: FeedServer, fetcher: Fetcher
) -> None:
    url = server.put("/feed", NEWS, Page(body=NEWS.body, etag='"v2"'))
    first = fetcher.fetch(request(url))
    found = fetcher.fetch(request(url, first.validators))
    assert found.unchanged
    assert found.document is None
    assert first.validators is not None
    assert found.validators == Validators(etag='"v2"', digest=first.validators.digest, zone="Asia/Tokyo")


def test_a_packed_body_has_the_digest_of_the_plain_one(server: FeedServer, fetcher: Fetcher) -> None:
    packed = Page(body=gzip.compress(NEWS.body), headers={"Content-Encoding": "gzip"})
    url = server.put("/feed", NEWS, packed)
    first = fetcher.fetch(request(url))
    assert fetcher.fetch(request(url, first.validators)).unchanged


@pytest.mark.parametrize("body", [b"", b"<html><body>Sorry</body></html>", rss("One")[:-20], b"\xff\xfe\x00"])
def test_a_document_with_a_problem_renews_no_validators(
    server: FeedServer, fetcher: Fetcher, body: bytes
) -> None:
    found = fetcher.fetch(request(server.put("/feed", Page(body=body, etag='"bad"')), OLD))
    assert found.document is not None
    assert found.document.problem is not None
    assert (found.problem, found.validators, found.unchanged) == (None, None, False)


def test_a_304_that_nobody_asked_for_is_a_problem(server: FeedServer, fetcher: Fetcher) -> None:
    url = server.put("/feed", Page(status=304))
    for validators in (None, Validators(digest="0" * 64), Validators(etag="bad\r\nX: y")):
        found = fetcher.fetch(request(url, validators))
        assert reason(found) == "http_status"
        assert found.problem
        assert found.problem.values == {"status": 304}


@pytest.mark.parametrize(
    "status", [201, 204, 205, 206, 207, 300, 305, 306, 400, 401, 403, 404, 500, 502, 599, 799]
)
def test_any_other_status_is_a_problem_with_its_number(
    server: FeedServer, fetcher: Fetcher, status: int
) -> None:
    found = fetcher.fetch(request(server.put("/feed", Page(status=status, body=rss("One")))))
    assert reason(found) == "http_status"
    assert found.problem is not None
    assert (found.problem.kind, found.problem.values) == (ProblemKind.HTTP, {"status": status})
    assert not found.gone


@pytest.mark.parametrize("status", [200, 304, 404, 429, 503])
def test_retry_after_is_told_whatever_the_status(server: FeedServer, fetcher: Fetcher, status: int) -> None:
    page = Page(status=status, body=rss("One"), headers={"Retry-After": "1200"})
    assert fetcher.fetch(request(server.put("/feed", page), OLD)).retry_after == 1200.0


def test_410_ends_a_feed(server: FeedServer, fetcher: Fetcher) -> None:
    found = fetcher.fetch(request(server.put("/feed", Page(status=410))))
    assert found.gone
    assert found.problem
    assert found.problem.values == {"status": 410}


def test_410_behind_a_passing_redirect_does_not_end_the_feed(server: FeedServer, fetcher: Fetcher) -> None:
    server.put("/gone", Page(status=410))
    for status, gone in ((301, True), (308, True), (302, False), (307, False)):
        page = Page(status=status, headers={"Location": "/gone"})
        assert fetcher.fetch(request(server.put("/feed", page))).gone is gone


def test_nothing_is_sent_that_tells_more_than_needed(server: FeedServer, fetcher: Fetcher) -> None:
    page = Page(body=NEWS.body, headers={"Set-Cookie": "id=1"})
    url = server.put("/feed", page)
    fetcher.fetch(request(url))
    fetcher.fetch(request(url))
    headers = server.asked("/feed")[1].headers
    assert set(headers) == {"host", "user-agent", "accept", "accept-encoding"}
    assert headers["user-agent"].startswith(f"Threatstamp/{__version__} (")
    assert "application/rss+xml" in headers["accept"]
    assert headers["accept-encoding"] == "gzip, deflate"
    assert headers["host"] == f"127.0.0.1:{server.port}"


def test_a_connection_is_kept_for_the_servers_next_feed(server: FeedServer, fetcher: Fetcher) -> None:
    for path in ("/a", "/b", "/c"):
        fetcher.fetch(request(server.put(path, NEWS)))
    assert {seen.connection for seen in server.seen} == {1}


def test_a_server_that_hung_up_meanwhile_is_called_again(server: FeedServer, fetcher: Fetcher) -> None:
    def answer_and_hang_up(send: object) -> None:
        assert callable(send)
        send(Page(body=NEWS.body).answer({}))

    url = server.put("/feed", Page(raw=answer_and_hang_up))
    for _ in range(3):
        assert titles(fetcher.fetch(request(url))) == ["One", "Two"]


def test_a_server_that_hangs_up_on_the_second_question_is_called_again(
    server: FeedServer, fetcher: Fetcher
) -> None:
    url = server.put("/feed", NEWS, Page(raw=lambda send: None), NEWS)
    fetcher.fetch(request(url))
    assert titles(fetcher.fetch(request(url))) == ["One", "Two"]
    assert [seen.connection for seen in server.asked("/feed")] == [1, 1, 2]


# Redirects


def moving(server: FeedServer, *statuses: int) -> str:
    """A chain of redirects that ends at a feed."""
    for number, status in enumerate(statuses):
        server.put(f"/{number}", Page(status=status, headers={"Location": f"/{number + 1}"}))
    server.put(f"/{len(statuses)}", NEWS)
    return server.url("/0")


@pytest.mark.parametrize(
    ("statuses", "moved_to"),
    [
        ((301,), "/1"),
        ((308,), "/1"),
        ((301, 308, 301), "/3"),
        ((302,), None),
        ((303,), None),
        ((307,), None),
        ((302, 301), None),
        ((301, 302), "/1"),
        ((301, 307, 301), "/1"),
        ((301, 301, 301, 301, 301), "/5"),
    ],
)
def test_a_move_is_remembered_as_far_as_it_is_permanent(
    server: FeedServer, fetcher: Fetcher, statuses: tuple[int, ...], moved_to: str | None
) -> None:
    found = fetcher.fetch(request(moving(server, *statuses)))
    assert titles(found) == ["One", "Two"]
    assert found.moved_to == (moved_to and server.url(moved_to))


def test_six_redirects_are_too_many(server: FeedServer, fetcher: Fetcher) -> None:
    assert reason(fetcher.fetch(request(moving(server, *[301] * 6)))) == "http_redirects"


def test_a_circle_of_redirects_ends(server: FeedServer, fetcher: Fetcher) -> None:
    server.put("/b", Page(status=301, headers={"Location": "/a"}))
    url = server.put("/a", Page(status=302, headers={"Location": "/b"}))
    assert reason(fetcher.fetch(request(url))) == "http_redirects"
    assert len(server.seen) == 6


@pytest.mark.parametrize("body", [b"", b"<html>Domain for sale</html>"])
def test_a_move_to_what_is_no_feed_is_not_remembered(
    server: FeedServer, fetcher: Fetcher, body: bytes
) -> None:
    server.put("/sale", Page(body=body))
    url = server.put("/feed", Page(status=301, headers={"Location": "/sale"}))
    found = fetcher.fetch(request(url))
    assert found.document
    assert found.document.problem
    assert found.moved_to is None


def test_a_move_to_what_fails_is_not_remembered(server: FeedServer, fetcher: Fetcher) -> None:
    url = server.put("/feed", Page(status=301, headers={"Location": "/nothing"}))
    assert reason(fetcher.fetch(request(url))) == "http_status"


def test_a_move_is_remembered_with_a_304_too(server: FeedServer, fetcher: Fetcher) -> None:
    url = moving(server, 301)
    found = fetcher.fetch(request(url, Validators(etag=NEWS.etag)))
    assert found.unchanged
    assert found.moved_to == server.url("/1")


@pytest.mark.parametrize(
    ("location", "path"),
    [
        ("there", "/a/there"),
        ("../there?x=1", "/there?x=1"),
        ("/there#part", "/there"),
        ("/とこ", "/%E3%81%A8%E3%81%93"),
        ("//127.0.0.1:{port}/there", "/there"),
        ("  /there  ", "/there"),
    ],
)
def test_a_location_may_be_relative(server: FeedServer, fetcher: Fetcher, location: str, path: str) -> None:
    location = location.format(port=server.port).encode().decode("latin-1")
    server.put(path, NEWS)
    url = server.put("/a/feed", Page(status=301, headers={"Location": location}))
    found = fetcher.fetch(request(url))
    assert titles(found) == ["One", "Two"]
    assert found.moved_to == server.url(path)


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        (None, "http_nowhere"),
        ("", "http_nowhere"),
        ("file:///etc/passwd", "address_scheme"),
        ("ftp://example.com/feed", "address_scheme"),
        ("http://user:secret@127.0.0.1/feed", "address_credentials"),
        ("http://[::1", "address_wrong"),
        ("http://10.0.0.1/feed", "address_not_public"),
        ("http://169.254.169.254/latest/meta-data/", "address_not_public"),
        ("http://[fd00:ec2::254]/", "address_not_public"),
        ("http://0/", "address_not_public"),
    ],
)
def test_some_redirects_are_not_followed(
    server: FeedServer, fetcher: Fetcher, location: str | None, expected: str
) -> None:
    headers = {} if location is None else {"Location": location}
    url = server.put("/feed", Page(status=301, headers=headers))
    assert reason(fetcher.fetch(request(url))) == expected
    assert len(server.seen) == 1


def test_another_host_is_not_asked_with_the_validators_of_the_first(server: FeedServer) -> None:
    names = Names(one_test=[["127.0.0.1"]], two_test=[["127.0.0.1"]])
    server.put("/feed", Page(status=301, headers={"Location": server.url("/new", "two.test")}))
    server.put("/new", NEWS)
    with Fetcher(allow_private=LOCAL, environ={}, resolve=names) as fetcher:
        known = Validators(etag=NEWS.etag, last_modified=NEWS.last_modified)
        found = fetcher.fetch(request(server.url("/feed", "one.test"), known))
    assert titles(found) == ["One", "Two"]
    assert "if-none-match" in server.asked("/feed")[0].headers
    assert not {"if-none-match", "if-modified-since"} & set(server.asked("/new")[0].headers)


def test_a_step_from_https_to_http_is_followed_and_not_remembered() -> None:
    from threatstamp.http.question import Answer
    from threatstamp.http.redirects import follow
    from threatstamp.http.target import Target, read_target

    way = {"https://a.test/": "http://b.test/", "http://b.test/": "https://c.test/"}

    def ask(target: Target, only_public: bool) -> Answer:
        following = way.get(target.url)
        headers = {"location": following} if following else {}
        return Answer(target=target, status=301 if following else 200, headers=headers)

    followed = follow(read_target("https://a.test/"), ask)
    assert followed.answer.target.url == "https://c.test/"
    assert followed.moved_to is None
    assert not followed.is_direct
    assert follow(read_target("http://b.test/"), ask).moved_to == "https://c.test/"


def test_credentials_stay_with_the_server_that_they_are_for(server: FeedServer) -> None:
    names = Names(one_test=[["127.0.0.1"]], two_test=[["127.0.0.1"]])
    server.put("/feed", Page(status=301, headers={"Location": "/new"}))
    server.put("/new", Page(status=301, headers={"Location": server.url("/there", "two.test")}))
    server.put("/there", NEWS)
    with Fetcher(allow_private=LOCAL, environ={}, resolve=names) as fetcher:
        url = server.url("/feed", "one.test").replace("//", "//reader:safe@")
        found = fetcher.fetch(request(url))
    assert titles(found) == ["One", "Two"]
    assert found.moved_to is None
    assert server.asked("/feed")[0].headers["authorization"] == "Basic cmVhZGVyOnNhZmU="
    assert "authorization" in server.asked("/new")[0].headers
    assert "authorization" not in server.asked("/there")[0].headers


def test_one_fetch_for_somebody_who_wants_to_see(server: FeedServer) -> None:
    asked = request(server.put("/feed", NEWS))
    found = fetch_once(asked.url, zone=asked.zone, most=asked.most, allow_private=LOCAL, environ={})
    assert titles(found) == ["One", "Two"]
    found = fetch_once(asked.url, zone=asked.zone, most=asked.most, environ={})
    assert reason(found) == "address_not_public"


def test_every_problem_has_its_sentence_in_both_languages(server: FeedServer, fetcher: Fetcher) -> None:
    urls = [
        server.url("/nothing"),
        "ftp://example.com/",
        "http://",
        "http://10.0.0.1/",
        server.put("/nowhere", Page(status=301)),
        server.put("/br", Page(headers={"Content-Encoding": "br"}, body=b"x")),
    ]
    for url in urls:
        found = fetcher.fetch(request(url))
        assert found.problem is not None
        for language in Language:
            assert problem_message(Texts(language), found.problem)


def test_dead_addresses_of_a_name_are_passed_over(server: FeedServer) -> None:
    names = Names(feeds_test=[["2400::1", "1.2.3.4", "1.2.3.5"]])
    dials = Dials(server.port, dead={"2400::1": OSError, "1.2.3.4": ConnectionRefusedError})
    server.put("/feed", NEWS)
    with Fetcher(environ={}, resolve=names, connect=dials) as fetcher:
        assert titles(fetcher.fetch(request("http://feeds.test/feed"))) == ["One", "Two"]
    assert dials.dialled == ["2400::1", "1.2.3.4", "1.2.3.5"]
    assert server.seen[0].headers["host"] == "feeds.test"
