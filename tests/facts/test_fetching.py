"""Each source is fetched from a server as it behaves: conditionally, at a pace, and on where it broke off."""

from __future__ import annotations

import gzip
import json
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from tests.http.asking import sending
from tests.support.facts import cve_record, jvn_cve, jvn_item, nvd_record, write_jvn, write_nvd
from tests.support.feedserver import FeedServer, Page, feed_server
from threatstamp.config.facts import FactsSettings
from threatstamp.core.facts.assessment import CVELIST, GHSA, JVN, KEV, NVD, OSV
from threatstamp.core.facts.cve import CveId
from threatstamp.core.facts.document import FetchError
from threatstamp.facts.clients.cvelist import CveListClient
from threatstamp.facts.clients.jvn import FIRST_YEAR, JvnClient
from threatstamp.facts.clients.nvd import PACE, PACE_WITH_KEY, NvdClient
from threatstamp.facts.fetching import client_of
from threatstamp.facts.sources import SOURCES
from threatstamp.facts.web import ATTEMPTS, FIRST_WAIT, MOST_WAIT, Given, Web, discard
from threatstamp.http.guard import EVERYWHERE

NOW = datetime(2026, 11, 26, 12, 30, tzinfo=UTC)


@dataclass
class Pauses:
    """Waits that are only noted. left: after so many the process has to end."""

    waited: list[float] = field(default_factory=list)
    left: int = 10_000

    def __call__(self, seconds: float) -> bool:
        self.waited.append(seconds)
        self.left -= 1
        return self.left >= 0


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with feed_server() as made:
        yield made


@pytest.fixture
def pauses() -> Pauses:
    return Pauses()


@pytest.fixture
def web(tmp_path: Path, pauses: Pauses) -> Iterator[Web]:
    made = Web(
        tmp_path / "fetched", allow_private=EVERYWHERE, environ={}, pause=pauses, now=lambda: NOW.timestamp()
    )
    yield made
    made.close()


def got(web: Web, url: str, *, most: int = 1_000_000, **more: Any) -> bytes | None:
    found = web.get(url, name="x", most=most, **more)
    if found is None:
        return None
    content = found.path.read_bytes()
    discard(found.path)
    return content


def failure(web: Web, url: str, **more: Any) -> str:
    with pytest.raises(FetchError) as found:
        got(web, url, **more)
    return found.value.problem.key


def test_what_a_server_still_has_is_not_sent_again(server: FeedServer, web: Web) -> None:
    url = server.put("/x", Page(body=b"one", etag='"1"', last_modified="Thu, 26 Nov 2026 00:00:00 GMT"))
    first = web.get(url, name="x", most=100)
    assert first is not None
    discard(first.path)
    assert first.given == Given(host="127.0.0.1", etag='"1"', modified="Thu, 26 Nov 2026 00:00:00 GMT")
    assert got(web, url, given=first.given) is None
    assert got(web, url, given=Given(host="other.example", etag='"1"')) == b"one"  # another one gave that


def test_what_was_fetched_and_not_used_yet_is_not_sent_again(server: FeedServer, web: Web) -> None:
    url = server.put("/x", Page(body=b"one", etag='"1"'))
    first, second = (web.get(url, name="x", most=100) for _ in range(2))
    assert first is not None
    assert second == first
    assert server.asked("/x")[1].headers["if-none-match"] == '"1"'


def test_a_document_goes_on_where_it_broke_off(server: FeedServer, web: Web, pauses: Pauses) -> None:
    whole = bytes(range(256)) * 1_000
    head = b'HTTP/1.1 200 OK\r\nETag: "1"\r\nContent-Length: %d\r\n\r\n' % len(whole)
    url = server.put("/x", sending(head + whole[:100_000]), Page(body=whole, etag='"1"', has_parts=True))
    assert got(web, url) == whole
    assert server.asked("/x")[1].headers["range"] == "bytes=100000-"
    assert pauses.waited == [FIRST_WAIT]


def test_it_goes_on_in_another_process_too(server: FeedServer, web: Web, pauses: Pauses) -> None:
    whole = bytes(range(256)) * 1_000
    head = b'HTTP/1.1 200 OK\r\nETag: "1"\r\nContent-Length: %d\r\n\r\n' % len(whole)
    url = server.put("/x", sending(head + whole[:100_000]), Page(body=whole, etag='"1"', has_parts=True))
    pauses.left = 0
    assert failure(web, url) in ("facts.fault_cut", "facts.fault_protocol")
    assert got(web, url) == whole
    assert server.asked("/x")[1].headers["range"] == "bytes=100000-"


