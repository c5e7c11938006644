"""`run --shadow`: the desk works beside the old script, and says nothing."""

from __future__ import annotations

from dataclasses import replace

from threatstamp.app.journal import Journal
from threatstamp.config.settings import Settings
from threatstamp.core import signs
from threatstamp.core.errors import DeskError, Shadow, ShadowError
from threatstamp.core.policy import Confirm
from threatstamp.core.time import Micros
from threatstamp.desk.ports.store import Store
from threatstamp.desk.views.running import read_running
from threatstamp.store import SqlStore, open_store
from threatstamp.store.shadow import ShadowStore


def quiet(settings: Settings) -> Settings:
    """Returns the settings without what a desk in shadow does not even order.

    A trouble counts as told once its alert is ordered, and a post is confirmed once: both would be missing
    after the cut-over.
    """
    return replace(settings, alerts=None, slack=replace(settings.slack, confirm=Confirm.NONE))


def open_agreed(
    settings: Settings, journal: Journal, *, in_shadow: bool, now: Micros
) -> tuple[Settings, SqlStore]:
    """Opens the database for `run`: that of a desk in shadow, or of one that speaks; and its settings.

    Raises StoreError; ShadowError if a process of the opposite kind works on it.
    """
    store = open_store(settings.database, journal=journal, kind=ShadowStore if in_shadow else SqlStore)
    try:
        _agree(store, in_shadow=in_shadow, now=now)
    except DeskError:
        store.close()
        raise
    return (quiet(settings) if in_shadow else settings), store


def _agree(store: Store, *, in_shadow: bool, now: Micros) -> None:
    # Slack gives each event to one of them only: half of the stamps would be forwarded by nobody, or twice
    with store.reading() as read:
        others = [one for one in read_running(read.vitals.every(), now=now) if one.shadow is not in_shadow]
    for one in others:
        raise ShadowError(Shadow.SPEAKS if in_shadow else Shadow.SILENT, holder=one.holder)


def forbid_in_shadow(store: Store) -> None:
    """Raises ShadowError for a pass while the desk is in shadow, also when its process has ended."""
    with store.reading() as read:
        if read.vitals.get(signs.SHADOW):
            raise ShadowError(Shadow.PASS)
