"""What the scenes of the demo without a person have in common: waiting for what comes, and saying it."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterable, Mapping
from html import unescape
from typing import cast

import click

from threatstamp.demo.company import Company
from threatstamp.demo.publishers import Happening
from threatstamp.demo.world import NEWS
from threatstamp.texts.catalogue import Texts

PATIENCE = 120.0
"""Seconds that a step may take on the busiest machine."""

Message = dict[str, object]
_TOKEN = re.compile(r"<([^<>\n]+)>")
_MARKS = re.compile(r"[*~`\u200b]")


class Stage:
    """The company, and what is said of it: each step has a number."""

    def __init__(self, company: Company, texts: Texts) -> None:
        self.company = company
        self.workspace = company.workspace
        self.texts = texts
        self._number = 0
        self._started = time.monotonic()

    def see_words(self, channel: str, words: str) -> Message:
        return self.see(channel, lambda message: words in text_of(message))

    def see(self, channel: str, is_it: Callable[[Message], bool], *, thread: str | None = None) -> Message:
        """Waits for a message of this kind, and returns it."""
        workspace = self.workspace
        return workspace.wait_for(
            lambda: list(filter(is_it, workspace.messages(channel, thread_ts=thread))), PATIENCE
        )[0]

    def see_private(self, channel: str, user: str, is_it: Callable[[Message], bool]) -> Message:
        """Waits for what only one person is told."""
        workspace = self.workspace
        return workspace.wait_for(lambda: list(filter(is_it, workspace.ephemerals(channel, user))), PATIENCE)[
            0
        ]

    def wait_for_kind(self, kind: str, count: int) -> None:
        self.until(lambda: len(self.company.entries(kind)) >= count, f"{count} entries of the kind {kind}")

    def until(self, is_so: Callable[[], bool], what: str) -> None:
        """What another process writes down is looked for until it is there."""
        until = time.monotonic() + PATIENCE
        while not is_so():
            if time.monotonic() > until:
                raise TimeoutError(f"no {what}")
            if not self.company.is_running():
                raise TimeoutError("the desk has ended")
            time.sleep(0.05)

    def post_of(self, link: str) -> Message:
        return next(one for one in self.workspace.messages(NEWS) if link in text_of(one))

    def once_only(self, link: str) -> None:
        count = sum(link in text_of(message) for message in self.workspace.messages(NEWS))
        if count != 1:
            raise AssertionError(f"{link} is in {count} posts")

    def advance(self) -> Happening:
        happening = self.company.feeds.advance()
        assert happening is not None
        return happening

    def show(self, command: str) -> str:
        """Runs a command beside the desk and prints what it prints."""
        printed = self.company.command(command)
        self.show_lines([f"$ threatstamp {command}", *printed.splitlines()])
        return printed

    def show_lines(self, lines: Iterable[str]) -> None:
        for line in lines:
            click.echo(f"    {line}")

    def show_message(self, message: Mapping[str, object]) -> None:
        """Prints the words of a message, or of a form: what people read in it, without what they press."""
        blocks = cast(list[Message], message.get("blocks") or [])
        self.show_words("\n".join(filter(None, map(_words, blocks))))

    def show_words(self, text: str) -> None:
        """Prints Slack's mrkdwn as a terminal can: without its marks, and with names in place of ids."""
        for line in _TOKEN.sub(self._spelled, text).splitlines():
            self.show_lines([f"| {unescape(_MARKS.sub('', line))}"])

    def _spelled(self, found: re.Match[str]) -> str:
        target, _, label = found[1].partition("|")
        if target.startswith("@"):
            return f"@{self.name(target[1:])}"
        if target.startswith("!subteam^"):
            return f"@{self.workspace.groups[target.removeprefix('!subteam^')].handle}"
        return label or target

    def say(self, key: str, **values: object) -> None:
        self._number += 1
        text = self.texts(f"demo.step_{key}", **values)
        click.echo(f"{self._number:>2}. {text}")
        self.workspace.note(text, kind="step")

    @property
    def elapsed(self) -> str:
        return f"{time.monotonic() - self._started:.1f}"

    def name(self, user: str) -> str:
        return self.company.world.name_of(user)

    def channel(self, channel: str) -> str:
        return f"#{self.workspace.channels[channel].name}"


def text_of(message: Mapping[str, object]) -> str:
    return json.dumps(message, ensure_ascii=False)


def _words(block: Message) -> str:
    """Returns what a block says; nothing for a row of buttons and for an input."""
    if block.get("type") in ("actions", "input"):
        return ""
    own = block.get("text", block.get("fallback"))
    if isinstance(own, str):
        return own
    inner = cast(list[Message], block.get("elements") or [])
    return _words(cast(Message, own)) if own else "".join(map(_words, inner))
