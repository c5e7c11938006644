"""`check` says of each source of facts whether it answers, when it was loaded, and what to do."""

from __future__ import annotations

import json
import re
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.commands import TownWithCommands as Town
from tests.support.feedserver import FeedServer, Page, Send, feed_server
from threatstamp.app.check.facts import KNOWN_RECORD, check_facts
from threatstamp.app.check.finding import Check
from threatstamp.app.clock import SystemClock
from threatstamp.config.published import WHOLE_SOURCES
from threatstamp.config.settings import read_settings
from threatstamp.core.facts.assessment import EPSS, KEV, FactSource
from threatstamp.core.facts.document import FactLoad, FetchProblem, SourceState
from threatstamp.core.time import DAY, HOUR, Micros
from threatstamp.store.bulk import bulk_file
from threatstamp.store.facts import open_facts
from threatstamp.texts.catalogue import Language, Message, Texts, room_messages

NVD_ASKED = "/nvd?resultsPerPage=1&startIndex=0"
REST = """
[[sources]]
channel = "#security-news"
[[routes]]
reaction = "eyes"
to = []
"""
OK = Page(body=b"{}", headers={"Content-Type": "application/json"})


@pytest.fixture
def server() -> Iterator[FeedServer]:
    """A server on which every source answers."""
    with feed_server() as server:
        for path in ("/cvelist", NVD_ASKED, "/kev", "/epss", "/jvn/jvndb.rdf", f"/record/{KNOWN_RECORD}"):
            server.put(path, OK)
        yield server


class Desk:
    """A desk's file, with the sources of a server; what is loaded is as old as a test wants it."""

    def __init__(self, folder: Path, server: FeedServer) -> None:
        self.file = folder / "threatstamp.toml"
        self.database = f"sqlite:///{folder / 'desk.db'}"
        self.server = server
        self.now = SystemClock().now()

    def settle(self, language: Language, *sources: str, **addresses: str) -> None:
        urls = {name: self.server.url(f"/{name}") for name in (*WHOLE_SOURCES, "record")} | addresses
        lines = [f'language = "{language}"', 'database = "sqlite:///desk.db"', "[facts]"]
        lines += [
            f"sources = {json.dumps(sources)}",
            *(f'{name}_url = "{url}"' for name, url in urls.items()),
        ]
        self.file.write_text("\n".join(lines) + REST, encoding="utf-8")

    def load(self, source: FactSource, *, ago: int, is_done: bool = True, by_hand: bool = False) -> None:
        at = Micros(self.now - ago)
        load = FactLoad(
            source=source, edition="1", digest="", position=1, broken=0, began_at=at, is_done=is_done
        )
        facts = open_facts(self.database)
        facts.note(load)
        if not by_hand:
            facts.keep(SourceState(source=source, tried_at=at, fetched_at=at if is_done else None))
        facts.close()

    def fail(self, source: FactSource) -> None:
        facts = open_facts(self.database)
        state = facts.state(source) or SourceState(source=source, tried_at=self.now)
        problem = FetchProblem(key="facts.http_429", values={"host": "127.0.0.1"})
        facts.keep(replace(state, tried_at=self.now, failures=2, problem=problem))
        facts.close()

    def check(self, language: Language, **environ: str) -> dict[str, Check]:
        checks = list(check_facts(read_settings(self.file), Texts(language), environ))
        assert all(one.part == "facts" for one in checks)
        found = {one.name: one for one in checks}
        assert len(found) == len(checks)
        return found


@pytest.fixture
def desk(tmp_path: Path, server: FeedServer) -> Desk:
    return Desk(tmp_path, server)


def said(check: Check, key: str, language: Language) -> bool:
    """True if a check says this sentence, whatever is filled in."""

    def has(words: str, message: Message) -> bool:
        assert isinstance(message, str)
        return re.fullmatch(re.sub(r"\\{\w+\\}", ".+", re.escape(message)), words, re.DOTALL) is not None

    return has(check.message, room_messages(language, "facts")[f"check_{key}"])


@pytest.mark.parametrize("language", Language)
def test_each_state_of_a_source_is_a_sentence_with_what_to_do(desk: Desk, language: Language) -> None:
    desk.settle(language, "kev")
    name = bulk_file(Path("desk.db")).name
    first = desk.check(language)
    assert said(first[name], "none", language)
    assert said(first["kev"], "reached_new", language)
    for ago, is_done, key in ((HOUR, True, "reached"), (2 * DAY, True, "old"), (HOUR, False, "cut")):
        desk.load(KEV, ago=ago, is_done=is_done)
        check = desk.check(language)["kev"]
        assert said(check, key, language), check.message
        assert check.ok
        assert ("vulns update kev" in check.fix) is (key != "reached")
    desk.fail(KEV)
    check = desk.check(language)["kev"]
    assert said(check, "failed", language)
    assert Texts(language).told("facts.http_429", {"host": "127.0.0.1"}) in check.message
    assert (check.ok, "vulns update kev" in check.fix) == (True, True)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize(
    ("page", "problem"),
    [
        (Page(status=503), "http_status"),
        (Page(status=403), "http_403"),
        (Page(raw=lambda send: None), "fault_protocol"),
        (Page(body=b"<html>Sign in", headers={"Content-Type": "text/html; charset=utf-8"}), "foreign"),
    ],
)
def test_a_source_that_cannot_be_reached_fails_and_what_is_loaded_of_it_is_said(
    desk: Desk, language: Language, page: Page, problem: str
) -> None:
    desk.settle(language, "epss", "kev")
    desk.server.put("/epss", page)
    new = desk.check(language)
    desk.load(EPSS, ago=HOUR)
    old = desk.check(language)["epss"]
    words = Texts(language).told(f"facts.{problem}", {"host": "127.0.0.1", "status": "503"})
    for check, key in ((new["epss"], "out_new"), (old, "out")):
        assert said(check, key, language)
        assert check.message.startswith(words)
        assert not check.ok
        assert "--from" in check.fix
        assert "epss_url" in check.fix
    assert new["kev"].ok