def test_it_goes_on_although_the_process_had_no_time_to_note_anything(
    server: FeedServer, tmp_path: Path, pauses: Pauses
) -> None:
    whole = bytes(range(256)) * 4_000
    url = server.put("/x", Page(body=whole, etag='"1"', has_parts=True))

    def die(size: int) -> None:
        if size > len(whole) // 2:
            raise SystemExit

    for progress in (die, lambda _: None):
        one = Web(tmp_path / "fetched", allow_private=EVERYWHERE, environ={}, pause=pauses, progress=progress)
        with closing(one), suppress(SystemExit):
            assert got(one, url, most=len(whole)) == whole
            break
    first, second = server.asked("/x")
    assert "range" not in first.headers
    assert int(second.headers["range"].removeprefix("bytes=").removesuffix("-")) > len(whole) // 2


def test_without_an_etag_or_with_another_one_it_begins_anew(server: FeedServer, web: Web) -> None:
    cut = sending(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + b"old")
    assert got(web, server.put("/a", cut, Page(body=b"new", has_parts=True))) == b"new"
    cut = sending(b'HTTP/1.1 200 OK\r\nETag: "1"\r\nContent-Length: 100\r\n\r\n' + b"old")
    assert got(web, server.put("/b", cut, Page(body=b"new", etag='"2"', has_parts=True))) == b"new"


@pytest.mark.parametrize("status", [429, 503])
def test_a_server_that_is_busy_is_left_alone_for_as_long_as_it_asks(
    server: FeedServer, web: Web, pauses: Pauses, status: int
) -> None:
    busy = Page(status=status, headers={"Retry-After": "30"})
    assert got(web, server.put("/x", busy, Page(status=status), Page(body=b"one"))) == b"one"
    assert pauses.waited == [30.0, 60.0]


def test_a_wait_that_is_too_long_is_left_to_the_next_time(
    server: FeedServer, web: Web, pauses: Pauses
) -> None:
    assert (
        failure(web, server.put("/x", Page(status=429, headers={"Retry-After": "3600"}))) == "facts.http_429"
    )
    assert pauses.waited == []


def test_in_the_end_it_is_given_up(server: FeedServer, web: Web, pauses: Pauses) -> None:
    assert failure(web, server.put("/x", Page(status=503))) == "facts.http_status"
    assert len(server.asked("/x")) == ATTEMPTS
    assert max(pauses.waited) <= MOST_WAIT


@pytest.mark.parametrize(
    ("status", "key"), [(403, "facts.http_403"), (404, "facts.http_404"), (400, "facts.http_status")]
)
def test_what_does_not_change_by_waiting_is_said_at_once(
    server: FeedServer, web: Web, pauses: Pauses, status: int, key: str
) -> None:
    assert failure(web, server.put("/x", Page(status=status, body=b"why"))) == key
    assert pauses.waited == []


def test_redirects_are_followed_and_a_key_goes_to_nobody_else(server: FeedServer, web: Web) -> None:
    elsewhere = server.url("/there", "localhost")
    url = server.put("/x", Page(status=302, headers={"Location": elsewhere}))
    server.put("/there", Page(body=b"one", etag='"1"'))
    assert got(web, url, headers=((b"apiKey", b"secret"),)) == b"one"
    assert server.asked("/x")[0].headers["apikey"] == "secret"
    assert "apikey" not in server.asked("/there")[0].headers


def test_what_is_too_large_is_not_taken(server: FeedServer, web: Web, tmp_path: Path) -> None:
    assert failure(web, server.put("/x", Page(body=b"x" * 2_000)), most=1_000) == "facts.fault_body_too_large"
    bomb = Page(body=gzip.compress(bytes(10_000_000)), headers={"Content-Encoding": "gzip"})
    assert failure(web, server.put("/y", bomb)) == "facts.fault_body_too_large"
    assert sum(path.stat().st_size for path in (tmp_path / "fetched").iterdir()) <= 1_000_000


