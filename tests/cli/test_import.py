"""`import sheet`: the record of the old script, and the way over from it."""

from __future__ import annotations

import json

import pytest

from tests.support.commands import TownWithCommands as Town
from tests.support.googlesheets import SPREADSHEET, FakeGoogle, fake_google, service_account
from tests.support.town import ALERT, NEWS, SERVERS, TANAKA, YAMADA


def link(post: str, channel: str = NEWS) -> str:
    return f"https://town.slack.com/archives/{channel}/p{post.replace('.', '')}"


def write(town: Town, *rows: str, name: str = "old.csv") -> str:
    (town.folder / name).write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")
    return name


def test_each_broken_row_is_named_and_the_others_are_on_record_once(town: Town) -> None:
    town.settle()
    post = "1764000000.000100"
    reply = f"{link(post, SERVERS)}?thread_ts=1764000000.000050&cid={SERVERS}"
    name = write(
        town,
        "url,reaction",
        f"{link(post)},rotating_light",
        f"{reply},:+1::skin-tone-2:",
        "https://news.example/1,wrench",
        f"{link(post)},",
        f"{link(post)},1",
        ",wrench",
        f'{link(post)},"wrench',
        f"{link(post)},two words",
        f"{link(post)},🚨",
    )
    done = town.command("import", "sheet", name)
    assert done.returncode == 1
    assert [line.split(": ")[0] for line in done.stderr.splitlines()] == [
        f"old.csv:{n}" for n in range(4, 10)
    ]
    assert "9行のうち、取り込み2行、記録済み1行、本プログラムの記録0行、読めない行6行" in done.stdout
    again = town.command("import", "sheet", name, "--json")
    body = json.loads(again.stdout)
    assert (again.returncode, body["imported"], body["known"]) == (1, 0, 3)
    assert [(one["row"], one["reason"]) for one in body["broken"]] == [
        (4, "no_post"),
        (5, "no_reaction"),
        (6, "number"),
        (7, "no_link"),
        (8, "csv"),
        (9, "no_emoji"),
    ]
    listed = town.command("ledger", "list").stdout.splitlines()
    assert len(listed) == 2
    assert ":rotating_light:  旧記録の2行目" in listed[0]
    assert town.command("ledger", "verify", "--records").returncode == 0


def test_after_the_way_over_nothing_is_forwarded_twice_and_nothing_is_missed(town: Town) -> None:
    """The script has forwarded the first post, and was stopped before it saw the second."""
    first, second = town.post("一つ目"), town.post("二つ目", "https://news.example/2")
    for post in (first, second):
        town.workspace.react(YAMADA, NEWS, post, "rotating_light")
    town.settle()
    name = write(town, f"{link(first)},rotating_light")
    assert town.command("import", "sheet", name).returncode == 0
    assert town.workspace.messages(ALERT) == []
    done = town.command("sweep", "--forward-existing")
    assert done.returncode == 0, done.stderr
    assert "1件" in done.stdout
    [message] = town.workspace.messages(ALERT)
    assert "二つ目" in str(message["text"])
    town.start()
    town.workspace.react(TANAKA, NEWS, first, "rotating_light")
    town.workspace.react(TANAKA, NEWS, first, "wrench")
    town.wait_for_message(SERVERS)
    town.wait_until_quiet()
    assert len(town.workspace.messages(ALERT)) == 1
    assert len(town.ledger("stamp")) == 4


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "no.csv cannot be read"),
        (b"a\x00b", "is not CSV in UTF-8, UTF-16 or CP932"),
        (b"reaction,to\neyes,#a\n", "no link to a post"),
        (b"", "no link to a post"),
    ],
)
def test_a_file_that_is_no_record_is_exit_2_and_creates_nothing(
    town: Town, content: bytes | None, words: str
) -> None:
    path = town.settle()
    path.write_text(path.read_text(encoding="utf-8").replace('"ja"', '"en"'), encoding="utf-8")
    if content is not None:
        (town.folder / "no.csv").write_bytes(content)
    done = town.command("import", "sheet", "no.csv")
    assert (done.returncode, words in done.stderr) == (2, True), done.stderr
    assert not (town.folder / "desk.db").exists()


def settle_with_spreadsheet(town: Town, google: FakeGoogle, *, record: str = "record") -> None:
    pytest.importorskip("google.auth", reason="the extra `sheets` is not installed")
    service_account(google, town.folder)
    named = f'record = "{record}"' if record else ""
    town.settle(
        sources=f"""[sheets]
id = "{SPREADSHEET}"
{named}
api_url = "{google.url}"
credentials = "service-account.json"
"""
    )


def test_the_spreadsheet_itself_is_read_with_the_links_behind_its_labels(town: Town) -> None:
    posts = [f"1764000000.000{n}00" for n in range(4)]
    with fake_google() as google:
        settle_with_spreadsheet(town, google)
        google.tabs["record"] = google.tabs["old"] = [
            ["url", "reaction", "note", "key"],
            [link(posts[0]), "rotating_light"],
            [],
            [f'=HYPERLINK("{link(posts[1])}","the post")', ":wrench:", "seen"],
            [link(posts[2]), "wrench", "", "0f0f"],
            ["the post", "wrench"],
        ]
        done = town.command("import", "sheet", "--sheets")
        assert done.returncode == 1
        assert done.stderr.startswith("record:6: ")
        assert "4行のうち、取り込み2行、記録済み0行、本プログラムの記録1行、読めない行1行" in done.stdout
        again = json.loads(town.command("import", "sheet", "--tab", "old", "--json").stdout)
        assert (again["imported"], again["known"]) == (0, 2)


def test_a_spreadsheet_that_cannot_be_read_is_said_with_what_to_do(town: Town) -> None:
    with fake_google() as google:
        settle_with_spreadsheet(town, google, record="")
        done = town.command("import", "sheet", "--sheets")
        assert (done.returncode, "--tab" in done.stderr) == (2, True)
        done = town.command("import", "sheet", "--tab", "none")
        assert (done.returncode, "シートがありません" in done.stderr) == (1, True), done.stderr
        google.faults.append(403)
        done = town.command("import", "sheet", "--tab", "record")
        assert (done.returncode, "desk@" in done.stderr) == (1, True), done.stderr


@pytest.mark.parametrize("given", [(), ("old.csv", "--sheets"), ("old.csv", "--tab", "x")])
def test_it_reads_one_thing(town: Town, given: tuple[str, ...]) -> None:
    done = town.command("import", "sheet", *given)
    assert (done.returncode, "一つだけ" in done.stderr or "one thing" in done.stderr) == (2, True)


def test_without_a_spreadsheet_in_the_settings_it_says_so(town: Town) -> None:
    town.settle()
    done = town.command("import", "sheet", "--sheets")
    assert (done.returncode, "[sheets]" in done.stderr) == (2, True)
