"""Reads Slack's events: whether one concerns the desk, and what it says. No calls, no state."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from threatstamp.core.cases.case import CaseAct, Wish
from threatstamp.core.cases.moves import WISHES
from threatstamp.core.ids import ChannelId, Emoji, TeamId, Ts, UserId
from threatstamp.core.policy import Policy
from threatstamp.core.stamps.post import Place, Snapshot
from threatstamp.core.stamps.turn import Mark, Reaction, TurnKind
from threatstamp.core.time import micros_of
from threatstamp.desk.cases.calling import Answered, NewCall
from threatstamp.desk.priority.exposing import GivenExposure
from threatstamp.desk.stamps.asking import Confirmation
from threatstamp.slack.blocks.call import ANSWERS
from threatstamp.slack.blocks.case import ACTION
from threatstamp.slack.blocks.exposure import ANSWERS_EXPOSURE
from threatstamp.slack.blocks.home import REVIEWS
from threatstamp.slack.blocks.question import CONFIRM
from threatstamp.slack.callforms import read_answer, read_new_call
from threatstamp.slack.exposures import read_exposure
from threatstamp.slack.interactions import BUTTONS, SUBMISSION, Submitted, read_submitted
from threatstamp.slack.messages import read_snapshot
from threatstamp.slack.reading import Loose as Body
from threatstamp.slack.reading import table_in, tables_in, text_in
from threatstamp.slack.reviewing import ReviewClick, read_review_click

Canonical = Callable[[str], Emoji]
"""A reaction's name as it came, to its canonical one."""

_KEPT = (ACTION, CONFIRM, ANSWERS, ANSWERS_EXPOSURE, REVIEWS)

TURNS = {"reaction_added": TurnKind.STAMP, "reaction_removed": TurnKind.WITHDRAWAL}


@dataclass(frozen=True, slots=True, kw_only=True)
class PostEdited:
    """A message says something else now."""

    place: Place
    snapshot: Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class PostDeleted:
    """A message is gone."""

    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class PostMade:
    """A message that is new; kept in memory only, so that a stamp on it needs no call."""

    place: Place
    message: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Click:
    """Somebody pressed a button on a card. key: of this click.

    seen: how many moves the case had made when the button was made; None where that does not matter.
    """

    case: int
    wish: Wish
    user: UserId
    channel: ChannelId
    key: str
    seen: int | None = None


Arrival = (
    Reaction
    | PostEdited
    | PostDeleted
    | Click
    | Submitted
    | Confirmation
    | Answered
    | NewCall
    | GivenExposure
    | ReviewClick
)


def concerns(body: Body, policy: Policy, *, bot: str) -> bool:
    """True for what may be kept: about posts of source channels, or messages of our own.

    Everything else of the workspace is never written anywhere.
    """
    if body.get("type") == BUTTONS:
        return _action_in(body) is not None
    event = table_in(body, "event")
    match event.get("type"):
        case "reaction_added" | "reaction_removed":
            item = table_in(event, "item")
            channel = text_in(item, "channel")
            wanted = channel in policy.sources or (
                # a sign on a card, which is a message of ours
                (
                    channel in policy.cards | policy.handed
                    and (event.get("item_user") == policy.me or _is_note(event, policy))
                )
                # or an answer to a call, which is one, too
                or (channel in policy.announce_to and event.get("item_user") == policy.me)
            )
            return item.get("type") == "message" and wanted and event.get("user") != policy.me
        case "message" if event.get("subtype") in ("message_changed", "message_deleted"):
            if text_in(event, "channel") in policy.sources:
                return True
            before = table_in(event, "previous_message")
            return event.get("subtype") == "message_deleted" and bool(bot) and before.get("bot_id") == bot
        case _:
            return False


def _is_note(event: Body, policy: Policy) -> bool:
    """True for the emoji that keeps a message of a card's thread, whoever wrote it."""
    name = Emoji(text_in(event, "reaction").partition("::")[0])
    return policy.signs.get(name) == CaseAct.NOTE and event.get("type") == "reaction_added"


def read_event(body: Body, *, team: TeamId, canonical: Canonical) -> Arrival | None:
    """Returns what a kept event says; None if the desk does not need it. Raises ValueError if malformed.

    team: our own. An event's `team_id` may be another workspace's, in channels of Slack Connect and of a
    whole Grid (https://docs.slack.dev/apis/slack-connect/), while channel ids are the same for everybody.
    With it, the sweep, which knows no such id, would take the same post for another one.
    """
    if body.get("type") == BUTTONS:
        return _click(body)
    if body.get("type") == SUBMISSION:
        return read_new_call(body) if body.get("call") is True else read_submitted(body)
    event = table_in(body, "event")
    kind = event.get("type")
    if kind in TURNS:
        return _reaction(body, event, team=team, canonical=canonical)
    if kind != "message":
        return None
    channel = ChannelId(text_in(event, "channel"))
    if event.get("subtype") == "message_deleted":
        return PostDeleted(place=Place(team=team, channel=channel, ts=_ts(event, "deleted_ts")))
    message = table_in(event, "message")
    if event.get("subtype") == "message_changed" and message.get("subtype") != "tombstone":
        place = Place(team=team, channel=channel, ts=_ts(message, "ts"))
        return PostEdited(place=place, snapshot=read_snapshot(message))
    return None


