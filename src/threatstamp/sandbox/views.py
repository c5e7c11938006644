"""Views as Slack takes them: a modal or the app's home, checked field by field.

Source: https://docs.slack.dev/reference/views
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from threatstamp.sandbox.blockkit import MOST_IN_VIEW, check_blocks
from threatstamp.sandbox.elements import check_id, check_text, refuse
from threatstamp.sandbox.refusal import RefusedError

LONGEST_TITLE = 24
LONGEST_METADATA = 3_000
LARGEST_VIEW = 250_000
_BOTH = frozenset({"type", "blocks", "private_metadata", "callback_id", "external_id"})
KNOWN: Mapping[str, frozenset[str]] = {
    "home": _BOTH,
    "modal": _BOTH | {"title", "close", "submit", "clear_on_close", "notify_on_close", "submit_disabled"},
}


def check_view(view: object, *, kinds: tuple[str, ...]) -> dict[str, object]:
    """Returns the view with the ids of its blocks. Raises RefusedError with what is wrong."""
    if not isinstance(view, dict) or view.get("type") not in kinds:
        raise _wrong(f"view/type: must be {' or '.join(kinds)}")
    if len(json.dumps(view, ensure_ascii=False).encode()) > LARGEST_VIEW:
        raise RefusedError("view_too_large")
    kind = str(view["type"])
    unknown = sorted(view.keys() - KNOWN[kind])
    if unknown:
        raise _wrong(f"view: unknown field: {unknown[0]}")
    try:
        blocks = check_blocks(view.get("blocks"), most=MOST_IN_VIEW)
        _check_frame(view, has_input=any(block["type"] == "input" for block in blocks))
    except RefusedError as error:
        raise RefusedError("invalid_arguments", **error.more) from None
    return {**view, "blocks": blocks}


def _check_frame(view: Mapping[str, object], *, has_input: bool) -> None:
    if view["type"] == "modal":
        check_text(view.get("title"), "/view/title", LONGEST_TITLE, plain=True)
        for name in ("submit", "close"):
            if name in view:
                check_text(view[name], f"/view/{name}", LONGEST_TITLE, plain=True)
        if has_input and "submit" not in view:
            refuse("/view/submit: must be given where there are inputs")
    if len(str(view.get("private_metadata", ""))) > LONGEST_METADATA:
        refuse(f"/view/private_metadata: must be less than {LONGEST_METADATA + 1} characters")
    for name in ("callback_id", "external_id"):
        if name in view:
            check_id(view[name], f"/view/{name}")


def _wrong(problem: str) -> RefusedError:
    return RefusedError("invalid_arguments", response_metadata={"messages": [f"[ERROR] {problem}"]})


def state_of(view: Mapping[str, object], values: Mapping[str, object]) -> dict[str, object]:
    """Returns the state of a view's inputs as a submission has it.

    values: by block id; of check boxes a list. An input that is not named keeps what it began with. Raises
    RefusedError for an input that must be filled, as Slack's clients do not submit then.
    """
    state: dict[str, object] = {}
    blocks = view["blocks"]
    assert isinstance(blocks, list)
    for block in blocks:
        if block["type"] != "input":
            continue
        element = block["element"]
        given = values.get(block["block_id"], _initial(element))
        if given in (None, "", []) and not block.get("optional"):
            raise RefusedError("input_required")
        action = element.get("action_id", "action")
        state[block["block_id"]] = {action: _value(element, given or None)}
    return state


def _initial(element: Mapping[str, object]) -> object:
    """Returns what an input holds before anybody touches it; None for nothing."""
    chosen = element.get("initial_options")
    if isinstance(chosen, list):
        return [option["value"] for option in chosen]
    option = element.get("initial_option")
    if isinstance(option, dict):
        return option["value"]
    said = (element.get(name) for name in ("initial_value", "initial_date", "initial_user"))
    return next((one for one in said if one is not None), None)


def _value(element: Mapping[str, object], given: object) -> dict[str, object]:
    kind = str(element["type"])
    if kind == "plain_text_input":
        longest = element.get("max_length", LONGEST_METADATA)
        assert isinstance(longest, int)
        if given is not None and len(str(given)) > longest:
            raise RefusedError("input_too_long")
        return {"type": kind, "value": given}
    if kind == "datepicker":
        return {"type": kind, "selected_date": given}
    if kind == "users_select":
        return {"type": kind, "selected_user": given}
    options = element["options"]
    assert isinstance(options, list)
    ticked = given if isinstance(given, list) else [] if given is None else [given]
    chosen = [one for one in options if one["value"] in ticked]
    if len(chosen) < len(ticked):
        raise RefusedError("invalid_option")
    if kind == "checkboxes":
        return {"type": kind, "selected_options": chosen}
    return {"type": kind, "selected_option": chosen[0] if chosen else None}