class Keyed(Page):
    """A page that refuses whoever brings a key, with its status."""

    def answer(self, asked: Mapping[str, str]) -> bytes:
        return super().answer(asked) if "apikey" in asked else OK.answer(asked)


@pytest.mark.parametrize("language", Language)
def test_a_key_that_nvd_refuses_is_told_from_an_address_that_is_wrong(desk: Desk, language: Language) -> None:
    desk.settle(language, "nvd")
    assert "NVD_API_KEY" not in desk.check(language)
    check = desk.check(language, NVD_API_KEY="right")["NVD_API_KEY"]
    assert said(check, "key", language)
    keys = [one.headers.get("apikey") for one in desk.server.asked(NVD_ASKED)]
    assert (len(keys), keys.count("right"), keys.count(None)) == (3, 1, 2)
    for status, key in ((404, "key_refused"), (403, "key_refused"), (503, "key_untried")):
        desk.server.put(NVD_ASKED, Keyed(status=status))
        found = desk.check(language, NVD_API_KEY="wrong-key")
        check = found["NVD_API_KEY"]
        assert found["nvd"].ok
        assert said(check, key, language)
        assert (check.ok, bool(check.fix)) == (key == "key_untried", True)
        assert "wrong-key" not in f"{check.message}{check.fix}"
    desk.server.put(NVD_ASKED, Page(status=404))
    found = desk.check(language, NVD_API_KEY="right")
    assert (found["nvd"].ok, "NVD_API_KEY" in found) == (False, False)
    unread = desk.check(language, NVD_API_KEY_FILE=str(desk.file.with_name("missing")))["NVD_API_KEY"]
    assert not unread.ok


@pytest.mark.parametrize("language", Language)
def test_the_service_for_single_records_is_checked_beside_the_cve_list(
    desk: Desk, language: Language
) -> None:
    desk.settle(language, "cvelist")
    name = "cvelist (record_url)"
    for page, key in ((OK, "answers"), (Page(status=404), "answers"), (Page(status=500), "records_out")):
        desk.server.put(f"/record/{KNOWN_RECORD}", page)
        found = desk.check(language)
        assert found["cvelist"].ok
        assert said(found[name], key, language)
        assert found[name].ok is (key == "answers")
        assert ("record_url" in found[name].fix) is (key != "answers")


@pytest.mark.parametrize("language", Language)
def test_what_was_loaded_from_a_file_is_not_asked_for_and_is_old_after_a_week(
    desk: Desk, language: Language
) -> None:
    desk.settle(language)
    assert desk.check(language) == {}
    for ago, is_done, key in ((DAY, True, "by_file"), (8 * DAY, True, "file_old"), (DAY, False, "file_cut")):
        desk.load(KEV, ago=ago, is_done=is_done, by_hand=True)
        found = desk.check(language)
        assert said(found[bulk_file(Path("desk.db")).name], "readable", language)
        assert said(found["kev"], key, language)
        assert ("--from" in found["kev"].fix) is (key != "by_file")
    assert desk.server.counts() == {}


@pytest.mark.parametrize("language", Language)
def test_facts_that_cannot_be_read_are_said_and_the_sources_are_asked_all_the_same(
    desk: Desk, language: Language
) -> None:
    desk.settle(language, "kev", "epss")
    desk.load(KEV, ago=HOUR)
    desk.server.put("/epss", Page(status=503))
    file = bulk_file(desk.file.with_name("desk.db"))
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE bulk_fact_layout SET layout = 999")
        connection.commit()
    check = desk.check(language)[str(file)]
    assert said(check, "layout", language)
    assert (check.ok, "vulns update" in check.fix) == (True, True)
    file.write_bytes(b"no database at all" * 1000)
    found = desk.check(language)
    assert said(found[str(file)], "broken", language)
    assert (found[str(file)].ok, bool(found[str(file)].fix)) == (False, True)
    assert said(found["kev"], "answers", language)
    assert found["epss"].message == Texts(language).told(
        "facts.http_status", {"host": "127.0.0.1", "status": "503"}
    )
    assert "epss_url" in found["epss"].fix


def test_sources_are_asked_at_the_same_time_and_nothing_is_loaded(town: Town, server: FeedServer) -> None:
    """A catalogue of which only the head comes would hold up anything that waits for all of it."""
    slow = threading.Event()

    def head_alone(send: Send) -> None:
        send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 3000000\r\n\r\n{")
        slow.wait(60)

    together = threading.Barrier(2)

    def with_another(send: Send) -> None:
        together.wait(60)
        head_alone(send)

    server.put("/kev", Page(raw=with_another))
    server.put("/epss", Page(raw=with_another))
    urls = "\n".join(f'{name}_url = "{server.url(f"/{name}")}"' for name in ("kev", "epss"))
    town.settle(top=f'[facts]\nsources = ["kev", "epss"]\n{urls}')
    done = town.command("check", "--json")
    slow.set()
    checks = [one for one in json.loads(done.stdout)["checks"] if one["part"] == "facts"]
    assert [(one["name"], one["ok"]) for one in checks] == [
        ("desk.db.bulk", True),
        ("kev", True),
        ("epss", True),
    ]
    assert done.returncode == 0
    assert not (town.folder / "desk.db.bulk").exists()
    assert not (town.folder / "desk.db.bulk.fetch").exists()
