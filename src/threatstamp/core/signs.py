"""The names of vital signs: small facts that one process writes to the database and others read."""

from __future__ import annotations

POLICY = "policy"
"""The digest of the policy that was recorded last."""

PRIORITIES = "priorities"
"""The digest of the table and the rules for priorities that were recorded last."""

HEAD_TOLD = "head_told"
"""When the ledger's head was last sent to the alerts channel, in microseconds."""

ALERTS_ERROR = "alerts_error"
"""Slack's error code of the last alert that could not be delivered."""

LAST_EVENT = "last_event"
"""When the last event from Slack arrived, in microseconds."""

TIDIED = "tidied"
"""When the housekeeping of once a day was done last, in microseconds."""

SCHEDULED = "scheduled"
"""When a process last began something by the clock, in microseconds."""

APP = "app"
"""Which app of which workspace the desk was at its last start; see `AppIdentity`."""

RESTORED = "restored"
"""Since when Slack may have messages that the database knows nothing of: the time of the last ledger entry in
the copy that it was restored from, in microseconds. Its own time is that of the restoration."""

SHADOW = "shadow"
"""Since when the desk has been in shadow, in microseconds, "" if it is not any more. Its own time is when a
desk in shadow was last alive."""

TAB = "tab:"
"""Prefix of the rows of a tab when they were last right, as JSON; spreadsheet and tab follow."""

RUN = "run:"
"""Prefix of the status that each `run` process writes about itself; its holder name follows."""

SWEPT = "swept:"
"""Prefix of the time of a channel's last complete sweep; team and channel follow."""

LEGEND = "legend:"
"""Prefix of where a channel's legend is, as JSON; team and channel follow."""


REMINDED = "reminded:"
"""Prefix of the last day on which a workspace's people were reminded of cases, an ISO date; team follows."""


def reminded(team: str) -> str:
    """Returns the name under which the last day of reminders is kept."""
    return f"{REMINDED}{team}"


def legend(team: str, channel: str) -> str:
    """Returns the name under which is kept where a channel's legend is."""
    return f"{LEGEND}{team}:{channel}"


def swept(team: str, channel: str) -> str:
    """Returns the name under which the time of a channel's last complete sweep is kept."""
    return f"{SWEPT}{team}:{channel}"


HANDED = "handed:"
"""Prefix of a digest of what developers were last told about a case's vulnerabilities; its number follows."""


def shown_to_developers(case: int) -> str:
    """Returns the name under which that digest is kept."""
    return f"{HANDED}{case}"


KINDS = "kinds"
"""When a person said last of what kind a story is: stories are assessed anew then."""
