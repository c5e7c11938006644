"""The result of one check, in the user's language."""

from __future__ import annotations

from dataclasses import dataclass

from threatstamp.core.errors import SlackError
from threatstamp.texts.catalogue import Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """The result of one check. fix: how to fix it, "" if it is ok or nothing is known. See `check --json`."""

    part: str
    name: str
    ok: bool
    message: str
    fix: str = ""


class Findings:
    """Makes the results of one part.

    Their texts are in the catalogue `cli` unless a key names another one.
    """

    def __init__(self, part: str, texts: Texts) -> None:
        self.part = part
        self.texts = texts

    def good(self, name: str, key: str, **values: object) -> Check:
        """Returns a result that is ok."""
        message = self.texts(_with_catalogue(key), **values)
        return Check(part=self.part, name=name, ok=True, message=message)

    def bad(self, name: str, key: str, **values: object) -> Check:
        """Returns a failure; with how to fix it, if there is a text `*_fix`."""
        fix = f"{_with_catalogue(key)}_fix"
        return self.wrong(
            name,
            self.texts(_with_catalogue(key), **values),
            fix=self.texts(fix, **values) if self.texts.has(fix) else "",
        )

    def wrong(self, name: str, message: str, *, fix: str = "") -> Check:
        """Returns a failure with a given message."""
        return Check(part=self.part, name=name, ok=False, message=message, fix=fix)

    def refused(self, name: str, error: SlackError) -> Check:
        """Returns a failure for a call that Slack refused, or did not answer.

        A missing scope is a failure of that scope, whatever could not be checked without it.
        """
        if error.code == "missing_scope":
            return self.without_scope(error.needed.partition(",")[0], method=error.method)
        key = "check_slack_http" if error.code.startswith("http_5") else f"check_slack_{error.code}"
        known = key if self.texts.has(f"cli.{key}") else "check_slack_error"
        return self.bad(name, known, code=error.code, method=error.method)

    def without_scope(self, scope: str, *, method: str) -> Check:
        """Returns a failure for a scope that a call needed. scope: "" if Slack did not say which."""
        found = Findings("scope", self.texts)
        if not scope:
            return found.bad(method, "check_slack_missing_scope", method=method)
        return found.bad(scope, "check_scope_missing", scope=scope)


def _with_catalogue(key: str) -> str:
    return key if "." in key else f"cli.{key}"
