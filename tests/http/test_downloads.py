"""Large bodies go into a file as they come: in constant memory, within their limit, and on after a break."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest

from tests.http.asking import failure, local_client, question, sending
from tests.support.feedserver import FeedServer, Page, Send, feed_server
from threatstamp.http.bodies import Body
from threatstamp.http.client import Client
from threatstamp.http.errors import ExchangeError, Fault
from threatstamp.http.question import Answer
from threatstamp.http.resuming import resumed

OK = b"HTTP/1.1 200 OK\r\n"
WHOLE = bytes(range(256)) * 1_000


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with feed_server() as made:
        yield made


@pytest.fixture
def client() -> Iterator[Client]:
    with local_client() as made:
        yield made


def cut(body: bytes, *, etag: str = '"v1"', at: int = 100_000) -> Page:
    """A page that breaks off in the middle of its body."""
    head = b"ETag: %b\r\nContent-Length: %d\r\n\r\n" % (etag.encode(), len(body))
    return sending(OK + head + body[:at])


def test_a_body_goes_into_a_file_unpacked(server: FeedServer, client: Client, tmp_path: Path) -> None:
    packed = Page(body=gzip.compress(WHOLE), headers={"Content-Encoding": "gzip"})
    with (tmp_path / "whole").open("wb") as file:
        answer = client.ask(question(server.put("/", packed), into=lambda _: file))
    assert (answer.status, answer.body) == (200, b"")
    assert (tmp_path / "whole").read_bytes() == WHOLE


def test_where_a_body_goes_is_chosen_when_its_head_is_there(server: FeedServer, client: Client) -> None:
    heads: list[Answer] = []

    def choose(head: Answer) -> BytesIO:
        heads.append(head)
        return BytesIO()

    client.ask(question(server.put("/", Page(body=b"x", etag='"e"')), into=choose))
    assert [(head.status, head.headers["etag"], head.body) for head in heads] == [(200, '"e"', b"")]


@pytest.mark.parametrize("status", [302, 404, 416, 503])
def test_an_error_does_not_go_into_the_file(server: FeedServer, client: Client, status: int) -> None:
    url = server.put("/", Page(status=status, body=b"why"))
    file = BytesIO(b"what was there")
    assert client.ask(question(url, into=lambda _: file)).body == b"why"
    assert file.getvalue() == b"what was there"


def test_what_is_too_long_by_its_own_words_touches_no_file(server: FeedServer, client: Client) -> None:
    url = server.put("/", Page(body=WHOLE, etag='"v1"'))
    error = failure(client, question(url, most=1_000, into=lambda _: pytest.fail("chosen")))
    assert (error.fault, error.received) == (Fault.BODY_TOO_LARGE, 0)


def test_a_body_ends_at_its_limit_and_it_is_said_how_much_came(server: FeedServer, client: Client) -> None:
    packed = Page(body=gzip.compress(WHOLE), headers={"Content-Encoding": "gzip"}, etag='"v1"')
    file = BytesIO()
    error = failure(client, question(server.put("/", packed), most=200_000, into=lambda _: file))
    assert (error.fault, error.received) == (Fault.BODY_TOO_LARGE, 200_000)
    assert file.getvalue() == WHOLE[:200_000]
    assert error.headers["etag"] == '"v1"'


def test_a_file_that_cannot_be_written_is_an_error_of_its_own(server: FeedServer, client: Client) -> None:
    class Full(BytesIO):
        def write(self, piece: object) -> int:
            raise OSError(28, "No space left on device")

    url = server.put("/", Page(body=WHOLE))
    with pytest.raises(OSError, match="No space left"):
        client.ask(question(url, into=lambda _: Full()))
    assert client.ask(question(url)).body == WHOLE


def test_a_packed_file_can_be_unpacked_on_its_way(server: FeedServer, client: Client) -> None:
    """x.csv.gz: the file itself is packed, whatever the server does to it."""
    found = BytesIO()
    file = Body("gzip", most=1_000_000, into=found)
    client.ask(question(server.put("/x.csv.gz", Page(body=gzip.compress(WHOLE))), into=lambda _: file))
    file.finish()
    assert found.getvalue() == WHOLE


MEMORY = """
import json, resource, sys, time
from threatstamp.http.client import Client
from threatstamp.http.guard import EVERYWHERE
from threatstamp.http.question import Question
from threatstamp.http.target import read_target

class Counting:
    size = 0
    def write(self, piece):
        self.size += len(piece)

def megabytes():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

counting, found = Counting(), []
with Client(allow_private=EVERYWHERE, environ={}) as client:
    for url in sys.argv[1:]:
        until = time.monotonic() + 100
        target = read_target(url)
        client.ask(Question(target=target, most=300_000_000, until=until, into=lambda _: counting))
        found.append(megabytes())
