"""The page's panel: what the desk records, and which feeds it cannot read, as it comes."""

from __future__ import annotations

import json
import threading

from threatstamp.core.errors import StoreError
from threatstamp.core.ids import FeedName
from threatstamp.core.ledger.entry import LedgerEntry
from threatstamp.core.news.feed import FeedState
from threatstamp.sandbox import SandboxWorkspace
from threatstamp.store import SqlStore
from threatstamp.texts.catalogue import Texts
from threatstamp.texts.codes import say_code
from threatstamp.texts.fit import fit

QUIET = frozenset({"policy", "contact", "forward", "entry"})
"""Kinds that the panel leaves out: they say nothing to somebody who clicks."""

LOOK_EVERY = 0.15
LONGEST_TITLE = 60


class Panel:
    """A thread that reads what is new in the ledger and writes it beside the posts."""

    def __init__(self, workspace: SandboxWorkspace, store: SqlStore, texts: Texts) -> None:
        self._workspace = workspace
        self._store = store
        self._texts = texts
        self._seen = 0
        self._titles: dict[str, str] = {}
        self._posts: dict[tuple[str, str], str] = {}
        """What stamped posts say, by channel and ts."""
        self._broken: set[FeedName] = set()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="panel", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._ended.set()
        self._thread.join(2)

    def _run(self) -> None:
        while not self._ended.wait(LOOK_EVERY):
            try:
                self.look()
            except StoreError:
                continue

    def look(self) -> None:
        """Writes what came since the last look."""
        with self._store.reading() as read:
            entries = list(read.ledger.entries(after=self._seen))
            states = read.feeds.states()
        told = [(entry, json.loads(entry.body) if entry.body else {}) for entry in entries]
        for entry, body in told:  # what a post says may be recorded after the stamp on it
            if entry.kind in ("post", "post_edited"):
                self._posts[_place(body)] = str(body.get("title") or body.get("text") or "")
        for entry, body in told:
            self._seen = entry.sequence
            self._tell(entry, body)
        for state in states:
            self._tell_trouble(state)

    def _tell(self, entry: LedgerEntry, body: dict[str, object]) -> None:
        story, title = str(body.get("story") or ""), str(body.get("title") or "")
        if story and title and (entry.kind == "revision" or story not in self._titles):
            self._titles[story] = title
        if entry.kind not in QUIET:
            self._workspace.note(
                self._sentence(entry.kind, body), kind="record", data=self._post(entry, body)
            )

    def _post(self, entry: LedgerEntry, body: dict[str, object]) -> dict[str, str] | None:
        """Returns which post a sentence is about, for the page to name and to jump to."""
        place = _place(body)
        title = "" if entry.kind == "post" else fit(self._posts.get(place, ""), LONGEST_TITLE)
        if entry.kind == "delivered":
            place = str(body.get("destination", "")), str(body.get("message_ts") or "")
        elif entry.kind == "published":
            place = place[0], str(body.get("message_ts") or "")
        return {"channel": place[0], "ts": place[1], "title": title} if all(place) else None

    def _tell_trouble(self, state: FeedState) -> None:
        """A feed that cannot be read is said once, until it can be read again."""
        if state.problem is None:
            self._broken.discard(state.name)
        elif state.name not in self._broken:
            self._broken.add(state.name)
            words = self._texts.told(f"feeds.{state.problem.reason}", state.problem.values)
            self._workspace.note(self._texts("demo.broken", feed=state.name, words=words), kind="trouble")

    def _sentence(self, kind: str, body: dict[str, object]) -> str:
        key = f"demo.record_{kind}"
        if not self._texts.has(key):
            return kind
        user = str(body.get("user") or body.get("by") or "")
        wish = "_".join(str(body[name]) for name in ("act", "choice") if body.get(name))
        known = self._workspace.users.get(user)
        channel = self._workspace.channels.get(str(body.get("destination") or body.get("channel") or ""))
        stories = self._stories(body)
        told = self._titles.get(str(body.get("story")), "")
        title = str(body.get("title") or body.get("text") or (stories[0] if stories else told))
        priority = str(body.get("priority") or "")
        return self._texts(
            key,
            person=known.display_name if known else user,
            emoji=f":{body.get('reaction', '')}:",
            title=fit(title, LONGEST_TITLE),
            channel=f"#{channel.name}" if channel else "",
            route=str(body.get("route", "")),
            error=say_code(self._texts, str(body.get("error", ""))),
            product=fit(str(body.get("product", "")), LONGEST_TITLE),
            feed=str(body.get("feed", "")),
            count=len(stories),
            case=str(body.get("case", "")),
            act=self._texts(f"cases.wish_{wish}") if wish else "",
            priority=self._texts(f"concern.said_{priority}") if kind == "assessed" else "",
        )

    def _stories(self, body: dict[str, object]) -> list[str]:
        """Returns the titles of what a post of ours shows."""
        stories = body.get("stories")
        return [self._titles.get(str(one), "") for one in stories] if isinstance(stories, list) else []


def _place(body: dict[str, object]) -> tuple[str, str]:
    return str(body.get("channel", "")), str(body.get("ts", ""))
