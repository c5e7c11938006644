"""Any address that takes JSON. It says nothing of its tickets later: they are neither found nor followed."""

from __future__ import annotations

from threatstamp.core.ids import Key
from threatstamp.core.text import is_web_link
from threatstamp.core.time import Micros
from threatstamp.desk.ports.tickets import MadeTicket, TicketDraft, TicketLook
from threatstamp.tickets.asking import Api, text_at

LONGEST_NUMBER = 60


class Webhook:
    """An address. After a lost answer it is told again, with the same key in `Idempotency-Key` and body."""

    can_be_asked = False

    def __init__(self, api: Api) -> None:
        self._api = api

    def make(self, draft: TicketDraft) -> MadeTicket:
        value = {
            "event": "ticket",
            "key": draft.key,
            "case": draft.case,
            "title": draft.title,
            "lines": list(draft.lines),
            "post": draft.post or None,
            "due_on": draft.due_on.isoformat() if draft.due_on else None,
            "priority": draft.priority.value if draft.priority else None,
        }
        said = self._api.post("", value=value, headers={"Idempotency-Key": draft.key})
        number, link = text_at(said.value, "number"), text_at(said.value, "link")
        return MadeTicket(number=number[:LONGEST_NUMBER], link=link if is_web_link(link) else "")

    def find(self, key: Key, *, since: Micros) -> MadeTicket | None:
        return None

    def look(self, number: str, mark: str) -> TicketLook:
        return TicketLook(is_closed=False)

    def check(self) -> None:
        """Nothing can be asked without ordering a ticket."""

    def close(self) -> None:
        self._api.close()
