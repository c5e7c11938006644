"""Posts of the source channels that were seen lately, in memory only: a stamp on one needs no call."""

from __future__ import annotations

import threading
from collections import OrderedDict

from threatstamp.core.stamps.post import Place, Snapshot

MOST = 2_000


class RecentPosts:
    """A bounded memory. Nothing of it is ever written: only what is stamped goes on record."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._posts: OrderedDict[Place, Snapshot] = OrderedDict()

    def get(self, place: Place) -> Snapshot | None:
        with self._lock:
            return self._posts.get(place)

    def put(self, place: Place, snapshot: Snapshot) -> None:
        with self._lock:
            self._posts[place] = snapshot
            self._posts.move_to_end(place)
            while len(self._posts) > self._most:
                self._posts.popitem(last=False)

    def forget(self, place: Place) -> None:
        """The post was edited or deleted: the next stamp on it reads it again."""
        with self._lock:
            self._posts.pop(place, None)
