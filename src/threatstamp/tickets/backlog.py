"""Backlog (Nulab).

Reference: https://developer.nulab.com/docs/backlog/
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from threatstamp.core.errors import TrackerError
from threatstamp.core.ids import Key
from threatstamp.core.priority.urgency import Priority
from threatstamp.core.time import Micros, datetime_of
from threatstamp.desk.ports.tickets import MadeTicket, TicketDraft, TicketLook
from threatstamp.tickets.asking import MOST_PAGES, PAGE, Api, list_of, table_of, text_at
from threatstamp.tickets.escaping import backlog, markdown

_CLOSED = "4"
"""The status that every project has, whatever it is called and whichever others it has besides."""

_PRIORITIES = {Priority.CRITICAL: "2", Priority.HIGH: "2", Priority.LOW: "4"}
_NORMAL = "3"
_NOT_FOUND = frozenset({404})


class Backlog:
    """A project of a space. type: of its tickets, "" for the first one. base: the space's address."""

    can_be_asked = True

    def __init__(self, api: Api, *, base: str, project: str, type: str) -> None:
        self._api = api
        self._base = base
        self._project = project
        self._type = type

    def make(self, draft: TicketDraft) -> MadeTicket:
        project = self._found_project()
        form = [
            ("projectId", text_at(project, "id")),
            ("issueTypeId", self._type_id()),
            ("priorityId", _PRIORITIES.get(draft.priority, _NORMAL) if draft.priority else _NORMAL),
            ("summary", draft.title),
            ("description", _text(draft, is_markdown=text_at(project, "textFormattingRule") == "markdown")),
        ]
        if draft.due_on is not None:
            form.append(("dueDate", draft.due_on.isoformat()))
        return self._made(table_of(self._api.post("/api/v2/issues", form=form)))

    def find(self, key: Key, *, since: Micros) -> MadeTicket | None:
        """Goes through what is new in the project, the newest first."""
        first = datetime_of(since) - timedelta(days=1)  # the space has its own time zone
        project = text_at(self._found_project(), "id")
        for page in range(MOST_PAGES):
            query = (
                *(("projectId[]", project), ("createdSince", first.strftime("%Y-%m-%d"))),
                *(("sort", "created"), ("order", "desc"), ("count", str(PAGE)), ("offset", str(page * PAGE))),
            )
            found = list_of(self._api.get("/api/v2/issues", query=query).value)
            ours = next((one for one in found if _marker(key) in text_at(one, "description")), None)
            if ours is not None:
                return self._made(ours)
            if len(found) < PAGE:
                return None
        raise TrackerError("tracker_answer", permanent=True)

    def look(self, number: str, mark: str) -> TicketLook:
        said = self._api.get(f"/api/v2/issues/{number}", beside=_NOT_FOUND)
        if said.status in _NOT_FOUND:
            return TicketLook(is_closed=False, is_gone=True)
        status = text_at(table_of(said), "status", "id")
        if not status:
            raise TrackerError("tracker_answer", permanent=True)
        return TicketLook(is_closed=status == _CLOSED)

    def check(self) -> None:
        if self._found_project().get("archived") is True:
            raise TrackerError("tracker_closed", permanent=True)
        self._type_id()

    def close(self) -> None:
        self._api.close()

    def _found_project(self) -> Mapping[str, object]:
        found = table_of(self._api.get(f"/api/v2/projects/{self._project}"))
        if not text_at(found, "id"):
            raise TrackerError("tracker_answer", permanent=True)
        return found

    def _type_id(self) -> str:
        found = list_of(self._api.get(f"/api/v2/projects/{self._project}/issueTypes").value)
        ours = (one for one in found if self._type in ("", text_at(one, "name")))
        number = text_at(next(ours, None), "id")
        if not number:
            raise TrackerError("tracker_type", permanent=True)
        return number

    def _made(self, issue: object) -> MadeTicket:
        key = text_at(issue, "issueKey")
        if not key:
            raise TrackerError("tracker_answer", permanent=True, ambiguous=True)
        return MadeTicket(number=key, link=f"{self._base}/view/{key}")


def _marker(key: Key) -> str:
    return f"threatstamp:{key}"


def _text(draft: TicketDraft, *, is_markdown: bool) -> str:
    escape = markdown if is_markdown else backlog
    lines = [f"- {escape(line)}" for line in draft.lines]
    if draft.post:
        lines.append(f"- {draft.post}")
    return "\n".join((*lines, "", _marker(draft.key)))
