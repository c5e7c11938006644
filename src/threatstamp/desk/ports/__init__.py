"""What the steps need from outside: a store, a workspace, feeds, a clock. Every effect goes through here."""

from __future__ import annotations

from threatstamp.desk.ports.news import Fetching, KnownEntry, News, NewStory
from threatstamp.desk.ports.record import (
    Facts,
    Owed,
    PostRecord,
    Record,
    Routing,
    Sighting,
    StampRecord,
    Trouble,
)
from threatstamp.desk.ports.slack import (
    AlertSaying,
    DigestSaying,
    ForwardSaying,
    Found,
    LineSaying,
    Page,
    RefusalSaying,
    Saying,
    SeenPost,
    SeenReaction,
    StorySaying,
    Workspace,
)
from threatstamp.desk.ports.store import Inbox, Kept, Store, Tx
from threatstamp.desk.ports.time import Clock, Timing

__all__ = [
    "AlertSaying",
    "Clock",
    "DigestSaying",
    "Facts",
    "Fetching",
    "ForwardSaying",
    "Found",
    "Inbox",
    "Kept",
    "KnownEntry",
    "LineSaying",
    "NewStory",
    "News",
    "Owed",
    "Page",
    "PostRecord",
    "Record",
    "RefusalSaying",
    "Routing",
    "Saying",
    "SeenPost",
    "SeenReaction",
    "Sighting",
    "StampRecord",
    "Store",
    "StorySaying",
    "Timing",
    "Trouble",
    "Tx",
    "Workspace",
]
