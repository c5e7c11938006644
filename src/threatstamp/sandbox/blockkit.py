"""Checks blocks as strictly as Slack does, so that a message that it would refuse is refused here."""

from __future__ import annotations

from collections.abc import Mapping

from threatstamp.sandbox.refusal import RefusedError

MOST_BLOCKS = 50
LONGEST = {"section": 3_000, "header": 150, "context": 2_000}
LONGEST_LABEL = 75
ELEMENTS = {
    "rich_text": {"rich_text_section", "rich_text_list", "rich_text_quote", "rich_text_preformatted"},
    "context": {"mrkdwn", "plain_text", "image"},
    "actions": {"button", "static_select", "users_select", "datepicker", "overflow"},
}
INLINE = {"text", "link", "user", "usergroup", "broadcast", "emoji", "channel", "date", "color"}


def check_blocks(blocks: object) -> list[dict[str, object]]:
    """Returns the blocks with their ids. Raises RefusedError("invalid_blocks") with what is wrong."""
    if not isinstance(blocks, list):
        _refuse("blocks must be a list")
        return []
    if len(blocks) > MOST_BLOCKS:
        _refuse(f"no more than {MOST_BLOCKS} items allowed")
    checked: list[dict[str, object]] = []
    for number, block in enumerate(blocks):
        if not isinstance(block, dict):
            _refuse(f"blocks[{number}] must be an object")
            continue
        _check_block(block, f"/blocks/{number}")
        checked.append({"block_id": f"b{number}", **block})
    return checked


def _check_block(block: Mapping[str, object], at: str) -> None:
    match block.get("type"):
        case "section":
            _check_section(block, at)
        case "header":
            _check_text(block.get("text"), f"{at}/text", LONGEST["header"], plain=True)
        case "context":
            _check_context(block, at)
        case "actions":
            for number, element in enumerate(_check_elements(block, at)):
                if element.get("type") == "button":
                    _check_text(
                        element.get("text"), f"{at}/elements/{number}/text", LONGEST_LABEL, plain=True
                    )
        case "rich_text":
            for number, element in enumerate(_check_elements(block, at)):
                _check_rich(element, f"{at}/elements/{number}")
        case "divider" | "image":
            return
        case other:
            _refuse(f"{at}: unsupported type: {other}")


def _check_section(block: Mapping[str, object], at: str) -> None:
    if "text" not in block and "fields" not in block:
        _refuse(f"{at}: text or fields are missing")
    if "text" in block:
        _check_text(block["text"], f"{at}/text", LONGEST["section"])


def _check_context(block: Mapping[str, object], at: str) -> None:
    elements = _check_elements(block, at)
    if len(elements) > 10:
        _refuse(f"{at}/elements: no more than 10 items allowed")
    for number, element in enumerate(elements):
        if element.get("type") != "image":
            _check_text(element, f"{at}/elements/{number}", LONGEST["context"])


def _check_elements(block: Mapping[str, object], at: str) -> list[Mapping[str, object]]:
    elements = block.get("elements")
    if not isinstance(elements, list) or not elements:
        _refuse(f"{at}/elements: must be given")
        return []
    allowed = ELEMENTS[str(block["type"])]
    for number, element in enumerate(elements):
        if not isinstance(element, dict) or element.get("type") not in allowed:
            _refuse(f"{at}/elements/{number}: unsupported element")
    return elements


def _check_rich(element: Mapping[str, object], at: str) -> None:
    inner = element.get("elements")
    if not isinstance(inner, list):
        _refuse(f"{at}/elements: must be given")
        return
    for number, one in enumerate(inner):
        kind = one.get("type") if isinstance(one, dict) else None
        if kind == "rich_text_section":
            _check_rich(one, f"{at}/elements/{number}")
        elif kind not in INLINE:
            _refuse(f"{at}/elements/{number}: unsupported type {kind}")
        elif kind == "text" and not one.get("text"):
            _refuse(f"{at}/elements/{number}: must be more than 0 characters")
        elif kind == "link" and not str(one.get("url", "")).startswith(("http://", "https://", "mailto:")):
            _refuse(f"{at}/elements/{number}: invalid url")


def _check_text(text: object, at: str, longest: int, *, plain: bool = False) -> None:
    if not isinstance(text, dict) or text.get("type") not in ("mrkdwn", "plain_text"):
        _refuse(f"{at}: must be a text object")
        return
    if plain and text["type"] != "plain_text":
        _refuse(f"{at}: must be plain_text")
    words = text.get("text")
    if not isinstance(words, str) or not words:
        _refuse(f"{at}: must be more than 0 characters")
    elif len(words) > longest:
        _refuse(f"{at}: must be less than {longest + 1} characters")


def _refuse(problem: str) -> None:
    raise RefusedError("invalid_blocks", response_metadata={"messages": [f"[ERROR] {problem}"]})
