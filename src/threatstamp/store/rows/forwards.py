"""Rows of forwards, each with the departure that delivers it and the post that it is about."""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import cache
from operator import attrgetter
from typing import Any

from sqlalchemy import RowMapping, Select, bindparam, or_, select, update

from threatstamp.core.ids import ChannelId, Emoji, Key, RouteId, TrackName, Ts, UserId
from threatstamp.core.outbox.departure import Departure, State
from threatstamp.core.stamps.forward import Forward, NewForward, Order
from threatstamp.core.stamps.post import Place, PostRecord
from threatstamp.core.stamps.route import OnWithdraw, Verdict
from threatstamp.core.stamps.turn import TurnKind, TurnRecord
from threatstamp.core.time import Micros
from threatstamp.store.rows.base import Rows
from threatstamp.store.rows.outbox import readdress
from threatstamp.store.rows.posts import read_place, read_post
from threatstamp.store.rows.publications import ReadPublicationRows
from threatstamp.store.rows.stamps import read_turn
from threatstamp.store.sql import at_place, insert_new, place_values, rows_at
from threatstamp.store.tables.outbox import departures
from threatstamp.store.tables.posts import posts
from threatstamp.store.tables.routes import forwards, verdicts
from threatstamp.store.tables.stamps import turns


class ReadForwardRows(Rows):
    """The ReadForwards port."""

    def of_post(self, post: Place, reaction: Emoji) -> tuple[Forward, ...]:
        rows = self.connection.execute(
            _with_state().where(at_place(forwards, post), forwards.c.reaction == reaction)
        )
        return tuple(_read_forward(row) for row in rows.mappings())

    def beside(self, forward: Forward) -> tuple[Forward, ...]:
        values = {**place_values(forward.place), "destination": forward.destination}
        return tuple(map(_read_forward, self.connection.execute(_beside(), values).mappings()))

    def cards(self, post: Place) -> tuple[int, ...]:
        return tuple(sorted(one.departure for one in self._cards(post)))

    def tracks(self, post: Place) -> tuple[TrackName, ...]:
        found = (one.order.case for one in sorted(self._cards(post), key=attrgetter("departure")))
        return tuple(dict.fromkeys(one for one in found if one is not None))

    def _cards(self, post: Place) -> list[Forward]:
        here = or_(*(at_place(forwards, one) for one in ReadPublicationRows(self.connection).beside(post)))
        found = map(_read_forward, self.connection.execute(_with_state().where(here)).mappings())
        return [one for one in found if one.order.case is not None]

    def shown(self, post: Place) -> tuple[int, ...]:
        # one that is said in a digest has no message of its own, and is not paced
        alone = (departures.c.message_ts.is_not(None), departures.c.is_paced)
        query = select(forwards.c.departure_id).join(departures, departures.c.id == forwards.c.departure_id)
        rows = self.connection.execute(query.where(at_place(forwards, post), *alone))
        return tuple(sorted(rows.scalars()))

    def of(self, departure: int) -> tuple[Forward, PostRecord | None] | None:
        row = self.connection.execute(_of_departure(), {"departure": departure}).mappings().first()
        return None if row is None else _read_with_post(row)

    def collected(self, digest: Departure, body: str) -> tuple[tuple[Forward, PostRecord | None], ...]:
        query = _with_post().where(
            departures.c.team == digest.team,
            departures.c.channel == digest.channel,
            departures.c.body == body,
        )
        return tuple(
            map(_read_with_post, self.connection.execute(query.order_by(departures.c.id)).mappings())
        )

    def in_shadow(self) -> tuple[tuple[Forward, PostRecord | None], ...]:
        query = _with_post().where(departures.c.state == State.SHADOW.value).order_by(departures.c.id)
        return tuple(map(_read_with_post, self.connection.execute(query).mappings()))

    def turns(self, post: Place, reaction: Emoji, *, route: RouteId) -> tuple[TurnRecord, ...]:
        values = {**place_values(post), "reaction": reaction, "route": route}
        rows = self.connection.execute(_turns_with_verdicts(), values)
        found = ((read_turn(row), row["verdict"]) for row in rows.mappings())
        return tuple(
            one
            for one, judged in found
            if one.turn.kind is TurnKind.WITHDRAWAL or judged == Verdict.FIRES.value
        )

    def thread(self, card: int) -> Ts | None:
        found = self.of(card)
        message = rows_at(self.connection, departures, id=card).one()["message_ts"]
        if found is None or message is None or not found[0].order.thread:
            return Ts(message) if message else None
        forward, post = found
        snapshot = post.snapshot if post else None
        return (snapshot.thread_ts if snapshot else None) or forward.place.ts

    def original(self, place: Place) -> Place | None:
        row = self.connection.execute(
            select(forwards.c.team, forwards.c.channel, forwards.c.ts)
            .join(departures, departures.c.id == forwards.c.departure_id)
            .where(
                departures.c.team == place.team,
                departures.c.channel == place.channel,
                departures.c.message_ts == place.ts,
                departures.c.is_paced.is_(True),  # a digest stands for many posts
            )
        ).first()
        return read_place(row._mapping) if row else None