def test_a_private_address_is_not_asked_unless_the_file_names_it(server: FeedServer, tmp_path: Path) -> None:
    guarded = Web(tmp_path, environ={}, pause=Pauses())
    assert failure(guarded, server.put("/x", Page())) == "facts.fault_not_public"
    guarded.close()


def loaded(client: Any, cursor: Mapping[str, str], web: Web, source: Any) -> tuple[list[str], dict[str, str]]:
    """Takes all deliveries. Returns the names that are read, and the last cursor."""
    names: list[str] = []
    for delivery in client.deliveries(cursor, web):
        cursor = delivery.cursor
        if delivery.path is not None:
            names += [str(one.cve) for one in SOURCES[source](delivery.path).records(0)]  # type: ignore[union-attr]
            discard(delivery.path)
    return names, dict(cursor)


def archive(*cves: str) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for cve in cves:
            file.writestr(f"cves/{cve}.json", json.dumps(cve_record(cve)))
    return buffer.getvalue()


def releases(server: FeedServer, *names: str) -> Page:
    assets = [{"name": name, "browser_download_url": server.url(f"/{name}")} for name in names]
    return Page(body=json.dumps([{"assets": assets}, {"assets": [{"name": "notes.txt"}]}]).encode())


def test_the_cve_list_is_taken_whole_once_and_then_by_what_has_changed(server: FeedServer, web: Web) -> None:
    day = [
        "2026-11-26_all_CVEs_at_midnight.zip.zip",
        "2026-11-26_delta_CVEs_at_0900Z.zip",
        "2026-11-26_delta_CVEs_at_1000Z.zip",
    ]
    following = [
        "2026-11-26_delta_CVEs_at_end_of_day.zip", "2026-11-27_all_CVEs_at_midnight.zip.zip", "2026-11-27_delta_CVEs_at_0100Z.zip",
    ]  # fmt: skip
    contents = {
        day[0]: "CVE-2026-1000", day[1]: "CVE-2026-1009", day[2]: "CVE-2026-1010",
        following[0]: "CVE-2026-1024", following[2]: "CVE-2026-2001",
    }  # fmt: skip
    for name, cve in contents.items():
        server.put(f"/{name}", Page(body=archive(cve)))
    url = server.put("/releases", releases(server, *day), releases(server, *day), releases(server, *day, *following), releases(server, "2026-12-05_all_CVEs_at_midnight.zip.zip"))  # fmt: skip
    client = CveListClient(url)
    names, cursor = loaded(client, {}, web, CVELIST)
    assert names == ["CVE-2026-1000", "CVE-2026-1010"]
    names, cursor = loaded(client, cursor, web, CVELIST)
    assert names == []
    names, cursor = loaded(client, cursor, web, CVELIST)
    assert names == ["CVE-2026-1024", "CVE-2026-2001"]
    server.put("/2026-12-05_all_CVEs_at_midnight.zip.zip", Page(body=archive("CVE-2026-3000")))
    names, cursor = loaded(client, cursor, web, CVELIST)
    assert (names, cursor["day"]) == (["CVE-2026-3000"], "2026-12-05")


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"assets": 3}'])
def test_a_list_of_releases_that_is_none_is_said(server: FeedServer, web: Web, body: bytes) -> None:
    client = CveListClient(server.put("/releases", Page(body=body)))
    with pytest.raises(FetchError) as found:
        loaded(client, {}, web, CVELIST)
    assert found.value.problem.key == "facts.no_release"


def nvd_page(tmp_path: Path, *cves: str, start: int, total: int) -> Page:
    path = write_nvd(tmp_path / "page.json", *map(nvd_record, cves), startIndex=start, totalResults=total)
    return Page(body=path.read_bytes())


def test_nvd_is_read_page_by_page_and_then_by_what_has_changed(
    server: FeedServer, web: Web, pauses: Pauses, tmp_path: Path
) -> None:
    base = "/cves?resultsPerPage=2000&startIndex="
    server.put(f"{base}0", nvd_page(tmp_path, "CVE-2026-1001", "CVE-2026-1002", start=0, total=3))
    server.put(f"{base}2", nvd_page(tmp_path, "CVE-2026-1003", start=2, total=3))
    client = NvdClient(server.url("/cves"))
    first = next(iter(client.deliveries({}, web)))
    assert first.cursor == {"since": "", "until": NOW.isoformat(), "start": "2"}
    names, cursor = loaded(client, first.cursor, web, NVD)  # it was interrupted there
    assert (names, cursor) == (["CVE-2026-1003"], {"since": NOW.isoformat()})
    assert pauses.waited
    assert max(pauses.waited) <= PACE


