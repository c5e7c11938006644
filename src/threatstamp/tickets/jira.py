"""Jira Cloud.

Reference: https://developer.atlassian.com/cloud/jira/platform/rest/v3/
The text is in the Atlassian Document Format, whose text nodes are plain text: nothing has to be escaped.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator, Mapping

from threatstamp.core.errors import TrackerError
from threatstamp.core.ids import Key
from threatstamp.core.time import SECOND, Micros
from threatstamp.desk.ports.tickets import MadeTicket, TicketDraft, TicketLook
from threatstamp.tickets.asking import MOST_PAGES, PAGE, SLACK, Api, list_of, table_of, text_at

USUAL_TYPE = "Task"
_PROPERTY = "threatstamp"
"""A property of the ticket that people do not see, which holds its key."""

_RIGHTS = ("CREATE_ISSUES", "BROWSE_PROJECTS")
_GONE = frozenset({404, 410})


class Jira:
    """A project of a site. type: of its tickets, "" for the usual one. base: the site's address."""

    can_be_asked = True

    def __init__(self, api: Api, *, base: str, project: str, type: str) -> None:
        self._api = api
        self._base = base
        self._project = project
        self._type = type or USUAL_TYPE

    def make(self, draft: TicketDraft) -> MadeTicket:
        value = {
            "fields": {
                "project": {"key": self._project},
                "issuetype": {"name": self._type},
                "summary": draft.title,
                "description": {"type": "doc", "version": 1, "content": list(_content(draft))},
            },
            "properties": [{"key": _PROPERTY, "value": {"key": draft.key}}],
        }
        return self._made(table_of(self._api.post("/rest/api/3/issue", value=value)))

    def find(self, key: Key, *, since: Micros) -> MadeTicket | None:
        """Goes through what is new in the project: JQL finds properties only of apps that declare them."""
        minutes = max(1, int((time.time() - since / SECOND + SLACK) / 60.0) + 1)
        jql = f'project = "{self._project}" AND created >= "-{minutes}m" ORDER BY created DESC'
        asked: dict[str, object] = {"jql": jql, "fields": ["summary"], "properties": [_PROPERTY]}
        token = ""
        for _ in range(MOST_PAGES):
            more = {"nextPageToken": token} if token else {}
            value = {**asked, "maxResults": PAGE, **more}
            found = table_of(self._api.post("/rest/api/3/search/jql", value=value, is_reading=True))
            issues = list_of(found.get("issues"))
            held = (one for one in issues if text_at(one, "properties", _PROPERTY, "key") == key)
            ours = next(held, None)
            if ours is not None:
                return self._made(ours)
            token = text_at(found, "nextPageToken")
            if not token:
                return None
        raise TrackerError("tracker_answer", permanent=True)

    def look(self, number: str, mark: str) -> TicketLook:
        said = self._api.get(f"/rest/api/3/issue/{number}", query=(("fields", "status"),), beside=_GONE)
        if said.status in _GONE:
            return TicketLook(is_closed=False, is_gone=True)
        category = text_at(table_of(said), "fields", "status", "statusCategory", "key")
        if not category:
            raise TrackerError("tracker_answer", permanent=True)
        return TicketLook(is_closed=category == "done")

    def check(self) -> None:
        query = (("projectKey", self._project), ("permissions", ",".join(_RIGHTS)))
        rights = table_of(self._api.get("/rest/api/3/mypermissions", query=query)).get("permissions")
        if not all(_has(rights, name) for name in _RIGHTS):
            raise TrackerError("tracker_forbidden", permanent=True)
        types = table_of(self._api.get(f"/rest/api/3/issue/createmeta/{self._project}/issuetypes"))
        known = list_of(types.get("issueTypes", types.get("values")))
        if self._type not in [text_at(one, "name") for one in known]:
            raise TrackerError("tracker_type", permanent=True)

    def close(self) -> None:
        self._api.close()

    def _made(self, issue: object) -> MadeTicket:
        key = text_at(issue, "key")
        if not key:
            raise TrackerError("tracker_answer", permanent=True, ambiguous=True)
        return MadeTicket(number=key, link=f"{self._base}/browse/{key}")


def jira_headers(account: str, token: str) -> Mapping[str, str]:
    """Returns what tells Jira Cloud who asks: an account with its API token."""
    login = base64.b64encode(f"{account}:{token}".encode()).decode()
    return {"Authorization": f"Basic {login}"}


def _has(rights: object, name: str) -> bool:
    right = rights.get(name) if isinstance(rights, dict) else None
    return isinstance(right, dict) and right.get("havePermission") is True


def _content(draft: TicketDraft) -> Iterator[dict[str, object]]:
    items = [
        {"type": "listItem", "content": [{"type": "paragraph", "content": [{"type": "text", "text": line}]}]}
        for line in draft.lines
    ]
    yield {"type": "bulletList", "content": items}
    if draft.post:
        link = {"type": "link", "attrs": {"href": draft.post}}
        said = {"type": "text", "text": draft.post_words, "marks": [link]}
        yield {"type": "paragraph", "content": [said]}
