"""`read` as anybody would run it: JSON for programs, lines for people, exit codes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from rich.cells import cell_len

from threatstamp.cli import cli

FEED = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0"><channel><title>架空セキュリティ情報</title><link>https://news.example/</link>
<item><title>ゲートの脆弱性</title><link>https://news.example/1</link><guid isPermaLink="false">1</guid>
<pubDate>Tue, 24 Nov 2026 09:05:07.9 +0900</pubDate><author>desk@news.example (News Desk)</author>
<description>&lt;p&gt;更新してください。&lt;/p&gt;&lt;p&gt;至急。&lt;/p&gt;</description></item>
<item><guid isPermaLink="false">2</guid><title>Undated</title></item>
</channel></rss>"""
EMPTY = '<rss version="2.0"><channel><title>Quiet</title></channel></rss>'

NOTHING = {
    "ids": [],
    "products": [],
    "kind": "other",
    "kind_why": [],
    "layer": "strategic",
    "indicators": [],
    "names": [],
    "cvss": [],
    "cpes": [],
}
"""What was read out of a story that says nothing."""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "feed.xml").write_text(FEED, encoding="utf-8")
    (tmp_path / "empty.xml").write_text(EMPTY, encoding="utf-8")
    (tmp_path / "page.html").write_text("<html><body>Hello</body></html>", encoding="utf-8")
    (tmp_path / "cut.xml").write_text(FEED[: FEED.index("Undated")], encoding="utf-8")
    return tmp_path


def read(*names: str, given: str | bytes | None = None, language: str = "C.UTF-8") -> Any:
    environ = {"LANG": language, "LC_ALL": language}
    return CliRunner().invoke(cli, ["read", *names], input=given, env=environ, prog_name="threatstamp")


def test_one_document_is_one_object_in_the_form_that_programs_rely_on(folder: Path) -> None:
    done = read("feed.xml", "--json")
    assert done.exit_code == 0
    assert json.loads(done.stdout) == {
        "feed": {"title": "架空セキュリティ情報", "link": "https://news.example/"},
        "entries": [
            {
                "entry_id": "1",
                "title": "ゲートの脆弱性",
                "link": "https://news.example/1",
                "summary": "更新してください。\n至急。",
                "published_at": "2026-11-24T00:05:07Z",
                "updated_at": None,
                "authors": ["News Desk"],
                **NOTHING,
                "kind": "vulnerability",
                "kind_why": ["脆弱性"],
                "layer": "operational",
            },
            {
                "entry_id": "2",
                "title": "Undated",
                "link": None,
                "summary": None,
                "published_at": None,
                "updated_at": None,
                "authors": [],
                **NOTHING,
            },
        ],
        "problem": None,
    }


def test_several_documents_are_one_object_a_line_and_one_that_is_none_makes_exit_1(folder: Path) -> None:
    done = read("feed.xml", "page.html", "empty.xml", "--json")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.exit_code == 1
    assert [len(one["entries"]) for one in lines] == [2, 0, 0]
    assert [one["problem"] and one["problem"]["kind"] for one in lines] == [None, "not_a_feed", None]


def test_an_empty_feed_is_understood(folder: Path) -> None:
    done = read("empty.xml", "--json")
    assert done.exit_code == 0
    assert json.loads(done.stdout) == {
        "feed": {"title": "Quiet", "link": None},
        "entries": [],
        "problem": None,
    }


def test_entries_saved_from_a_broken_document_come_with_its_problem(folder: Path) -> None:
    done = read("cut.xml", "--json")
    found = json.loads(done.stdout)
    assert done.exit_code == 1
    assert [one["entry_id"] for one in found["entries"]] == ["1"]
    assert found["problem"]["kind"] == "malformed"
    assert found["problem"]["message"]


def test_standard_input_is_read_as_bytes(folder: Path) -> None:
    done = read("-", "--json", given=FEED.replace("UTF-8", "Shift_JIS").encode("cp932"))
    assert done.exit_code == 0
    assert json.loads(done.stdout)["entries"][0]["title"] == "ゲートの脆弱性"


def test_a_zone_can_be_named_for_dates_without_one(folder: Path) -> None:
    (folder / "feed.xml").write_text(FEED.replace(":07.9 +0900", ""), encoding="utf-8")
    for zone, expected in (("UTC", "2026-11-24T09:05:00Z"), ("Asia/Tokyo", "2026-11-24T00:05:00Z")):
        found = json.loads(read("feed.xml", "--json", "--timezone", zone).stdout)
        assert found["entries"][0]["published_at"] == expected


