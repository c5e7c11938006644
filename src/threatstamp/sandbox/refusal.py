"""What the workspace does not let happen, in Slack's own codes."""

from __future__ import annotations


class RefusedError(Exception):
    """What a person or the app tried is not possible; carries Slack's code."""

    def __init__(self, code: str, **more: object) -> None:
        super().__init__(code)
        self.code = code
        self.more = more
