"""The way over from the old script, played: its record, its last days, the desk in shadow, the cut-over."""

from __future__ import annotations

import json
import re
import time
from collections import Counter

from tests.support.commands import TownWithCommands as Town
from tests.support.desks import wait
from tests.support.forks import HANG
from tests.support.town import ALERT, NEWS, OPS, SERVERS, STAFF, TANAKA, YAMADA

SAYS = ("chat.postMessage", "chat.postEphemeral", "chat.update", "chat.delete", "reactions.add")
"""Everything with which the app can be noticed in Slack."""

DAY = 86_400
ROUTES = """
[[routes]]
name = "ciso"
reaction = "rotating_light"
to = ["#sec-alert"]

[[routes]]
name = "staff"
reaction = "mega"
to = ["#staff"]
allow = ["U0YAMADA"]

[[routes]]
name = "seen"
reaction = "see_no_evil"
to = []

[[routes]]
name = "lost"
reaction = "eyes"
to = ["#no-such-channel"]
"""


class Played:
    """A town with the script: a list of rows, and the messages of its webhook."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.rows: list[str] = []
        self._numbers = iter(range(10_000))

    def post(self, *, days: float = 0) -> str:
        number = next(self._numbers)
        return self.town.post(f"記事{number}", f"https://news.example/{number}", at=time.time() - days * DAY)

    def stamp(self, post: str, emoji: str = "rotating_light", *, user: str = YAMADA) -> str:
        self.town.workspace.react(user, NEWS, post, emoji)
        return post

    def script(self, post: str, emoji: str = "rotating_light", *, to: str = ALERT, days: float = 0) -> None:
        """The script's timer has come: it writes what the tool's webhook wrote, and its row."""
        text = f"ご確認ください @yamada stamped :{emoji}:\n<{link(post)}>"
        at = time.time() - days * DAY if days else None
        self.town.workspace.post(to, text, subtype="bot_message", bot_id="B0SCRIPT", at=at)
        self.rows.append(f"{link(post)},{emoji}")

    def bring(self, name: str) -> tuple[int, str]:
        (self.town.folder / name).write_text("".join(f"{row}\n" for row in self.rows), encoding="utf-8")
        done = self.town.command("import", "sheet", name)
        return done.returncode, done.stdout + done.stderr

    def recorded(self, stamps: int) -> None:
        """Waits until so many stamps are on record."""
        assert wait(lambda: len(self.town.ledger("stamp")) >= stamps, HANG)
        self.town.wait_until_quiet()

    def said(self) -> list[str]:
        return [name for name in SAYS for _ in self.town.workspace.calls(name)]

    def forwarded(self, channel: str = ALERT) -> Counter[str]:
        """How often each post was forwarded, by whomever."""
        texts = map(json.dumps, self.town.workspace.messages(channel))
        return Counter(post for text in texts for post in set(re.findall(rf"archives/{NEWS}/p(\d+)", text)))


def link(post: str) -> str:
    return f"https://sandbox.slack.com/archives/{NEWS}/p{post.replace('.', '')}"


def test_the_migration_played(town: Town) -> None:
    town.settle(ROUTES)
    played = Played(town)
    # the record: years of it, with rows that nobody can read
    played.rows = ["url,reaction", *(f"{link(f'16{n:08}.000100')},rotating_light" for n in range(288))]
    played.rows += [",wrench", "https://news.example/1,wrench", f"{link('1600000000.000100')},"] * 4
    # its last three days, and one stamp that it did not get to
    for days in (2.9, 2.5, 1.5):
        played.script(played.stamp(played.post(days=days)), days=days - 0.01)
    code, said = played.bring("record.csv")
    assert (code, "読めない行12行" in said, "取り込み291行" in said) == (1, True, True), said

    town.start(shadow=True)
    assert len(town.ledger("stamp")) == 3
    both = [played.stamp(played.post()), played.stamp(played.post())]
    withdrawn, old = played.stamp(played.post()), played.stamp(played.post(days=5))
    other = played.stamp(both[0], "mega")
    seen = played.stamp(played.post(), "see_no_evil")
    refused = played.stamp(played.post(), "mega", user=TANAKA)
    played.recorded(10)
    town.workspace.unreact(YAMADA, NEWS, withdrawn, "rotating_light")
    for post in both:
        played.script(post)
    played.script(refused, "mega", to=STAFF)
    assert wait(lambda: len(town.ledger("withdrawal")) == 1, HANG)
    status = town.command("status", "--json")
    assert json.loads(status.stdout)["shadow_since"]
    for words in (("sweep",), ("legend",), ("retry", "--all"), ("run",)):
        done = town.command(*words)
        assert (words, done.returncode, "シャドーモード" in done.stderr) == (words, 1, True), done.stderr
    town.stop()

    # its second day: the same shadow goes on
    town.start(shadow=True)
    last = played.stamp(played.post())
    played.recorded(11)
    assert len(town.ledger("shadow_begun")) == 1
    assert played.said() == []
    town.stop()

    # cut-over: the script runs once more, then its trigger is deleted
    in_between = played.stamp(played.post())
    for post in (last, in_between):
        played.script(post)
    assert played.bring("final.csv")[0] == 1
    nobodys = played.stamp(played.post())

    town.start()
    [*_, first] = town.wait_for_message(ALERT, link(nobodys).rpartition("/")[2], count=8)
    assert first["bot_id"] != "B0SCRIPT"
    played.stamp(both[0], user=TANAKA)
    played.stamp(in_between, user=TANAKA)
    for post in (seen, played.post()):
        played.stamp(post)
        town.wait_for_message(ALERT, link(post).rpartition("/")[2])
    town.wait_until_quiet()
    assert set(played.forwarded().values()) == {1}
    assert [len(town.workspace.messages(channel)) for channel in (ALERT, STAFF, SERVERS)] == [10, 1, 0]
    marked = {call.arguments.get("timestamp") for call in town.workspace.calls("reactions.add")}
    assert (len(marked), seen in marked) == (3, True)  # also what was only recorded in shadow
    town.wait_for_message(OPS, "#no-such-channel")  # an operator hears of it now, and did not in shadow
    assert len(town.ledger("shadow_ended")) == 1
    assert town.command("ledger", "verify", "--records").returncode == 0

    report = town.command("shadow", "report", "--json")
    assert report.returncode == 0, report.stderr
    lines = [line for day in json.loads(report.stdout)["days"] for line in day["lines"]]
    today = {(line["post"]["ts"], line["reaction"]): line for line in lines}

    def of(post: str, emoji: str = "rotating_light") -> tuple[str, str | None]:
        line = today.pop((post, emoji))
        return line["side"], line["why"]

    assert [of(post) for post in (*both, last)] == [("same", None)] * 3
    assert of(withdrawn) == ("only_ours", "withdrawn")
    assert of(old) == ("only_ours", "window")
    assert of(other, "mega") == ("only_ours", "once")
    assert of(refused, "mega") == ("only_theirs", "refused")
    assert of(in_between) == ("only_theirs", "imported")
    assert today == {}
    people = town.command("shadow", "report")
    assert "デスクのみ" in people.stdout
    assert link(old) in people.stdout
