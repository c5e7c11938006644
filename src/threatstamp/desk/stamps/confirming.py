"""Confirmations: the source post is marked as handled, by a reaction of ours or a line in its thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from threatstamp.core.ids import ChannelId, Emoji, Ts
from threatstamp.core.outbox.body import read_body, text_in, texts_in, write_body
from threatstamp.core.outbox.departure import Departure, DepartureKind, NewDeparture
from threatstamp.core.policy import Confirm, Policy
from threatstamp.core.stamps.post import Place
from threatstamp.core.time import Micros
from threatstamp.desk.ports.departing import Act, Call, Departing, Message
from threatstamp.desk.ports.slack import Saying
from threatstamp.desk.ports.store import Tx
from threatstamp.desk.ports.tools import Tools

REACTION = DepartureKind(name="reaction", is_paced=False, is_reported=False)
THREAD_LINE = DepartureKind(name="thread_line")


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnReaction:
    """A reaction of ours to be added to a post."""

    ts: Ts
    emoji: Emoji

    def write(self) -> str:
        return write_body(ts=self.ts, emoji=self.emoji)

    @classmethod
    def read(cls, text: str) -> Self:
        body = read_body(text)
        return cls(ts=Ts(text_in(body, "ts")), emoji=Emoji(text_in(body, "emoji")))


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadLine(Saying):
    """The line in a source post's thread. to: where it was forwarded; empty: it was only recorded."""

    route_name: str
    to: tuple[ChannelId, ...]

    def write(self) -> str:
        return write_body(route_name=self.route_name, to=list(self.to))

    @classmethod
    def read(cls, text: str) -> Self:
        body = read_body(text)
        to = tuple(map(ChannelId, texts_in(body, "to")))
        return cls(route_name=text_in(body, "route_name"), to=to)


def confirm(
    tx: Tx,
    post: Place,
    policy: Policy,
    *,
    route_name: str,
    to: tuple[ChannelId, ...],
    in_thread: bool = False,
    now: Micros,
) -> None:
    """Orders the confirmation that the settings name for a source post.

    in_thread: the forward itself is in the post's thread, so a line there would say the same again.
    """
    if policy.confirm is Confirm.REACTION:
        tx.outbox.owe(_reaction(post, policy.confirm_emoji, now=now), now=now)
    elif policy.confirm is Confirm.THREAD and not in_thread:
        tx.outbox.owe(_thread_line(post, ThreadLine(route_name=route_name, to=to), now=now), now=now)


def _reaction(post: Place, emoji: Emoji, *, now: Micros) -> NewDeparture:
    """One per post, however many stamps and routes there are: Slack would ignore a second one."""
    return NewDeparture(
        name=f"{post.channel}|{post.ts}",
        team=post.team,
        kind=REACTION,
        channel=post.channel,
        due_at=now,
        body=OwnReaction(ts=post.ts, emoji=emoji).write(),
    )


def _thread_line(post: Place, line: ThreadLine, *, now: Micros) -> NewDeparture:
    """One per post, route and destination."""
    return NewDeparture(
        name=f"{post.channel}|{post.ts}|{line.route_name}|{','.join(line.to)}",
        team=post.team,
        kind=THREAD_LINE,
        channel=post.channel,
        thread_ts=post.ts,
        due_at=now,
        body=line.write(),
    )


class Reacting(Departing):
    """Adds our reaction to the source post."""

    kind = REACTION

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def prepare(self, departure: Departure, *, edit: bool) -> Act:
        own = OwnReaction.read(departure.body)
        return Call(act=lambda: self._tools.workspace.react(departure.channel, own.ts, emoji=own.emoji))


class LiningThread(Departing):
    """Posts a line in the source post's thread about where it was forwarded."""

    kind = THREAD_LINE

    def prepare(self, departure: Departure, *, edit: bool) -> Act:
        return Message(saying=ThreadLine.read(departure.body), thread_ts=departure.thread_ts)
