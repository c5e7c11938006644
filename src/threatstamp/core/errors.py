"""What can go wrong, as types; nobody reads the text of an error to decide."""

from __future__ import annotations

from enum import StrEnum


class DeskError(Exception):
    """Something is wrong that a person can be told about."""


class PolicyError(DeskError):
    """The file is wrong; carries every problem found, not only the first."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class StoreError(DeskError):
    """The database cannot be opened, read or written."""


class Unfit(StrEnum):
    """Why a database is left alone although its address is right."""

    NEW = "new"
    """It is not there yet, or has no tables of ours, and this command creates none."""
    OLDER = "older"
    """It needs an upgrade, and this command makes none."""
    NEWER = "newer"
    """A later version made it, or something else did."""
    NO_FOLDER = "no_folder"
    NO_COPY = "no_copy"
    """The copy that comes before an upgrade could not be made."""
    UNSAFE = "unsafe"
    """Another program holds it in the journal mode in which this SQLite loses data."""


class UnfitError(StoreError):
    """A database is left as it is. values: what the sentence about the reason needs."""

    def __init__(self, reason: Unfit, **values: str) -> None:
        super().__init__(", ".join((reason.value, *values.values())))
        self.reason = reason
        self.values = values


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