print(json.dumps([counting.size, found[-1] - found[0]]))
"""


@pytest.mark.parametrize("is_packed", [False, True])
def test_hundreds_of_megabytes_need_little_memory(server: FeedServer, is_packed: bool) -> None:
    block, blocks = b"\0" * 1_000_000, 150

    def plain(send: Send) -> None:
        send(OK + b"\r\n")
        for _ in range(blocks):
            send(block)

    def packed(send: Send) -> None:
        packer = zlib.compressobj(9, wbits=31)
        send(OK + b"Content-Encoding: gzip\r\n\r\n")
        send(b"".join(packer.compress(block) for _ in range(blocks)) + packer.flush())

    small = server.put("/small", Page(body=b"x"))
    large = server.put("/large", Page(raw=packed if is_packed else plain))
    command = [sys.executable, "-c", MEMORY, small, large]
    done = subprocess.run(command, capture_output=True, check=True, timeout=100)
    size, megabytes = json.loads(done.stdout)
    assert size == 150_000_001
    assert megabytes < 20


# What broke off


def test_a_download_goes_on_where_it_broke_off(server: FeedServer, client: Client, tmp_path: Path) -> None:
    url = server.put("/", cut(WHOLE), Page(body=WHOLE, etag='"v1"', has_parts=True))
    with (tmp_path / "whole").open("w+b") as file:
        error = failure(client, resumed(question(url), file, etag=None))
        assert (error.fault, error.received) == (Fault.PROTOCOL, 100_000)
        answer = client.ask(resumed(question(url), file, etag=error.headers["etag"]))
        assert (answer.status, answer.headers["content-length"]) == (206, "156000")
        assert client.ask(resumed(question(url), file, etag='"v1"')).status == 416
    assert (tmp_path / "whole").read_bytes() == WHOLE
    first, second, _ = (seen.headers for seen in server.seen)
    assert {"range", "if-range"}.isdisjoint(first)
    assert (second["range"], second["if-range"]) == ("bytes=100000-", '"v1"')
    assert first["accept-encoding"] == second["accept-encoding"] == "identity"


@pytest.mark.parametrize(
    ("page", "etag"),
    [
        (Page(body=WHOLE[::-1], etag='"v2"', has_parts=True), '"v1"'),
        (Page(body=WHOLE[::-1], etag='"v1"'), '"v1"'),
        (Page(body=WHOLE[::-1], etag='W/"v1"', has_parts=True), 'W/"v1"'),
        (Page(body=WHOLE[::-1], etag='"v1"', has_parts=True), None),
    ],
    ids=["another body", "no parts", "weak", "no etag"],
)
def test_the_whole_comes_anew_where_the_rest_cannot_be_had(
    server: FeedServer, client: Client, page: Page, etag: str | None
) -> None:
    file = BytesIO(WHOLE + WHOLE)
    assert client.ask(resumed(question(server.put("/", page)), file, etag=etag)).status == 200
    assert file.getvalue() == WHOLE[::-1]


@pytest.mark.parametrize(
    ("headers", "fault"),
    [
        ({}, Fault.PART_WRONG),
        ({"Content-Range": "bytes 0-9/10"}, Fault.PART_WRONG),
        ({"Content-Range": "bytes 4-9/10", "Content-Encoding": "gzip"}, Fault.PART_WRONG),
        ({"Content-Range": "lines 3-9/10"}, Fault.PART_WRONG),
        ({"Content-Range": "bytes 3-2000000/*"}, Fault.BODY_TOO_LARGE),
    ],
)
def test_a_part_that_does_not_fit_touches_no_file(
    server: FeedServer, client: Client, headers: dict[str, str], fault: Fault
) -> None:
    url = server.put("/", Page(status=206, body=b"rest", headers=headers))
    file = BytesIO(b"abc")
    assert failure(client, resumed(question(url), file, etag='"v"')).fault is fault
    assert file.getvalue() == b"abc"


def test_a_server_that_breaks_off_again_and_again_is_read_to_the_end(
    server: FeedServer, client: Client
) -> None:
    """As a caller would do it: again, with the tag of what came, as long as something comes."""
    pages = [cut(WHOLE, at=60_000)]
    for start in range(60_000, 256_000, 60_000):
        head = b"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes %d-255999/256000\r\n" % start
        length = b"Content-Length: %d\r\n\r\n" % (256_000 - start)
        pages.append(sending(head + length + WHOLE[start : start + 60_000]))
    url, file, etag = server.put("/", *pages), BytesIO(), None
    received: list[int] = []
    for _ in pages:
        try:
            client.ask(resumed(question(url), file, etag=etag))
        except ExchangeError as error:
            received.append(error.received)
            etag = error.headers.get("etag") or etag
    assert file.getvalue() == WHOLE
    assert received == [60_000] * 4
