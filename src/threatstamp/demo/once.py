"""The demo without a person: each step waits for what it should bring about, and says what came."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import click

from threatstamp.demo.company import Company
from threatstamp.demo.publishers import Item
from threatstamp.demo.world import NEWS
from threatstamp.desk.record.verify import verify_ledger
from threatstamp.render.ledger import entry_lines
from threatstamp.texts.catalogue import Texts

PATIENCE = 60.0
"""Seconds that a step may take on the busiest machine."""

LAST_ENTRIES = 30


class Play:
    """One showing."""

    def __init__(self, company: Company, texts: Texts) -> None:
        self._company = company
        self._workspace = company.workspace
        self._texts = texts
        self._number = 0
        self._started = time.monotonic()

    def run(self) -> bool:
        """Plays every scene; True if the ledger verifies in the end. Raises TimeoutError naming nothing."""
        self._company.feeds.go_on(by_itself=False)
        self._workspace.wait_for(lambda: self._workspace.sockets.count, PATIENCE)
        self._wait_for_kind("contact", 4)
        self._say("posts", count=len(self._company.world.posts))
        self._three_stamps()
        self._severe()
        self._withdrawal()
        self._broken_feed()
        self._crash()
        self._forbidden()
        self._feeds_arrive()
        self._feed_stamp()
        self._more_news()
        return self._ledger()

    def _three_stamps(self) -> None:
        hakobune = self._company.world.posts[1]
        for user, channel in (("U0YAMADA", "C0SERVER"), ("U0TANAKA", "C0SERVER")):
            self._workspace.react(user, NEWS, hakobune, "wrench")
            self._see_words(channel, user)
            self._say("stamp", person=self._name(user), emoji="🔧", channel=self._channel(channel))
        hayate = self._company.world.posts[2]
        self._workspace.react("U0ITO", NEWS, hayate, "computer")
        self._see_words("C0UPDATE", "U0ITO")
        self._say("stamp", person=self._name("U0ITO"), emoji="💻", channel=self._channel("C0UPDATE"))

    def _severe(self) -> None:
        """The script would have skipped it: the post's address was on its sheet already."""
        self._workspace.react("U0TANAKA", NEWS, self._company.world.posts[1], "rotating_light")
        self._see_words("C0ALERT", "U0TANAKA")
        self._say("severe", person=self._name("U0TANAKA"), emoji="🚨", channel=self._channel("C0ALERT"))

    def _withdrawal(self) -> None:
        self._workspace.unreact("U0ITO", NEWS, self._company.world.posts[2], "computer")
        self._see("C0UPDATE", lambda message: "~" in str(message["text"]))
        self._say("withdrawal", person=self._name("U0ITO"), channel=self._channel("C0UPDATE"))

    def _broken_feed(self) -> None:
        publishers = self._company.world.publishers
        broken = next(one for one in publishers if one.is_broken)
        self._until(
            lambda: self._company.checked() >= {one.name for one in publishers}, "answers of all feeds"
        )
        self._until(self._company.has_said_it_runs, "sign of life")
        printed = self._show("status")
        if self._texts("feeds.read_html") not in printed:
            raise AssertionError(f"{broken.name} is broken, and status does not say so")
        self._say("broken_feed", count=len(publishers), feed=broken.name)

    def _crash(self) -> None:
        """Slack takes the message, the answer never comes, and the desk is killed: did it post or not?"""
        before = len(self._workspace.messages("C0ALERT"))
        self._workspace.faults.add("chat.postMessage", "hold", channel="C0ALERT")
        self._workspace.react("U0YAMADA", NEWS, self._company.world.posts[3], "rotating_light")
        self._workspace.wait_for(lambda: len(self._workspace.messages("C0ALERT")) > before, PATIENCE)
        self._company.kill_desk()
        self._say("crash")
        self._company.start_desk()
        self._wait_for_kind("delivered", 4)
        count = len(self._workspace.messages("C0ALERT")) - before
        self._say("recovered", count=count)
        if count != 1:
            raise AssertionError(f"there are {count} messages for one forward")

    def _forbidden(self) -> None:
        self._workspace.react("U0ITO", NEWS, self._company.world.posts[4], "rotating_light")
        self._workspace.wait_for(lambda: self._workspace.ephemerals(NEWS, "U0ITO"), PATIENCE)
        self._say("forbidden", person=self._name("U0ITO"))

    def _feeds_arrive(self) -> None:
        """All feeds were checked at the start; what Slack's own RSS app has posted is not posted again."""
        good = [one for one in self._company.world.publishers if not one.is_broken]
        for item in (item for one in good for item in one.first_posted):
            self._see_words(NEWS, item.id)
        own = self._workspace.app.user_id
        posts = [one for one in self._workspace.messages(NEWS) if one.get("user") == own]
        self._say("feeds", count=len(posts), feeds=len(good))
        shared = next(item for one in good for item in one.items if item.id != item.link)
        self._once_only(shared.id)
        self._say("shared", title=shared.title)

    def _feed_stamp(self) -> None:
        item = self._item_of("operational")
        post = self._post_of(item.id)
        self._workspace.react("U0SATO", NEWS, str(post["ts"]), "wrench")
        self._see("C0SERVER", lambda message: item.title in _text(message) and "U0SATO" in _text(message))
        self._say("feed_stamp", person=self._name("U0SATO"), emoji="🔧", channel=self._channel("C0SERVER"))

    def _more_news(self) -> None:
        """`poll` checks at once; without it, the desk would within a minute."""
        new, changed = self._company.feeds.advance(), self._company.feeds.advance()
        assert new is not None
        assert changed is not None
        before = self._post_of(changed.link)["ts"]
        self._show("poll")
        self._see(NEWS, lambda message: new.title in _text(message))
        self._say("news", feed=new.feed, title=new.title)
        self._see(NEWS, lambda message: message["ts"] == before and changed.title in _text(message))
        self._once_only(changed.link)
        self._say("retitled", feed=changed.feed, title=changed.title)

    def _ledger(self) -> bool:
        click.echo()
        entries = self._company.entries()
        click.echo(self._texts("demo.earlier", count=len(entries[:-LAST_ENTRIES])))
        for line in entry_lines(entries[-LAST_ENTRIES:], self._texts):
            click.echo(line)
        assert self._company.store is not None
        found = verify_ledger(self._company.store)
        click.echo()
        key = "verified" if found.ok else "broken"
        self._say(key, entries=found.entries, head=found.head[:16], seconds=self._elapsed())
        return found.ok

    def _see_words(self, channel: str, words: str) -> None:
        self._see(channel, lambda message: words in json.dumps(message))

    def _see(self, channel: str, is_it: Callable[[dict[str, object]], bool]) -> None:
        self._workspace.wait_for(
            lambda: any(is_it(message) for message in self._workspace.messages(channel)), PATIENCE
        )

    def _wait_for_kind(self, kind: str, count: int) -> None:
        self._until(lambda: len(self._company.entries(kind)) >= count, f"{count} entries of the kind {kind}")

    def _until(self, is_so: Callable[[], bool], what: str) -> None:
        """What another process writes down is looked for until it is there."""
        until = time.monotonic() + PATIENCE
        while not is_so():
            if time.monotonic() > until:
                raise TimeoutError(f"no {what}")
            if not self._company.is_running():
                raise TimeoutError("the desk has ended")
            time.sleep(0.05)

    def _item_of(self, layer: str) -> Item:
        """Returns the newest item of the publisher that the settings put into this layer."""
        found = (one for one in self._company.world.publishers if one.register.get("layer") == layer)
        return next(found).items[0]

    def _post_of(self, link: str) -> dict[str, object]:
        return next(one for one in self._workspace.messages(NEWS) if link in _text(one))

    def _once_only(self, link: str) -> None:
        count = sum(link in _text(message) for message in self._workspace.messages(NEWS))
        if count != 1:
            raise AssertionError(f"{link} is in {count} posts")

    def _show(self, command: str) -> str:
        """Runs a command beside the desk and prints what it prints."""
        printed = self._company.command(command)
        click.echo(f"    $ threatstamp {command}")
        for line in printed.splitlines():
            click.echo(f"    {line}")
        return printed

    def _say(self, key: str, **values: object) -> None:
        self._number += 1
        text = self._texts(f"demo.step_{key}", **values)
        click.echo(f"{self._number:>2}. {text}")
        self._workspace.note(text, kind="step")

    def _elapsed(self) -> str:
        return f"{time.monotonic() - self._started:.1f}"

    def _name(self, user: str) -> str:
        return self._company.world.name_of(user)

    def _channel(self, channel: str) -> str:
        return f"#{self._workspace.channels[channel].name}"


def _text(message: dict[str, object]) -> str:
    return json.dumps(message, ensure_ascii=False)
