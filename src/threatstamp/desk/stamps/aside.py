"""What cannot be taken is put aside: it is said, the rest goes on, and it is tried again each time."""

from __future__ import annotations

from threatstamp.core.stamps.post import Place
from threatstamp.core.trouble import TroubleKind
from threatstamp.desk.ports.store import Tx
from threatstamp.desk.ports.tools import Tools


class Aside:
    """The posts that one pass could not take. Each is a trouble until such a pass takes it.

    of: which pass, as the beginning of the troubles' subjects: a channel's sweep, or the waiting stamps.
    """

    def __init__(self, tools: Tools, of: str) -> None:
        self._tools = tools
        self._of = f"{of}:"
        self._subjects: set[str] = set()

    def __len__(self) -> int:
        return len(self._subjects)

    def put(self, place: Place, error: str) -> None:
        """Notes a post. error: the name of what was raised. Raises StoreError."""
        subject = f"{self._of}{place.channel}:{place.ts}"
        self._subjects.add(subject)
        now = self._tools.clock.now()
        values = {"channel": place.channel, "ts": place.ts, "error": error}
        with self._tools.store.transaction() as tx:
            tx.troubles.open(TroubleKind.POST, subject, values=values, now=now)

    def fix(self, tx: Tx) -> None:
        """Closes the troubles of other posts, at the end of a complete pass.

        They were taken now, or are not there any more.
        """
        for trouble in tx.troubles.unfixed(TroubleKind.POST):
            if trouble.subject.startswith(self._of) and trouble.subject not in self._subjects:
                tx.troubles.fix(TroubleKind.POST, trouble.subject, now=self._tools.clock.now())
