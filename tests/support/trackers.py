"""A server that behaves like the APIs of GitHub, Jira Cloud and Backlog, and like a webhook, with faults on demand.

Written from their references, and not from our clients: what it does not know it refuses.
https://docs.github.com/en/rest/issues/issues
https://developer.atlassian.com/cloud/jira/platform/rest/v3/
https://developer.nulab.com/docs/backlog/
"""

from __future__ import annotations

import base64
import json
import re
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

LOST = 0
"""In place of a status: the call is carried out, and the line is cut before its answer."""

TOKEN, ACCOUNT = "SECRET-TOKEN-0123", "desk@example.com"
Answer = tuple[int, object]


@dataclass
class FakeTracker:
    """One account's projects. issues: what is there, oldest first. closed: numbers of what is closed.

    faults: statuses of the next calls; 200 for one that works. headers: of each answer. seen: method and path
    of each call; said: its headers. rules: Backlog's notation. answer: what the webhook says.
    """

    issues: list[dict[str, Any]] = field(default_factory=list)
    closed: set[int] = field(default_factory=set)
    faults: deque[int] = field(default_factory=deque)
    headers: dict[str, str] = field(default_factory=dict)
    seen: list[str] = field(default_factory=list)
    said: list[Mapping[str, str]] = field(default_factory=list)
    archived: bool = False
    may_create: bool = True
    rules: str = "backlog"
    answer: object = None
    url: str = ""
    lock: threading.RLock = field(default_factory=threading.RLock)

    def call(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        with self.lock:
            parts = urlsplit(target)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            self.seen.append(f"{method} {parts.path}")
            self.said.append(headers)
            fault = self.faults.popleft() if self.faults else 200
            if fault not in (LOST, 200):
                return fault, {"message": f"refused {TOKEN}", "errorMessages": [TOKEN]}
            status, value = self._route(method, parts.path, query, headers, body)
            return (LOST if fault == LOST else status), value

    def _route(
        self, method: str, path: str, query: dict[str, str], headers: Mapping[str, str], body: bytes
    ) -> Answer:
        if path.startswith("/repos/"):
            return self._github(method, path, query, headers, body)
        if path.startswith("/rest/api/3/"):
            return self._jira(method, path.removeprefix("/rest/api/3/"), headers, body)
        if path.startswith("/api/v2/"):
            return self._backlog(method, path.removeprefix("/api/v2/"), query, headers, body)
        if path.startswith("/page/"):
            return 200, "<!DOCTYPE html>"
        if path == "/hook" and method == "POST":
            said = json.loads(body)
            if said["key"] not in [one["key"] for one in self.issues]:
                assert headers["idempotency-key"] == said["key"]
                self.issues.append(said)
            return 200, self.answer
        return 404, {"message": "Not Found"}

    def _github(
        self, method: str, path: str, query: dict[str, str], headers: Mapping[str, str], body: bytes
    ) -> Answer:
        if headers.get("authorization") != f"Bearer {TOKEN}":
            return 401, {"message": "Bad credentials"}
        if "user-agent" not in headers:
            return 403, {"message": "Request forbidden by administrative rules."}
        found = re.fullmatch(r"/repos/dev/app(/issues(?:/(\d+))?)?", path)
        if found is None:
            return 404, {"message": "Not Found"}
        if not found[1]:
            return 200, {"full_name": "dev/app", "has_issues": True, "archived": self.archived}
        if found[2]:
            number = int(found[2])
            if not 0 < number <= len(self.issues):
                return 404, {"message": "Not Found"}
            etag = f'W/"{number}-{number in self.closed}"'
            self.headers["ETag"] = etag
            if headers.get("if-none-match") == etag:
                return 304, None
            state = "closed" if number in self.closed else "open"
            return 200, {**self.issues[number - 1], "state": state}
        if method == "POST":
            said = json.loads(body)
            if not isinstance(said.get("title"), str) or not said["title"]:
                return 422, {"message": "Validation Failed", "errors": [{"field": "title"}]}
            number = len(self.issues) + 1
            made = {
                "number": number,
                "html_url": f"https://github.com/dev/app/issues/{number}",
                "created_at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
                **said,
            }
            self.issues.append(made)
            return 201, made
        assert (query["state"], query["sort"], query["direction"]) == ("all", "created", "desc")
        size, page = int(query["per_page"]), int(query["page"])
        return 200, list(reversed(self.issues))[(page - 1) * size : page * size]

    def _jira(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        login = base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
        if headers.get("authorization") != f"Basic {login}":
            return 401, None  # Jira says it in HTML, or with nothing
        if method == "POST" and path == "issue":
            said = json.loads(body)
            fields = said["fields"]
            if fields["project"]["key"] != "SEC" or fields["issuetype"]["name"] != "Task":
                return 400, {"errorMessages": [], "errors": {"issuetype": "Specify a valid issue type"}}
            assert fields["description"]["type"] == "doc"
            number = len(self.issues) + 1
            self.issues.append({"id": f"1000{number}", "key": f"SEC-{number}", **said})
            return 201, {"id": f"1000{number}", "key": f"SEC-{number}", "self": f"{self.url}/{number}"}
        if method == "POST" and path == "search/jql":
            said = json.loads(body)
            assert re.fullmatch(r'project = "SEC" AND created >= "-\d+m" ORDER BY created DESC', said["jql"])
            assert said["properties"] == ["threatstamp"]
            first = int(said.get("nextPageToken", "0"))
            page = list(reversed(self.issues))[first : first + said["maxResults"]]
            more = first + len(page) < len(self.issues)
            issues = [
                {"key": one["key"], "properties": {p["key"]: p["value"] for p in one["properties"]}}
                for one in page
            ]
            return 200, {"issues": issues, **({"nextPageToken": str(first + len(page))} if more else {})}
        if path == "mypermissions":
            right = {"havePermission": self.may_create}
            return 200, {"permissions": {"CREATE_ISSUES": right, "BROWSE_PROJECTS": {"havePermission": True}}}
        if path == "issue/createmeta/SEC/issuetypes":
            return 200, {"issueTypes": [{"id": "1", "name": "Task"}], "total": 1}
        found = re.fullmatch(r"issue/SEC-(\d+)", path)
        if found is None or not 0 < int(found[1]) <= len(self.issues):
            return 404, {"errorMessages": ["Issue does not exist or you do not have permission to see it."]}
        category = "done" if int(found[1]) in self.closed else "indeterminate"
        return 200, {"key": f"SEC-{found[1]}", "fields": {"status": {"statusCategory": {"key": category}}}}

    def _backlog(
        self, method: str, path: str, query: dict[str, str], headers: Mapping[str, str], body: bytes
    ) -> Answer:
        if query.get("apiKey") != TOKEN:
            return 401, {"errors": [{"message": "Authentication failure.", "code": 11, "moreInfo": ""}]}
        if path == "projects/SEC":
            rule = {"textFormattingRule": self.rules, "archived": self.archived}
            return 200, {"id": 7, "projectKey": "SEC", **rule}
        if path == "projects/SEC/issueTypes":
            return 200, [{"id": 1, "name": "バグ"}, {"id": 2, "name": "タスク"}]
        if method == "POST" and path == "issues":
            assert headers["content-type"] == "application/x-www-form-urlencoded"
            said = {name: values[0] for name, values in parse_qs(body.decode()).items()}
            if not {"projectId", "summary", "issueTypeId", "priorityId"} <= set(said):
                return 400, {"errors": [{"message": "summary is required", "code": 7, "moreInfo": ""}]}
            number = len(self.issues) + 1
            self.issues.append({"issueKey": f"SEC-{number}", **said})
            return 201, self.issues[-1]
        if path == "issues":
            assert query["projectId[]"] == "7"
            first, count = int(query["offset"]), int(query["count"])
            return 200, list(reversed(self.issues))[first : first + count]
        found = re.fullmatch(r"issues/SEC-(\d+)", path)
        if found is None or not 0 < int(found[1]) <= len(self.issues):
            return 404, {"errors": [{"message": "No such issue.", "code": 6, "moreInfo": ""}]}
        return 200, {
            "issueKey": f"SEC-{found[1]}",
            "status": {"id": 4 if int(found[1]) in self.closed else 2},
        }


@contextmanager
def fake_tracker() -> Iterator[FakeTracker]:
    """Serves a tracker on this machine. url: its address, of all four APIs."""
    tracker = FakeTracker()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, value = tracker.call(self.command, self.path, headers, body)
            if status == LOST:
                return
            content = b"" if value is None or status == 304 else json.dumps(value).encode()
            self.send_response(status)
            for name, said in tracker.headers.items():
                self.send_header(name, said)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            with suppress(OSError):
                self.wfile.write(content)

        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def log_message(self, *args: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    tracker.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield tracker
    finally:
        server.shutdown()
        server.server_close()
