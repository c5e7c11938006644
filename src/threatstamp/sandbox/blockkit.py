"""Checks blocks as strictly as Slack does, so that a message that it would refuse is refused here."""

from __future__ import annotations

from collections.abc import Mapping

from threatstamp.sandbox.elements import check_element, check_id, check_text, refuse

MOST_BLOCKS = 50
MOST_IN_VIEW = 100
MOST_ACTIONS = 25
MOST_FIELDS = 10
LONGEST = {"section": 3_000, "field": 2_000, "header": 150, "context": 2_000}
SECTION = {"type", "block_id", "text", "fields", "accessory", "expand"}
ELEMENTS = {
    "rich_text": {"rich_text_section", "rich_text_list", "rich_text_quote", "rich_text_preformatted"},
    "context": {"mrkdwn", "plain_text", "image"},
    "actions": {"button", "static_select", "users_select", "datepicker", "overflow"},
}
INPUT = {"type", "block_id", "label", "hint", "element", "optional", "dispatch_action"}
INLINE = {"text", "link", "user", "usergroup", "broadcast", "emoji", "channel", "date", "color"}


def check_blocks(blocks: object, *, most: int = MOST_BLOCKS) -> list[dict[str, object]]:
    """Returns the blocks with their ids. Raises RefusedError("invalid_blocks") with what is wrong."""
    if not isinstance(blocks, list):
        refuse("blocks must be a list")
        return []
    if len(blocks) > most:
        refuse(f"no more than {most} items allowed")
    checked: list[dict[str, object]] = []
    for number, block in enumerate(blocks):
        if not isinstance(block, dict):
            refuse(f"blocks[{number}] must be an object")
            continue
        _check_block(block, f"/blocks/{number}")
        checked.append({"block_id": f"b{number}", **block})
    if len({str(block["block_id"]) for block in checked}) < len(checked):
        refuse("block_id must be unique")
    return checked


def _check_block(block: Mapping[str, object], at: str) -> None:
    check_id(block.get("block_id", "b"), f"{at}/block_id")
    match block.get("type"):
        case "section":
            _check_section(block, at)
        case "header":
            check_text(block.get("text"), f"{at}/text", LONGEST["header"], plain=True)
        case "context":
            _check_context(block, at)
        case "actions":
            _check_actions(block, at)
        case "input":
            _check_input(block, at)
        case "rich_text":
            for number, element in enumerate(_check_elements(block, at)):
                _check_rich(element, f"{at}/elements/{number}")
        case "divider" | "image":
            return
        case other:
            refuse(f"{at}: unsupported type: {other}")


def _check_actions(block: Mapping[str, object], at: str) -> None:
    elements = _check_elements(block, at)
    if len(elements) > MOST_ACTIONS:
        refuse(f"{at}/elements: no more than {MOST_ACTIONS} items allowed")
    for number, element in enumerate(elements):
        check_element(element, f"{at}/elements/{number}")
    ids = [str(element.get("action_id", number)) for number, element in enumerate(elements)]
    if len(set(ids)) < len(ids):
        refuse(f"{at}/elements: action_id must be unique")


def _check_input(block: Mapping[str, object], at: str) -> None:
    for name in sorted(block.keys() - INPUT):
        refuse(f"{at}: unknown field: {name}")
    check_text(block.get("label"), f"{at}/label", 2_000, plain=True)
    if "hint" in block:
        check_text(block["hint"], f"{at}/hint", 2_000, plain=True)
    element = block.get("element")
    if not isinstance(element, dict) or element.get("type") in ("button", "overflow"):
        refuse(f"{at}/element: must be an element for input")
    check_element(element, f"{at}/element")


def _check_section(block: Mapping[str, object], at: str) -> None:
    for name in sorted(block.keys() - SECTION):
        refuse(f"{at}: unknown field: {name}")
    if "text" not in block and "fields" not in block:
        refuse(f"{at}: text or fields are missing")
    if "text" in block:
        check_text(block["text"], f"{at}/text", LONGEST["section"])
    listed = block.get("fields", [{"type": "plain_text", "text": "-"}])
    if not isinstance(listed, list) or not 1 <= len(listed) <= MOST_FIELDS:
        refuse(f"{at}/fields: must be from 1 to {MOST_FIELDS} items")
        return
    for number, field in enumerate(listed):
        check_text(field, f"{at}/fields/{number}", LONGEST["field"])
    accessory = block.get("accessory")
    if isinstance(accessory, dict) and accessory.get("type") != "image":
        check_element(accessory, f"{at}/accessory")


def _check_context(block: Mapping[str, object], at: str) -> None:
    elements = _check_elements(block, at)
    if len(elements) > 10:
        refuse(f"{at}/elements: no more than 10 items allowed")
    for number, element in enumerate(elements):
        if element.get("type") != "image":
            check_text(element, f"{at}/elements/{number}", LONGEST["context"])


def _check_elements(block: Mapping[str, object], at: str) -> list[Mapping[str, object]]:
    elements = block.get("elements")
    if not isinstance(elements, list) or not elements:
        refuse(f"{at}/elements: must be given")
        return []
    allowed = ELEMENTS[str(block["type"])]
    for number, element in enumerate(elements):
        if not isinstance(element, dict) or element.get("type") not in allowed:
            refuse(f"{at}/elements/{number}: unsupported element")
    return elements


def _check_rich(element: Mapping[str, object], at: str) -> None:
    inner = element.get("elements")
    if not isinstance(inner, list):
        refuse(f"{at}/elements: must be given")
        return
    for number, one in enumerate(inner):
        kind = one.get("type") if isinstance(one, dict) else None
        if kind == "rich_text_section":
            _check_rich(one, f"{at}/elements/{number}")
        elif kind not in INLINE:
            refuse(f"{at}/elements/{number}: unsupported type {kind}")
        elif kind == "text" and not one.get("text"):
            refuse(f"{at}/elements/{number}: must be more than 0 characters")
        elif kind == "link" and not str(one.get("url", "")).startswith(("http://", "https://", "mailto:")):
            refuse(f"{at}/elements/{number}: invalid url")
