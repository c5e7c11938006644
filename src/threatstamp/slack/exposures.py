"""Answers to whether the internet reaches a product: a click on a button, and the command."""

from __future__ import annotations

import secrets

from threatstamp.core.ids import ChannelId, UserId
from threatstamp.core.policy import Policy
from threatstamp.core.priority.exposure import BUTTON, SLASH
from threatstamp.core.priority.fact import NO, YES
from threatstamp.core.text import unescape
from threatstamp.desk.priority.exposing import Exposing, GivenExposure
from threatstamp.slack.blocks.exposure import ANSWERS_EXPOSURE, refusal_words, state_words
from threatstamp.slack.blocks.voice import Voice
from threatstamp.slack.reading import Loose, table_in, text_in

_WORDS = {YES: True, NO: False, "はい": True, "いいえ": False}


def read_exposure(body: Loose, action: Loose, *, key: str) -> GivenExposure | None:
    """Returns the answer that a click gives; None if it is a click on something else. Raises ValueError.

    key: of this click.
    """
    name = text_in(action, "action_id")
    if not name.startswith(ANSWERS_EXPOSURE):
        return None
    answer, product = name.removeprefix(ANSWERS_EXPOSURE), text_in(action, "value")
    user = text_in(table_in(body, "user"), "id")
    channel = text_in(table_in(body, "container"), "channel_id")
    if answer not in (YES, NO) or not product or not user or not channel:
        raise ValueError("an answer without a person, a channel or a product")
    return GivenExposure(
        product=product,
        exposed=answer == YES,
        by=UserId(user),
        way=BUTTON,
        key=key,
        channel=ChannelId(channel),
    )


def hears(policy: Policy, channel: ChannelId) -> bool:
    """True for the channels in which somebody may answer by command: those that forwards go to."""
    return channel in {to for route in policy.routes for to in route.to} and channel not in policy.shared


def exposed_words(exposing: Exposing, words: str, *, by: UserId, voice: Voice) -> str:
    """Does what stands after the command `exposed`, and returns what came of it."""
    name, _, last = words.strip().rpartition(" ")
    answer, name = _WORDS.get(last.strip().lower()), unescape(name.strip())
    if answer is None or not name:
        return voice.texts("exposure.help")
    given = GivenExposure(product=name, exposed=answer, by=by, way=SLASH, key=f"slash|{secrets.token_hex(8)}")
    taken = exposing.answer(given)
    if taken.refused is None:
        return state_words(name, taken.asked, voice)
    other = taken.asked.answer.by if taken.asked.answer else None
    return refusal_words(name, taken.refused.value, other, voice)
