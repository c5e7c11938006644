"""`vulns update` fetches: each source by itself, what is new, and what went wrong in a sentence."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.test_vulns import errors, folder, language, vulns
from tests.support.facts import CVE, ghsa_advisory, kev_entry, write_epss, write_kev
from tests.support.feedserver import FeedServer, Page, feed_server
from threatstamp.core.facts.document import FetchProblem
from threatstamp.http.errors import Fault
from threatstamp.store.facts import FactLookup
from threatstamp.texts.catalogue import Language, Texts

__all__ = ["folder", "language"]


@pytest.fixture
def server(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FeedServer]:
    """Serves KEV and EPSS; the settings name them, and no wait is longer than a moment."""
    monkeypatch.setattr("threatstamp.facts.web.FIRST_WAIT", 0.01)
    monkeypatch.setattr("threatstamp.facts.web.MOST_WAIT", 0.01)
    kev, epss = write_kev(folder / "kev", kev_entry()), write_epss(folder / "e.csv.gz", f"{CVE},0.94,0.998")
    with feed_server() as server:
        server.put("/kev", Page(body=kev.read_bytes(), etag='"1"'))
        server.put("/epss", Page(body=epss.read_bytes(), etag='"1"'))
        addresses = "".join(f'{name}_url = "{server.url(f"/{name}")}"\n' for name in ("kev", "epss", "ghsa"))
        with (folder / "threatstamp.toml").open("a", encoding="utf-8") as file:
            file.write(f'[facts]\nsources = ["kev", "epss"]\n{addresses}')
        yield server


def states(folder: Path) -> dict[str, FetchProblem | None]:
    found = FactLookup(f"sqlite:///{folder / 'desk.db'}").states()
    return {str(one.source): one.problem for one in found}


def test_the_sources_of_the_settings_are_fetched_and_once_more_only_if_they_changed(
    folder: Path, server: FeedServer
) -> None:
    done = vulns("update")
    assert (done.exit_code, done.stderr) == (0, "")
    assert json.loads(vulns("show", CVE, "--json").stdout)["epss"]["score"] == 0.94
    assert vulns("show", CVE).exit_code == 0
    again = vulns("update")
    assert again.exit_code == 0
    assert [len(again.stdout.splitlines()), server.counts()] == [2, {"/kev": 2, "/epss": 2}]
    assert server.asked("/kev")[1].headers["if-none-match"] == '"1"'
    assert states(folder) == {"kev": None, "epss": None}
    assert list((folder / "desk.db.bulk.fetch").iterdir()) == []


@pytest.mark.parametrize(
    ("page", "key"),
    [
        (Page(status=403), "http_403"),
        (Page(status=404), "http_404"),
        (Page(status=429, headers={"Retry-After": "900"}), "http_429"),
        (Page(status=503), "http_status"),
        (Page(body=b"<html>Please sign in</html>"), "foreign"),
        (Page(status=302, headers={"Location": "/kev"}), "fault_too_many_redirects"),
    ],
)
def test_one_that_fails_is_said_with_what_to_do_and_does_not_stop_the_others(
    folder: Path, server: FeedServer, page: Page, key: str, language: str
) -> None:
    server.put("/kev", page)
    done = vulns("update")
    assert (done.exit_code, len(done.stdout.splitlines())) == (1, 1)
    texts = Texts(Language(language))
    assert texts.told(f"facts.{key}", {"host": "127.0.0.1", "status": "503"}) in done.stderr
    assert "--from" in done.stderr
    assert json.loads(vulns("show", CVE, "--json").stdout)["epss"] is not None
    found = states(folder)
    assert found["kev"] is not None
    assert (found["kev"].key, found["epss"]) == (f"facts.{key}", None)
    assert list((folder / "desk.db.bulk.fetch").iterdir()) == []


def test_an_advisory_is_fetched_by_its_id(folder: Path, server: FeedServer) -> None:
    server.put("/ghsa/advisories/GHSA-aaaa-bbbb-cccc", Page(body=json.dumps(ghsa_advisory()).encode()))
    assert vulns("update", "ghsa", "--id", "GHSA-AAAA-bbbb-cccc").exit_code == 0
    for name in (CVE, "GHSA-aaaa-bbbb-cccc"):
        assert json.loads(vulns("show", name, "--json").stdout)["title"] == "A flaw in hakobune"
    for wrong in (("ghsa",), ("kev", "--id", CVE), ("--id", CVE), ("ghsa", "--id", "x")):
        done = vulns("update", *wrong)
        assert (done.exit_code, done.stdout) == (2, "")
        assert done.stderr


def test_an_unreadable_key_is_said(folder: Path, server: FeedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NVD_API_KEY_FILE", str(folder / "missing"))
    done = vulns("update", "kev")
    assert done.exit_code != 0
    assert "NVD_API_KEY" in errors(done)


@pytest.mark.parametrize("language_of_texts", Language)
def test_every_fault_has_its_sentence(language_of_texts: Language) -> None:
    texts = Texts(language_of_texts)
    assert [fault for fault in Fault if not texts.has(f"facts.fault_{fault}")] == []
