"""Where a test puts itself between the desk and the outside: a wrapper round each port."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from threatstamp.desk.ports.feeds import Fetching
from threatstamp.desk.ports.store import Store
from threatstamp.slack.client import SlackWorkspace

T = TypeVar("T")


def _itself(port: T) -> T:
    return port


@dataclass(frozen=True, slots=True, kw_only=True)
class Seams:
    """What the ports are wrapped in when the desk is put together; nothing, usually.

    Every effect of the desk, its housekeeping too, goes through one of them.
    """

    store: Callable[[Store], Store] = _itself
    workspace: Callable[[SlackWorkspace], SlackWorkspace] = _itself
    fetching: Callable[[Fetching], Fetching] = _itself


NO_SEAMS = Seams()
