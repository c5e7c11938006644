"""Seams: where a test can put a wrapper around a port of the desk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from threatstamp.desk.ports.feeds import Fetching
from threatstamp.desk.ports.store import Store
from threatstamp.slack.client import SlackWorkspace

T = TypeVar("T")


def _unwrapped(port: T) -> T:
    return port


@dataclass(frozen=True, slots=True, kw_only=True)
class Seams:
    """Functions that wrap the ports when the desk is put together; by default they return them unchanged.

    Every effect of the desk goes through one of these ports, housekeeping included, so that the crash tests
    can stop a process before and after each.
    """

    store: Callable[[Store], Store] = _unwrapped
    workspace: Callable[[SlackWorkspace], SlackWorkspace] = _unwrapped
    fetching: Callable[[Fetching], Fetching] = _unwrapped


NO_SEAMS = Seams()
