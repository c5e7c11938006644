"""One thing that was checked, in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass

from threatstamp.core.errors import SlackError
from threatstamp.texts.catalogue import Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was checked. fix: what to do next, "" where it is well."""

    part: str
    name: str
    ok: bool
    message: str
    fix: str = ""


class Findings:
    """Makes checks of one part. Their sentences are in the room `cli` unless a key names another one."""

    def __init__(self, part: str, texts: Texts) -> None:
        self.part = part
        self.texts = texts

    def good(self, name: str, key: str, **values: object) -> Check:
        """Returns what is well."""
        message = self.texts(_with_room(key), **values)
        return Check(part=self.part, name=name, ok=True, message=message)

    def bad(self, name: str, key: str, **values: object) -> Check:
        """Returns what is wrong, with what to do if there is a sentence `*_fix` for it."""
        fix = f"{_with_room(key)}_fix"
        return self.wrong(
            name,
            self.texts(_with_room(key), **values),
            fix=self.texts(fix, **values) if self.texts.has(fix) else "",
        )

    def wrong(self, name: str, message: str, *, fix: str = "") -> Check:
        """Returns what is wrong, in words that were made elsewhere."""
        return Check(part=self.part, name=name, ok=False, message=message, fix=fix)

    def refused(self, name: str, error: SlackError) -> Check:
        """Returns what Slack did not answer, or refused."""
        key = "check_slack_http" if error.code.startswith("http_5") else f"check_slack_{error.code}"
        known = key if self.texts.has(f"cli.{key}") else "check_slack_error"
        return self.bad(name, known, code=error.code, method=error.method)


def _with_room(key: str) -> str:
    return key if "." in key else f"cli.{key}"
