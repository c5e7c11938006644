"""The names of signs of life: small facts that processes write down, and others read."""

from __future__ import annotations

POLICY = "policy"
"""The digest of the policy that was met last."""

HEAD_TOLD = "head_told"
"""When alerts were told the ledger's head."""

ALERTS_ERROR = "alerts_error"
"""Slack's code, if the last alert could not be delivered."""

LAST_EVENT = "last_event"
"""When Slack's last event came."""

RUN = "run:"
"""How the names begin under which processes write of themselves; the holder follows."""

SWEPT = "swept:"
"""How the names begin that say when a channel was swept last; team and channel follow."""


def swept(team: str, channel: str) -> str:
    """Returns the name of the sign that says when a channel was swept last."""
    return f"{SWEPT}{team}:{channel}"