def test_settings_that_are_there_count_and_broken_ones_do_not_matter(folder: Path) -> None:
    (folder / "feed.xml").write_text(FEED.replace(":07.9 +0900", ""), encoding="utf-8")
    (folder / "threatstamp.toml").write_text("this is no TOML", encoding="utf-8")
    found = json.loads(read("feed.xml", "--json").stdout)
    assert found["entries"][0]["published_at"] == "2026-11-24T00:05:00Z"


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (("nowhere.xml",), "no file nowhere.xml"),
        (("feed.xml", "nowhere.xml"), "no file nowhere.xml"),
        ((".",), ". is a folder"),
        (("feed.xml", "--timezone", "Mars/Olympus"), "not a time zone"),
        (("feed.xml", "--timezone", "../../etc/passwd"), "not a time zone"),
        (("feed.xml", "--allow-private", "home"), "not a network"),
        ((), "FILE|URL|-"),
        (("feed.xml", "--jsn"), "--jsn"),
    ],
)
def test_wrong_use_is_exit_2_with_a_sentence_and_nothing_read(
    folder: Path, names: tuple[str, ...], words: str
) -> None:
    done = read(*names)
    assert done.exit_code == 2
    assert words in done.stderr
    assert done.stdout == ""


def test_people_get_lines_in_their_language(folder: Path) -> None:
    done = read("feed.xml", "page.html", language="ja_JP.UTF-8")
    assert "2件" in done.stdout
    assert "2026-11-24 09:05  ゲートの脆弱性" in done.stdout
    assert "（日付なし）" in done.stdout
    assert "問題：" in done.stdout
    done = read("feed.xml", "page.html")
    assert "2 entries, https://news.example/" in done.stdout
    assert "Problem: This is a web page" in done.stdout
    assert "\x1b" not in done.stdout


def test_lines_keep_to_the_width_of_a_terminal_in_japanese_too(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    (folder / "feed.xml").write_text(FEED.replace("至急。", "至急。" * 80), encoding="utf-8")
    lines = read("feed.xml").stdout.splitlines()
    cut = next(line for line in lines if line.endswith("…"))
    assert 57 <= cell_len(cut) <= 60
    undated = next(line for line in lines if line.endswith("Undated"))
    assert cell_len(undated) - cell_len("Undated") == 18


def test_what_a_document_says_cannot_steer_the_terminal(folder: Path) -> None:
    (folder / "feed.xml").write_text(FEED.replace("Undated", "A\x1b[31m&#x9b;31mB\u202e"), encoding="utf-8")
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", read("feed.xml").stdout)


class _Server(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = (
            FEED.replace("https://news.example/1", "/1")
            .replace("<link>https://news.example/</link>", "")
            .encode()
        )
        self.send_response(404 if self.path == "/gone" else 200)
        self.send_header("Content-Type", "application/rss+xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def address() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), _Server) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_an_address_is_fetched_and_is_the_base_of_relative_links(folder: Path, address: str) -> None:
    done = read(f"{address}/rss", "--json", "--allow-private", "127.0.0.0/8")
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout)["entries"][0]["link"] == f"{address}/1"
    done = read(f"{address}/gone", "--json", "--allow-private", "127.0.0.1")
    assert (done.exit_code, json.loads(done.stdout)["problem"]["kind"]) == (1, "http")


def test_a_private_address_is_not_asked_unless_it_is_allowed(folder: Path, address: str) -> None:
    done = read(f"{address}/rss", "--json")
    assert done.exit_code == 1
    assert json.loads(done.stdout)["problem"]["kind"] == "forbidden_address"
    assert "--allow-private 127.0.0.1" in done.stdout


def test_the_command_starts_quickly_and_without_what_it_does_not_need(folder: Path) -> None:
    words = "import sys; from threatstamp.cli import cli; cli(['read', 'feed.xml', '--json'], standalone_mode=False)"
    script = f"try:\n exec({words!r})\nexcept SystemExit: pass\nimport sys; print(sorted(sys.modules), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env={**os.environ})
    assert json.loads(done.stdout)["entries"]
    heavy = (
        "sqlalchemy",
        "dbos",
        "slack_sdk",
        "slack_bolt",
        "httpx2",
        "starlette",
        "rich",
        "threatstamp.http",
    )
    assert not [name for name in heavy if f"'{name}'" in done.stderr]
