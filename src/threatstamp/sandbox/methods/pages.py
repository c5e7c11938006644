"""Pages and their cursors."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import TYPE_CHECKING

from threatstamp.sandbox.arguments import Arguments
from threatstamp.sandbox.refusal import RefusedError

if TYPE_CHECKING:
    from threatstamp.sandbox.workspace import SandboxWorkspace

MOST = 999
SMALL = 15


def page_of(
    workspace: SandboxWorkspace, found: Sequence[str], given: Arguments, *, default: int
) -> tuple[list[str], str]:
    """Returns one page, and the cursor of the next. A cursor names the first entry that is to come."""
    most = SMALL if workspace.limits.small_pages else MOST
    limit = max(1, min(given.number("limit", default), most))
    start = 0
    if given.has("cursor"):
        try:
            wanted = base64.b64decode(given.text("cursor"), validate=True).decode().removeprefix("next:")
            start = found.index(wanted)
        except (ValueError, UnicodeDecodeError):
            raise RefusedError("invalid_cursor") from None
    page = list(found[start : start + limit])
    if start + limit >= len(found):
        return page, ""
    return page, base64.b64encode(f"next:{found[start + limit]}".encode()).decode()