def test_nvd_is_asked_for_no_longer_window_than_it_takes_and_with_the_key(
    server: FeedServer, web: Web, pauses: Pauses, tmp_path: Path
) -> None:
    times = "lastModStartDate={}&lastModEndDate={}"
    windows = [
        ("2026-05-01T11%3A30%3A00.000%2B00%3A00", "2026-08-28T12%3A30%3A00.000%2B00%3A00"),
        ("2026-08-28T11%3A30%3A00.000%2B00%3A00", "2026-11-26T12%3A30%3A00.000%2B00%3A00"),
    ]
    paths = [f"/cves?resultsPerPage=2000&startIndex=0&{times.format(*window)}" for window in windows]
    server.put(paths[0], nvd_page(tmp_path, "CVE-2026-1001", start=0, total=1))
    server.put(paths[1], nvd_page(tmp_path, start=0, total=0))
    client = NvdClient(server.url("/cves"), key="k")
    names, cursor = loaded(client, {"since": "2026-05-01T12:30:00+00:00"}, web, NVD)
    assert (names, cursor) == (["CVE-2026-1001"], {"since": NOW.isoformat()})
    assert [server.asked(path)[0].headers["apikey"] for path in paths] == ["k", "k"]
    assert max(pauses.waited) <= PACE_WITH_KEY


def test_jvn_is_taken_year_by_year_and_then_by_what_is_new(
    server: FeedServer, web: Web, tmp_path: Path
) -> None:
    def feed(number: int) -> Page:
        path = write_jvn(
            tmp_path / "jvn", jvn_item(f"JVNDB-2026-00000{number}", jvn_cve(f"CVE-2026-100{number}"))
        )
        return Page(body=path.read_bytes(), etag=f'"{number}"')

    server.put("/rss/years/jvndb_2025.rdf", feed(1))
    server.put("/rss/years/jvndb_2026.rdf", feed(2))
    server.put("/rss/jvndb.rdf", feed(3))
    client = JvnClient(server.url("/rss"))
    names, cursor = loaded(client, {}, web, JVN)
    assert [name for name in names if name.startswith("CVE")] == [
        "CVE-2026-1001",
        "CVE-2026-1002",
        "CVE-2026-1003",
    ]
    assert len(server.asked(f"/rss/years/jvndb_{FIRST_YEAR}.rdf")) == 1  # it has none, which is no problem
    assert loaded(client, cursor, web, JVN)[0] == []
    old = {**cursor, "read_at": "2026-11-20T00:00:00+00:00"}
    assert [name for name in loaded(client, old, web, JVN)[0] if name.startswith("CVE")] == [
        "CVE-2026-1002",
        "CVE-2026-1003",
    ]


def test_single_ids_are_asked_of_those_who_know_them(server: FeedServer, web: Web, tmp_path: Path) -> None:
    settings = FactsSettings(
        osv_url=server.url("/v1/"), ghsa_url=server.url("/"), nvd_url=server.url("/cves")
    )
    ids = [CveId("CVE-2099-1234"), CveId("GHSA-aaaa-bbbb-cccc")]
    server.put(
        "/v1/vulns/GHSA-aaaa-bbbb-cccc", Page(body=b'{"id": "GHSA-aaaa-bbbb-cccc", "modified": "2099"}')
    )
    advisory = {"ghsa_id": "GHSA-aaaa-bbbb-cccc", "updated_at": "2099"}
    server.put("/advisories?cve_id=CVE-2099-1234", Page(body=b"[]"))
    server.put("/advisories/GHSA-aaaa-bbbb-cccc", Page(body=json.dumps(advisory).encode()))
    server.put("/cves?cveId=CVE-2099-1234", nvd_page(tmp_path, "CVE-2099-1234", start=0, total=1))
    for source, expected in ((OSV, [ids[1]]), (GHSA, [ids[1]]), (NVD, [ids[0]])):
        assert loaded(client_of(source, settings, ids=ids), {}, web, source)[0] == expected
    with pytest.raises(KeyError):
        client_of(OSV, settings)
    with pytest.raises(KeyError):
        client_of(KEV, settings, ids=ids)
