"""The store: SQLite in one file, or PostgreSQL, behind one interface."""

from __future__ import annotations

from threatstamp.store.store import SqlStore, open_store

__all__ = ["SqlStore", "open_store"]
