"""A CVE that no source had yet when news named it: the message gets the facts later, once, also after kills."""

from __future__ import annotations

import json
import signal
import sqlite3
import threading
from contextlib import closing

import pytest

from tests.support.commands import TownWithCommands
from tests.support.desks import wait
from tests.support.facts import CRITICAL, CVE, cve_record, nvd_record, write_nvd
from tests.support.feedserver import FeedServer, Page, feed_server
from tests.support.forks import HANG, Forked
from tests.support.town import NEWS, is_quiet
from threatstamp.store import open_store
from threatstamp.store.facts import FactLookup

RECORD, OF_NVD = f"/record/{CVE}", f"/nvd?cveId={CVE}"
SETTINGS = """[fetch]
allow_private = ["127.0.0.0/8"]
[facts]
sources = ["{source}"]
cvelist_url = "{url}/releases"
nvd_url = "{url}/nvd"
record_url = "{url}/record"
[[feeds]]
name = "架空"
url = "{url}/feed"
channel = "#security-news"
every = "1d"
"""
ITEM = f"<item><title>箱舟FTPに脆弱性（{CVE}）</title><link>https://feed.example/1</link></item>"
RSS = f'<rss version="2.0"><channel><title>架空</title>{ITEM}</channel></rss>'
HEAD = {"format": "NVD_CVE", "version": "2.0", "timestamp": "2099-01-03T00:00:00.000"}
NOBODY = {"resultsPerPage": 0, "startIndex": 0, "totalResults": 0, **HEAD, "vulnerabilities": []}
SCORED = {"metrics": [{"cvssV3_1": {"version": "3.1", "vectorString": CRITICAL, "baseScore": 9.8}}]}


def page(body: object) -> Page:
    return Page(body=json.dumps(body).encode(), headers={"Content-Type": "application/json"})


def of_nvd() -> Page:
    data = {"type": "Primary", "source": "nvd@nist.gov"}
    scored = {**data, "cvssData": {"version": "3.1", "vectorString": CRITICAL, "baseScore": 9.8}}
    cve = nvd_record(metrics={"cvssMetricV31": [scored]})
    return page({**NOBODY, "resultsPerPage": 1, "totalResults": 1, "vulnerabilities": [{"cve": cve}]})


def shown(town: TownWithCommands) -> str:
    [post] = town.workspace.messages(NEWS)
    return json.dumps(post, ensure_ascii=False)


def replies(town: TownWithCommands) -> list[str]:
    [post] = town.workspace.messages(NEWS)
    every = town.workspace.messages(NEWS, thread_ts=str(post["ts"]))
    return [str(one["text"]) for one in every if one["ts"] != post["ts"]]


def known(town: TownWithCommands) -> set[str]:
    found = FactLookup(town.database).find([CVE])
    return {str(said.said.source) for one in found for said in one.said}


def kill(desk: Forked) -> None:
    desk.send_signal(signal.SIGKILL)
    assert desk.wait() == -signal.SIGKILL


def unknown(server: FeedServer) -> None:
    server.put("/feed", Page(body=RSS.encode(), headers={"Content-Type": "application/xml"}))
    server.put("/releases", page([]))
    server.put(RECORD, Page(status=404))
    server.put(OF_NVD, page(NOBODY))


def load_another(town: TownWithCommands, source: str) -> None:
    """The source is loaded as a whole before: what it says later is new."""
    town.settle()
    if source == "nvd":
        file = write_nvd(town.folder / "nvd.json", nvd_record("CVE-2099-9999"))
    else:
        file = town.folder / "record.json"
        file.write_text(json.dumps(cve_record("CVE-2099-9999")), encoding="utf-8")
    done = town.command("vulns", "update", source, "--from", str(file))
    assert done.returncode == 0, done.stderr


def an_hour_later(town: TownWithCommands) -> None:
    """Has the facts of the CVE come an hour after the post."""
    with closing(sqlite3.connect(town.folder / "desk.db.bulk")) as connection:
        connection.execute("UPDATE bulk_assessments SET read_at = read_at + 3600000000 WHERE cve = ?", [CVE])
        connection.commit()


@pytest.mark.parametrize("source", ["cvelist", pytest.param("nvd", marks=pytest.mark.thorough)])
def test_the_message_is_edited_once_a_source_knows_a_new_cve_also_if_the_desk_is_killed_between(
    town: TownWithCommands, source: str
) -> None:
    address = {"cvelist": RECORD, "nvd": OF_NVD}[source]
    with feed_server() as server:
        unknown(server)
        load_another(town, source)
        town.settle(top=SETTINGS.format(url=server.url("").rstrip("/"), source=source))
        desk = town.begin("run")
        town.wait_for_message(NEWS, CVE)
        assert "9.8" not in shown(town)
        assert wait(lambda: server.asked(address), HANG)
        kill(desk)  # that it was not known is in memory alone
        asked = len(server.asked(address))
        answered, gate = {"cvelist": page(cve_record(cna=SCORED)), "nvd": of_nvd()}[source], threading.Event()
        server.put(address, Page(raw=lambda send: gate.wait(HANG) and send(answered.answer({}))))
        desk = town.begin("run")
        assert wait(lambda: len(server.asked(address)) > asked, HANG)
        with closing(sqlite3.connect(town.folder / "desk.db", isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")  # nothing more goes on record
            gate.set()
            assert wait(lambda: known(town) == {source}, HANG)
            kill(desk)  # it is known, and the story was not assessed anew
        an_hour_later(town)
        desk = town.begin("run")
        town.workspace.wait_for(lambda: "9.8" in shown(town))
        store = open_store(town.database)
        assert wait(lambda: replies(town) and is_quiet(store), HANG)
        store.close()
        desk.terminate()
        assert desk.wait() == 0
    assert len(server.asked(address)) == asked + 1
    assert "優先度：" in shown(town)
    assert ["9.8" in one for one in replies(town)] == [True]
    assert town.command("ledger", "verify", "--records").returncode == 0
