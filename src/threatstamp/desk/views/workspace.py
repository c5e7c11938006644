"""What is known of the workspace without calling Slack: which app the desk is, and its channels' names."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Self

from threatstamp.core import signs
from threatstamp.core.ids import TeamId
from threatstamp.desk.ports.store import Read


@dataclass(frozen=True, slots=True, kw_only=True)
class AppIdentity:
    """Which app of which workspace the desk is. me, handle: the id and the handle of its bot user."""

    team: str
    team_name: str
    me: str
    handle: str

    def write(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def read(cls, text: str) -> Self:
        """Returns what a process has written, also one of another version: "" for what is missing."""
        body = json.loads(text)
        return cls(**{name: str(body.get(name, "")) for name in cls.__slots__})


def channel_names(read: Read) -> Mapping[str, str]:
    """Returns the channels that are on record with a name, "#news" by id."""
    vitals = read.vitals.every()
    app = AppIdentity.read(vitals[signs.APP][0]) if signs.APP in vitals else None
    known = read.names.known(TeamId(app.team)).values() if app else ()
    return {one.found: one.name for one in known if one.name.startswith("#")}
