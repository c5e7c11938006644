"""What can go wrong, as types; nobody reads the text of an error to decide."""

from __future__ import annotations


class DeskError(Exception):
    """Something is wrong that a person can be told about."""


class PolicyError(DeskError):
    """The file is wrong; carries every problem found, not only the first."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class StoreError(DeskError):
    """The database cannot be opened, read or written."""


class LedgerError(DeskError):
    """A body that the record cannot hold: a mistake of ours, found when it is written."""


class SlackError(DeskError):
    """Slack refused a call, or its answer is not known.

    code: Slack's error code, or "timeout", "connection", "http_503" and the like.
    permanent: a further try cannot pass. ambiguous: Slack may have done it all the same.
    retry_after: seconds that Slack asked to wait, if it did.
    """

    def __init__(
        self,
        code: str,
        *,
        permanent: bool = False,
        ambiguous: bool = False,
        retry_after: float | None = None,
        method: str = "",
    ) -> None:
        super().__init__(f"{method}: {code}" if method else code)
        self.code = code
        self.permanent = permanent
        self.ambiguous = ambiguous
        self.retry_after = retry_after
        self.method = method


class LeaseLostError(DeskError):
    """A claim grew too old before its act began; another worker may hold it now, so nothing was sent."""
