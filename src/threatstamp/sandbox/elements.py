"""Checks interactive elements as Slack does: https://docs.slack.dev/reference/block-kit/block-elements"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NoReturn

from threatstamp.sandbox.refusal import RefusedError

LONGEST_LABEL = 75
LONGEST_ID = 255
LONGEST_VALUE = 2_000
LONGEST_PLACEHOLDER = 150
LONGEST_OPTION = {"text": 75, "value": 150}
LONGEST_INPUT = 3_000
LONGEST_URL = 3_000
LONGEST_CONFIRM = {"title": 100, "text": 300, "confirm": 30, "deny": 30}
MOST_OPTIONS = {"overflow": 5, "static_select": 100, "radio_buttons": 10, "checkboxes": 10}

_ANY = frozenset({"type", "action_id", "focus_on_load"})
KNOWN: Mapping[str, frozenset[str]] = {
    "button": _ANY | {"text", "value", "url", "style", "confirm", "accessibility_label"},
    "overflow": _ANY | {"options", "confirm"},
    "static_select": _ANY | {"options", "option_groups", "initial_option", "placeholder", "confirm"},
    "radio_buttons": _ANY | {"options", "initial_option", "confirm"},
    "checkboxes": _ANY | {"options", "initial_options", "confirm"},
    "users_select": _ANY | {"initial_user", "placeholder", "confirm"},
    "datepicker": _ANY | {"initial_date", "placeholder", "confirm"},
    "plain_text_input": _ANY
    | {"initial_value", "multiline", "min_length", "max_length", "placeholder", "dispatch_action_config"},
}
"""Every element that is understood here, with its fields: another one is a mistake."""

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def check_element(element: Mapping[str, object], at: str) -> None:
    """Raises RefusedError("invalid_blocks") with what is wrong."""
    kind = str(element.get("type"))
    if kind not in KNOWN:
        refuse(f"{at}: unsupported element: {kind}")
    for name in sorted(element.keys() - KNOWN[kind]):
        refuse(f"{at}: unknown field: {name}")
    check_id(element.get("action_id", "a"), f"{at}/action_id")
    if kind == "button":
        check_text(element.get("text"), f"{at}/text", LONGEST_LABEL, plain=True)
        _check_words(element.get("value", "v"), f"{at}/value", LONGEST_VALUE)
        if element.get("style", "primary") not in ("primary", "danger"):
            refuse(f"{at}/style: must be primary or danger")
        _check_words(element.get("url", "u"), f"{at}/url", LONGEST_URL)
    if "confirm" in element:
        _check_confirm(element["confirm"], f"{at}/confirm")
    if "placeholder" in element:
        check_text(element["placeholder"], f"{at}/placeholder", LONGEST_PLACEHOLDER, plain=True)
    if kind in MOST_OPTIONS:
        _check_options(element, at, most=MOST_OPTIONS[kind])
    if kind == "datepicker" and not _DATE.fullmatch(str(element.get("initial_date", "2026-01-01"))):
        refuse(f"{at}/initial_date: must be YYYY-MM-DD")
    if kind == "plain_text_input":
        _check_input(element, at)


def _check_confirm(confirm: object, at: str) -> None:
    if not isinstance(confirm, Mapping) or confirm.keys() - {*LONGEST_CONFIRM, "style"}:
        refuse(f"{at}: must be a confirmation dialog")
        return
    for name, longest in LONGEST_CONFIRM.items():
        check_text(confirm.get(name), f"{at}/{name}", longest, plain=True)


def _check_input(element: Mapping[str, object], at: str) -> None:
    longest = element.get("max_length", LONGEST_INPUT)
    if not isinstance(longest, int) or not 1 <= longest <= LONGEST_INPUT:
        refuse(f"{at}/max_length: must be from 1 to {LONGEST_INPUT}")
        return
    if len(str(element.get("initial_value", ""))) > longest:
        refuse(f"{at}/initial_value: is longer than max_length")


def _check_options(element: Mapping[str, object], at: str, *, most: int) -> None:
    options = element.get("options")
    if not isinstance(options, Sequence) or not options:
        refuse(f"{at}/options: must be given")
        return
    if len(options) > most:
        refuse(f"{at}/options: no more than {most} items allowed")
    values = []
    for number, option in enumerate(options):
        place = f"{at}/options/{number}"
        if not isinstance(option, Mapping) or option.keys() - {"text", "value", "description", "url"}:
            refuse(f"{place}: must be an option")
            continue
        check_text(option.get("text"), f"{place}/text", LONGEST_OPTION["text"])
        _check_words(option.get("value"), f"{place}/value", LONGEST_OPTION["value"])
        if "description" in option:
            check_text(option["description"], f"{place}/description", LONGEST_OPTION["text"])
        values.append(option.get("value"))
    if len(set(map(str, values))) < len(values):
        refuse(f"{at}/options: values must be unique")
    if "initial_option" in element and element["initial_option"] not in options:
        refuse(f"{at}/initial_option: must be one of the options")
    first = element.get("initial_options", options)
    if not isinstance(first, Sequence) or not first or any(one not in options for one in first):
        refuse(f"{at}/initial_options: must be some of the options")


def check_id(value: object, at: str) -> None:
    """Refuses an id that is empty or too long."""
    _check_words(value, at, LONGEST_ID)


def check_text(text: object, at: str, longest: int, *, plain: bool = False) -> None:
    """Refuses what is no text object, or is too long."""
    if not isinstance(text, dict) or text.get("type") not in ("mrkdwn", "plain_text"):
        refuse(f"{at}: must be a text object")
        return
    if plain and text["type"] != "plain_text":
        refuse(f"{at}: must be plain_text")
    _check_words(text.get("text"), at, longest)


def _check_words(words: object, at: str, longest: int) -> None:
    if not isinstance(words, str) or not words:
        refuse(f"{at}: must be more than 0 characters")
    elif len(words) > longest:
        refuse(f"{at}: must be less than {longest + 1} characters")


def refuse(problem: str) -> NoReturn:
    """Raises what Slack answers to blocks that it does not take."""
    raise RefusedError("invalid_blocks", response_metadata={"messages": [f"[ERROR] {problem}"]})
