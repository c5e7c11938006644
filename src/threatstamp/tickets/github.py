"""GitHub Issues, on github.com or a GitHub Enterprise server.

Reference: https://docs.github.com/en/rest/issues/issues
"""

from __future__ import annotations

from threatstamp.core.errors import TrackerError
from threatstamp.core.ids import Key
from threatstamp.core.time import Micros, datetime_of, later, utc_text
from threatstamp.desk.ports.tickets import MadeTicket, TicketDraft, TicketLook
from threatstamp.tickets.asking import MOST_PAGES, PAGE, SLACK, Api, list_of, table_of, text_at
from threatstamp.tickets.escaping import markdown

_GONE = frozenset({301, 404, 410})
"""Moved to another repository, not to be seen, deleted."""


class GitHub:
    """A repository, "owner/name". Its API is asked as the account of the token."""

    can_be_asked = True

    def __init__(self, api: Api, *, repository: str) -> None:
        self._api = api
        self._path = f"/repos/{repository}"

    def make(self, draft: TicketDraft) -> MadeTicket:
        value = {"title": draft.title, "body": _body(draft)}
        return _made(table_of(self._api.post(f"{self._path}/issues", value=value)))

    def find(self, key: Key, *, since: Micros) -> MadeTicket | None:
        """Goes through what is new, the newest first: the search of GitHub finds it only later."""
        first = later(since, -SLACK)
        for page in range(1, MOST_PAGES + 1):
            query = (
                *(("state", "all"), ("sort", "created"), ("direction", "desc"), ("since", utc_text(first))),
                *(("per_page", str(PAGE)), ("page", str(page))),
            )
            found = list_of(self._api.get(f"{self._path}/issues", query=query).value)
            ours = next((one for one in found if _marker(key) in text_at(one, "body")), None)
            if ours is not None:
                return _made(ours)
            oldest = text_at(found[-1], "created_at") if found else ""
            if len(found) < PAGE or oldest < datetime_of(first).strftime("%Y-%m-%dT%H:%M:%SZ"):
                return None
        raise TrackerError("tracker_answer", permanent=True)

    def look(self, number: str, mark: str) -> TicketLook:
        said = self._api.get(f"{self._path}/issues/{number}", mark=mark, beside=_GONE)
        if said.status in _GONE:
            return TicketLook(is_closed=False, is_gone=True)
        if said.status == 304:
            return TicketLook(is_closed=False, mark=mark)
        is_closed = text_at(table_of(said), "state") == "closed"
        return TicketLook(is_closed=is_closed, mark=said.headers.get("etag", ""))

    def check(self) -> None:
        found = table_of(self._api.get(self._path))
        if found.get("has_issues") is False or found.get("archived") is True:
            raise TrackerError("tracker_closed", permanent=True)

    def close(self) -> None:
        self._api.close()


def _marker(key: Key) -> str:
    return f"<!-- threatstamp:{key} -->"


def _body(draft: TicketDraft) -> str:
    lines = [f"- {markdown(line)}" for line in draft.lines]
    if draft.post:
        lines.append(f"- [{markdown(draft.post_words)}](<{draft.post}>)")
    return "\n".join((*lines, "", _marker(draft.key)))


def _made(issue: object) -> MadeTicket:
    number, link = text_at(issue, "number"), text_at(issue, "html_url")
    if not number or not link:
        raise TrackerError("tracker_answer", permanent=True, ambiguous=True)
    return MadeTicket(number=number, link=link)