def place_of(body: Body) -> tuple[str, str]:
    """Returns channel and ts of the post that an event is about, as far as it says so."""
    if body.get("type") == BUTTONS:
        card = table_in(body, "container")
        return text_in(card, "channel_id"), text_in(card, "message_ts")
    event = table_in(body, "event")
    item, message = table_in(event, "item"), table_in(event, "message")
    channel = text_in(item, "channel") or text_in(event, "channel")
    return channel, text_in(item, "ts") or text_in(message, "ts") or text_in(event, "deleted_ts")


def event_id_of(body: Body) -> str:
    """Returns what an event is known by in the inbox; a click has no id of its own, so one is made."""
    if body.get("type") != BUTTONS:
        return str(body.get("event_id"))
    action = _action_in(body) or {}
    parts = (text_in(body, "trigger_id"), text_in(action, "action_ts"), text_in(action, "action_id"))
    return "|".join(("click", *parts))


def kept_part(body: Body) -> Body:
    """Returns as much of an event as its reading needs: a click comes with a whole message and an address."""
    if body.get("type") != BUTTONS:
        return body
    card, action = table_in(body, "container"), _action_in(body) or {}
    return {
        "type": BUTTONS,
        "trigger_id": text_in(body, "trigger_id"),
        "user": {"id": text_in(table_in(body, "user"), "id")},
        "container": {name: text_in(card, name) for name in ("channel_id", "message_ts")},
        "actions": [{name: text_in(action, name) for name in ("action_id", "action_ts", "value")}],
    }


def read_new_post(body: Body, policy: Policy) -> PostMade | None:
    """Returns the message that was just posted in a source channel, if that is what the event says."""
    event = table_in(body, "event")
    channel = text_in(event, "channel")
    plain_message = event.get("type") == "message" and event.get("subtype") in (
        None,
        "bot_message",
        "file_share",
        "thread_broadcast",
    )
    if not plain_message or channel not in policy.sources or not text_in(event, "ts"):
        return None
    place = Place(team=policy.team, channel=ChannelId(channel), ts=Ts(text_in(event, "ts")))
    return PostMade(place=place, message=event)


def _reaction(body: Body, event: Body, *, team: TeamId, canonical: Canonical) -> Reaction:
    item = table_in(event, "item")
    place = Place(team=team, channel=ChannelId(text_in(item, "channel")), ts=_ts(item, "ts"))
    name, user = text_in(event, "reaction"), text_in(event, "user")
    if not name or not user or not place.channel:
        raise ValueError("a reaction without a name, a person or a channel")
    author = text_in(event, "item_user")
    return Reaction(
        place=place,
        reaction=canonical(name),
        user=UserId(user),
        mark=Mark(at=micros_of(_ts(event, "event_ts")), kind=TURNS[str(event["type"])]),
        author=UserId(author) if author else None,
        external=body.get("is_ext_shared_channel") is True,
    )


def _action_in(body: Body) -> Body | None:
    """Returns the action of a click that the desk keeps: about a case, a forward, a call, or a product."""
    actions = tables_in(body, "actions")
    return next((one for one in actions if text_in(one, "action_id").startswith(_KEPT)), None)


def _click(body: Body) -> Click | Confirmation | Answered | GivenExposure | ReviewClick:
    action = _action_in(body) or {}
    exposure = read_exposure(body, action, key=event_id_of(body))
    if exposure is not None:
        return exposure
    answered = read_answer(body, key=event_id_of(body))
    if answered is not None:
        return answered
    reviewed = read_review_click(action, text_in(table_in(body, "user"), "id"))
    if reviewed is not None:
        return reviewed
    if text_in(action, "action_id") == CONFIRM:
        return _confirmation(body, action)
    wish = WISHES.get(text_in(action, "action_id").removeprefix(ACTION))
    user, (number, _, seen) = text_in(table_in(body, "user"), "id"), text_in(action, "value").partition("|")
    channel = text_in(table_in(body, "container"), "channel_id")
    if wish is None or not user or not channel or not number.isdecimal():
        raise ValueError("a click without a person, a channel, a case or a known button")
    return Click(
        case=int(number),
        wish=wish,
        user=UserId(user),
        channel=ChannelId(channel),
        key=event_id_of(body),
        seen=int(seen) if seen.isdecimal() else None,
    )


def _confirmation(body: Body, action: Body) -> Confirmation:
    user, number = text_in(table_in(body, "user"), "id"), text_in(action, "value")
    channel = text_in(table_in(body, "container"), "channel_id")
    if not user or not channel or not number.isdecimal():
        raise ValueError("a confirmation without a person, a channel or a forward")
    return Confirmation(
        forward=int(number), user=UserId(user), channel=ChannelId(channel), key=event_id_of(body)
    )


def _ts(value: Body, name: str) -> Ts:
    ts = text_in(value, name)
    micros_of(ts)  # raises ValueError for anything that is no time
    return Ts(ts)
