"""What can go wrong, as types: callers decide by type and attribute, never by an error's text."""

from __future__ import annotations

from enum import StrEnum


class DeskError(Exception):
    """The root of the program's own errors; each can be reported to a person as it is."""


class PolicyError(DeskError):
    """The settings file is wrong. problems: every one that was found, not only the first."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class StoreError(DeskError):
    """The database cannot be opened, read or written."""


class Unfit(StrEnum):
    """Why the program refuses to use a database although its address is right, or a copy of one."""

    NEW = "new"
    """It does not exist yet, or has none of our tables, and this command does not create them."""
    OLDER = "older"
    """It needs an upgrade, and this command does not upgrade."""
    NEWER = "newer"
    """Its version is unknown here: a later version of the program made it, or another program did."""
    FOLDER = "folder"
    """There is a folder where its file should be."""
    NO_FOLDER = "no_folder"
    """The folder of its file does not exist."""
    NO_COPY = "no_copy"
    """The copy that precedes every upgrade could not be made."""
    UNSAFE = "unsafe"
    """Another program has it open in WAL mode, in which this version of SQLite can lose data."""
    TAKEN = "taken"
    """There is a file already where a copy should go."""
    IN_PLACE = "in_place"
    """There is a database already, or what another one left beside it, where a copy should be restored."""
    FOREIGN = "foreign"
    """The copy is no database of this program."""
    DAMAGED = "damaged"
    """SQLite finds it damaged."""
    NOT_COPIED = "not_copied"
    """A copy could not be read, or not be written."""


class Shadow(StrEnum):
    """Why something cannot be done in shadow, or only there."""

    SPEAKS = "speaks"
    """A process that writes into Slack is alive, so none in shadow may begin."""
    SILENT = "silent"
    """A process in shadow is alive, so none may begin that writes into Slack."""
    PASS = "pass"  # noqa: S105 - no password
    """A pass would forward, and only `run` ends the shadow."""
    NEVER = "never"
    """There is nothing to compare: the desk has never been in shadow."""


class UnstorableError(StoreError):
    """The database refuses what is to be written, and not writing as such: other things can be written."""


class UnfitError(StoreError):
    """The program refuses to use a database, and has not changed it.

    values: the placeholders of the sentence for this reason.
    """

    def __init__(self, reason: Unfit, **values: str) -> None:
        super().__init__(", ".join((reason.value, *values.values())))
        self.reason = reason
        self.values = values


class FactsFault(StrEnum):
    """Why facts cannot be read. Each has a text `facts_*` in the catalogue `status`."""

    BROKEN = "broken"
    """The database of facts is damaged, locked, or no database at all."""
    LAYOUT = "layout"
    """Another version of the program has loaded them."""


class FactsError(DeskError):
    """Facts cannot be read. place: the file or the server. reason: the driver's words."""

    def __init__(self, fault: FactsFault, *, place: str, reason: str = "") -> None:
        super().__init__(f"{place}: {reason or fault.value}")
        self.fault = fault
        self.place = place
        self.reason = reason


class LedgerError(DeskError):
    """A ledger entry's body is invalid: a programming error, caught before it is written."""


class SlackError(DeskError):
    """Slack refused a call, or its answer is not known.

    code: Slack's error code, or our own: "timeout", "connection", "http_503" and the like.
    permanent: retrying cannot succeed. ambiguous: no answer came, so Slack may have executed the call.
    retry_after: seconds from Slack's Retry-After header, None without one. needed: the scopes of which one
    is missing, as Slack names them.
    """

    def __init__(
        self,
        code: str,
        *,
        permanent: bool = False,
        ambiguous: bool = False,
        retry_after: float | None = None,
        method: str = "",
        needed: str = "",
    ) -> None:
        super().__init__(f"{method}: {code}" if method else code)
        self.code = code
        self.permanent = permanent
        self.ambiguous = ambiguous
        self.retry_after = retry_after
        self.method = method
        self.needed = needed


class ServiceError(DeskError):
    """A service beside Slack refused a call, or its answer is not known.

    code: our own word for why, with a sentence in the catalogue `codes`. permanent: it stays so until a
    person changes something. retry_after: seconds from the header Retry-After, None without one. values:
    what else its sentence says, such as the account that lacks a right.
    """

    def __init__(
        self, code: str, *, permanent: bool = False, retry_after: float | None = None, **values: str
    ) -> None:
        super().__init__(code)
        self.code = code
        self.permanent = permanent
        self.retry_after = retry_after
        self.values = values


class SheetError(ServiceError):
    """Google refused a call for a spreadsheet, or its answer is not known."""


class TrackerError(ServiceError):
    """A tracker refused a call for a ticket, or its answer is not known.

    ambiguous: no answer came, so the tracker may have done what it was asked.
    """

    def __init__(
        self,
        code: str,
        *,
        permanent: bool = False,
        retry_after: float | None = None,
        ambiguous: bool = False,
        **values: str,
    ) -> None:
        super().__init__(code, permanent=permanent, retry_after=retry_after, **values)
        self.ambiguous = ambiguous


def is_about_one(error: Exception) -> bool:
    """True if an error is about the one thing that is being taken, so that the others can go on without it.

    Slack or the database being away is about all of them: what waits for that is taken later, as a whole.
    """
    return isinstance(error, UnstorableError) or not isinstance(error, (SlackError, StoreError))


class ShadowError(DeskError):
    """The desk is in shadow, or is not, and what is asked for needs the opposite.

    holder: the process that is in the way, "" if it is the desk as such.
    """

    def __init__(self, reason: Shadow, *, holder: str = "") -> None:
        super().__init__(f"{reason.value} {holder}".strip())
        self.reason = reason
        self.holder = holder


class UnsettledError(DeskError):
    """A message may be one of ours: whether a delivery to its channel succeeded is not on record yet."""


class ContentError(DeskError):
    """No message can be made of what is to be said: a fault of ours, or the record of another version."""


class LeaseLostError(DeskError):
    """A claim became too old before its call began: another worker may hold it now, so nothing was sent."""
