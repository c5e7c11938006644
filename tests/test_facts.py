"""Facts in a whole desk: posts and forwards carry them, and go out without them when they cannot be read."""

from __future__ import annotations

import json

from tests.support.commands import TownWithCommands as Town
from tests.support.facts import CVE, kev_entry, write_kev
from tests.support.feedserver import Page, feed_server
from tests.support.town import ALERT, NEWS, YAMADA
from threatstamp.store.bulk import bulk_file

LINE = "KEV掲載：2099-11-20"


def feed(*numbers: int) -> Page:
    """Entries that name their CVEs beside the title, which neither post nor forward quote.

    Each names two of its own, so that they are no news of one story.
    """
    items = "".join(
        f"<item><title>箱舟FTP {number}号</title><link>https://feed.example/{number}</link>"
        f"<description>{CVE}、CVE-2099-{number}001、CVE-2099-{number}002の修正版です。</description></item>"
        for number in numbers
    )
    text = f'<rss version="2.0"><channel><title>架空</title>{items}</channel></rss>'
    return Page(body=text.encode(), headers={"Content-Type": "application/xml"})


def forwarded(town: Town, number: int) -> tuple[str, str]:
    """Polls, stamps the post of this number, and returns post and forward."""
    assert town.command("poll").returncode == 0
    [post] = [one for one in town.wait_for_message(NEWS, f"{number}号") if f"{number}号" in text(one)]
    town.wait_until_quiet()
    town.workspace.react(YAMADA, NEWS, str(post["ts"]), "rotating_light")
    found = [one for one in town.wait_for_message(ALERT, f"{number}号") if f"{number}号" in text(one)]
    return text(post), text(found[0])


def text(message: dict[str, object]) -> str:
    return json.dumps(message, ensure_ascii=False)


def test_posts_and_forwards_say_what_is_known_and_go_out_without_it_when_it_cannot_be_read(
    town: Town,
) -> None:
    with feed_server() as server:
        url = server.put("/feed", feed(1))
        town.settle(
            top=f'[fetch]\nallow_private = ["127.0.0.0/8"]\n[[feeds]]\nname = "架空"\nurl = "{url}"\nchannel = "#security-news"\nevery = "1d"'
        )
        town.start()
        catalogue = write_kev(town.folder / "kev.json", kev_entry())
        assert town.command("vulns", "update", "kev", "--from", str(catalogue)).returncode == 0
        town.wait_until_quiet()
        server.put("/feed", feed(1, 2))
        assert all(LINE in one for one in forwarded(town, 2))
        file = bulk_file(town.folder / "desk.db")
        for left in town.folder.glob("desk.db.bulk-*"):
            left.unlink()
        file.unlink()  # another file in its place, as whoever copies one there has it
        file.write_bytes(b"no database at all " * 1_000)
        server.put("/feed", feed(1, 2, 3))
        assert not any(LINE in one for one in forwarded(town, 3))
        status = town.command("status", "--json")
        assert status.returncode == 1
        assert "desk.db.bulk" in json.loads(status.stdout)["facts"]["problem"]
        assert town.command("ledger", "verify", "--records").returncode == 0
