"""The demo without a person: each step waits for what it should bring about, and says what came."""

from __future__ import annotations

import click

from threatstamp.demo.casework import Casework
from threatstamp.demo.company import Company
from threatstamp.demo.intelligence import Intelligence
from threatstamp.demo.publishers import Item
from threatstamp.demo.stage import PATIENCE, Stage, text_of
from threatstamp.demo.world import NEWS
from threatstamp.desk.record.verify import verify_ledger
from threatstamp.render.ledger import entry_lines
from threatstamp.texts.catalogue import Texts

LAST_ENTRIES = 30


class Play:
    """One showing."""

    def __init__(self, company: Company, texts: Texts) -> None:
        self._stage = Stage(company, texts)
        self._company = company
        self._workspace = company.workspace
        self._texts = texts

    def run(self) -> bool:
        """Plays every scene; True if the ledger verifies in the end. Raises TimeoutError naming nothing."""
        stage, intelligence = self._stage, Intelligence(self._stage)
        self._company.feeds.go_on(by_itself=False)
        self._workspace.wait_for(lambda: self._workspace.sockets.count, PATIENCE)
        stage.wait_for_kind("contact", 4)
        stage.say("posts", count=len(self._company.world.posts))
        self._three_stamps()
        self._severe()
        self._withdrawal()
        self._broken_feed()
        self._feeds_arrive()
        self._feed_stamp()
        intelligence.joining()
        intelligence.listing()
        self._more_news()
        self._crash()
        self._forbidden()
        intelligence.raised()
        intelligence.why()
        intelligence.rules()
        Casework(stage).play()
        return self._ledger()

    def _three_stamps(self) -> None:
        hakobune = self._company.world.posts[1]
        for user, channel in (("U0YAMADA", "C0SERVER"), ("U0TANAKA", "C0SERVER")):
            self._workspace.react(user, NEWS, hakobune, "wrench")
            self._stage.see_words(channel, user)
            self._stage.say(
                "stamp", person=self._stage.name(user), emoji="🔧", channel=self._stage.channel(channel)
            )
        hayate = self._company.world.posts[2]
        self._workspace.react("U0ITO", NEWS, hayate, "computer")
        self._stage.see_words("C0DESK", "U0ITO")
        self._stage.say(
            "stamp", person=self._stage.name("U0ITO"), emoji="💻", channel=self._stage.channel("C0DESK")
        )

    def _severe(self) -> None:
        """The script would have skipped it: the post's address was on its sheet already."""
        self._workspace.react("U0TANAKA", NEWS, self._company.world.posts[1], "rotating_light")
        self._stage.see_words("C0ALERT", "U0TANAKA")
        self._stage.say(
            "severe", person=self._stage.name("U0TANAKA"), emoji="🚨", channel=self._stage.channel("C0ALERT")
        )

    def _withdrawal(self) -> None:
        self._workspace.unreact("U0ITO", NEWS, self._company.world.posts[2], "computer")
        self._stage.see("C0DESK", lambda message: "~" in str(message["text"]))
        self._stage.say("withdrawal", person=self._stage.name("U0ITO"), channel=self._stage.channel("C0DESK"))

    def _broken_feed(self) -> None:
        publishers = self._company.world.publishers
        broken = next(one for one in publishers if one.is_broken)
        self._stage.until(
            lambda: self._company.checked() >= {one.name for one in publishers}, "answers of all feeds"
        )
        self._stage.until(self._company.has_said_it_runs, "sign of life")
        printed = self._stage.show("status")
        if self._texts("feeds.read_html") not in printed:
            raise AssertionError(f"{broken.name} is broken, and status does not say so")
        self._stage.say("broken_feed", count=len(publishers), feed=broken.name)

    def _crash(self) -> None:
        """Slack takes the message, the answer never comes, and the desk is killed: did it post or not?"""
        before = len(self._workspace.messages("C0ALERT"))
        delivered = len(self._company.entries("delivered"))
        self._workspace.faults.add("chat.postMessage", "hold", channel="C0ALERT")
        self._workspace.react("U0YAMADA", NEWS, self._company.world.posts[3], "rotating_light")
        self._workspace.wait_for(lambda: len(self._workspace.messages("C0ALERT")) > before, PATIENCE)
        self._company.kill_desk()
        self._stage.say("crash")
        self._company.start_desk()
        self._stage.wait_for_kind("delivered", delivered + 1)
        count = len(self._workspace.messages("C0ALERT")) - before
        self._stage.say("recovered", count=count)
        if count != 1:
            raise AssertionError(f"there are {count} messages for one forward")

    def _forbidden(self) -> None:
        self._workspace.react("U0ITO", NEWS, self._company.world.posts[4], "rotating_light")
        self._workspace.wait_for(lambda: self._workspace.ephemerals(NEWS, "U0ITO"), PATIENCE)
        self._stage.say("forbidden", person=self._stage.name("U0ITO"))

    def _feeds_arrive(self) -> None:
        """All feeds were checked at the start; what Slack's own RSS app has posted is not posted again."""
        good = [one for one in self._company.world.publishers if not one.is_broken]
        for item in (item for one in good for item in one.first_posted):
            self._stage.see_words(NEWS, item.id)
        own = self._workspace.app.user_id
        posts = [one for one in self._workspace.messages(NEWS) if one.get("user") == own]
        self._stage.say("feeds", count=len(posts), feeds=len(good))
        shared = next(item for one in good for item in one.items if item.id != item.link)
        self._stage.once_only(shared.id)
        self._stage.say("shared", title=shared.title)

    def _feed_stamp(self) -> None:
        item = self._item_of("operational")
        post = self._stage.post_of(item.id)
        self._workspace.react("U0SATO", NEWS, str(post["ts"]), "wrench")
        self._stage.see(
            "C0SERVER", lambda message: item.title in text_of(message) and "U0SATO" in text_of(message)
        )
        self._stage.say(
            "feed_stamp",
            person=self._stage.name("U0SATO"),
            emoji="🔧",
            channel=self._stage.channel("C0SERVER"),
        )

    def _more_news(self) -> None:
        """`poll` checks at once; without it, the desk would within a minute."""
        stage = self._stage
        happenings = [stage.advance() for _ in range(4)]
        [*_, new, changed] = happenings
        before = stage.post_of(changed.link)["ts"]
        stage.show("poll")
        stage.see_words(NEWS, new.title)
        stage.say("news", feed=new.feed, title=new.title)
        stage.see(NEWS, lambda message: message["ts"] == before and changed.title in text_of(message))
        stage.once_only(changed.link)
        stage.say("retitled", feed=changed.feed, title=changed.title)

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
        self._stage.say(key, entries=found.entries, head=found.head[:16], seconds=self._stage.elapsed)
        return found.ok

    def _item_of(self, layer: str) -> Item:
        """Returns the newest item of the publisher that the settings put into this layer."""
        found = (one for one in self._company.world.publishers if one.register.get("layer") == layer)
        return next(found).items[0]