class ForwardRows(ReadForwardRows):
    """The Forwards port."""

    def add(self, new: NewForward, *, departure: int, now: Micros) -> None:
        insert_new(
            self.connection,
            forwards,
            departure_id=departure,
            **place_values(new.place),
            reaction=new.order.reaction,
            route=new.order.route,
            destination=new.destination,
            user_id=new.user,
            event_at=new.event_at,
            policy=json.dumps(asdict(new.order), ensure_ascii=False),
            recorded_at=now,
        )

    def readdress(self, forward: Forward, destination: ChannelId, *, key: Key, due_at: Micros) -> bool:
        taken = rows_at(self.connection, departures, key=key).first()
        if taken is not None and taken["id"] != forward.departure:
            return False
        team, departure = forward.place.team, forward.departure
        readdress(self.connection, departure, key, team=team, channel=destination, due_at=due_at)
        is_it = forwards.c.departure_id == forward.departure
        self.connection.execute(update(forwards).where(is_it).values(destination=destination))
        return True

    def move(self, forward: Forward, *, event_at: Micros) -> None:
        self.connection.execute(
            update(forwards).where(forwards.c.departure_id == forward.departure).values(event_at=event_at)
        )


def _with_state() -> Select[Any]:
    return select(forwards, departures.c.state).join(departures, departures.c.id == forwards.c.departure_id)


@cache
def _beside() -> Select[Any]:
    names = ("team", "channel", "ts", "destination")
    return _with_state().where(*(forwards.c[name] == bindparam(name) for name in names))


@cache
def _turns_with_verdicts() -> Select[Any]:
    judged = (verdicts.c.stamp_id == turns.c.id) & (verdicts.c.route == bindparam("route"))
    return (
        select(turns, verdicts.c.verdict)
        .outerjoin(verdicts, judged)
        .where(
            turns.c.team == bindparam("team"),
            turns.c.post_channel == bindparam("channel"),
            turns.c.post_ts == bindparam("ts"),
            turns.c.reaction == bindparam("reaction"),
        )
    )


@cache
def _of_departure() -> Select[Any]:
    return _with_post().where(forwards.c.departure_id == bindparam("departure"))


def _with_post() -> Select[Any]:
    same = (
        (posts.c.team == forwards.c.team)
        & (posts.c.channel == forwards.c.channel)
        & (posts.c.ts == forwards.c.ts)
    )
    return _with_state().add_columns(posts.c.snapshot, posts.c.gone).outerjoin(posts, same)


def _read_with_post(row: RowMapping) -> tuple[Forward, PostRecord | None]:
    return _read_forward(row), read_post(row) if row["gone"] is not None else None


def _read_forward(row: RowMapping) -> Forward:
    order = json.loads(row["policy"])
    for name in ("mention", "then_to", "then_call"):
        order[name] = tuple(order.get(name, ()))  # older ones know nothing of `then`
    order["on_withdraw"] = OnWithdraw(order["on_withdraw"])
    order["case"] = order.get("case")  # older ones know nothing of cases
    return Forward(
        departure=row["departure_id"],
        state=State(row["state"]),
        place=read_place(row),
        destination=ChannelId(row["destination"]),
        order=Order(**order),
        user=UserId(row["user_id"]) if row["user_id"] else None,
        event_at=row["event_at"],
        recorded_at=Micros(row["recorded_at"]),
    )
