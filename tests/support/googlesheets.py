"""A server that behaves like the Google Sheets API (v4) for one spreadsheet, with faults on demand.

Written from Google's reference, and not from our client: what it does not know it refuses.
https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets.values
"""

from __future__ import annotations

import json
import re
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

SPREADSHEET = "1SpreadsheetOfTheTests"
LOST = 0
"""In place of a status: the call is carried out, and the line is cut before its answer."""

Grid = list[list[Any]]
_RANGE = re.compile(r"'((?:[^']|'')+)'(?:!([A-Z]*)(\d*)(?::([A-Z]*)(\d*))?)?")


class FakeGoogle:
    """tabs: the cells that people see, by the tab's name. tokens: those that are valid now.

    faults: statuses that the next calls of the API are answered with; 200 for a call that works.
    token_faults: the same for the token endpoint. seen: method and path of each call. before: called with
    the path before each call, for what people do at that moment.
    """

    def __init__(self) -> None:
        self.tabs: dict[str, Grid] = {"record": []}
        self.tokens = {"good"}
        self.faults: deque[int] = deque()
        self.token_faults: deque[int] = deque()
        self.headers: dict[str, str] = {}
        self.reason = ""
        self.seen: list[str] = []
        self.before: Callable[[str], None] = lambda path: None
        self.lock = threading.RLock()
        self.url = ""

    def answer(self, method: str, path: str, authorization: str, body: bytes) -> tuple[int, object]:
        with self.lock:
            if path == "/token":
                return self._token(body)
            self.seen.append(f"{method} {urlsplit(path).path.rpartition('/')[2]}")
            self.before(path)
            fault = self.faults.popleft() if self.faults else 200
            if fault not in (LOST, 200):
                return fault, _error(fault, self.reason)
            if authorization.removeprefix("Bearer ") not in self.tokens:
                return 401, _error(401, "")
            status, found = self._call(method, path, body)
            return (LOST if fault == LOST else status), found

    def _token(self, body: bytes) -> tuple[int, object]:
        self.seen.append("POST token")
        fault = self.token_faults.popleft() if self.token_faults else 200
        if fault != 200:
            return fault, {"error": "invalid_grant", "error_description": "Invalid JWT Signature."}
        assert b"grant_type=" in body
        token = f"token-{len(self.seen)}"
        self.tokens.add(token)
        return 200, {"access_token": token, "expires_in": 3599, "token_type": "Bearer"}

    def _call(self, method: str, path: str, body: bytes) -> tuple[int, object]:
        parts = urlsplit(path)
        query = parse_qs(parts.query)
        begin = f"/v4/spreadsheets/{SPREADSHEET}/"
        if not parts.path.startswith(begin):
            return 404, _error(404, "")
        what = unquote(parts.path.removeprefix(begin))
        said = json.loads(body) if body else {}
        try:
            if method == "GET" and what == "values:batchGet":
                show = _typed if query["valueRenderOption"] == ["FORMULA"] else _displayed
                return 200, {"valueRanges": [self._read(one, show) for one in query["ranges"]]}
            if method == "POST" and what == "values:batchUpdate":
                assert said["valueInputOption"] == "RAW"
                for one in said["data"]:
                    self._write(one["range"], one["values"])
                return 200, {"spreadsheetId": SPREADSHEET}
            if method == "POST" and what.startswith("values/") and what.endswith(":append"):
                assert query["valueInputOption"] == ["RAW"]
                assert query["insertDataOption"] == ["INSERT_ROWS"]
                return 200, self._append(what[7:-7], said["values"])
        except LookupError:
            return 400, {
                "error": {"code": 400, "message": "Unable to parse range: x", "status": "INVALID_ARGUMENT"}
            }
        return 404, _error(404, "")

    def _read(self, place: str, show: Callable[[object], object]) -> dict[str, object]:
        tab, left, top, right, bottom = self._parse(place)
        rows = [_trimmed([show(cell) for cell in row[left:right]]) for row in self.tabs[tab][top:bottom]]
        while rows and not rows[-1]:
            rows.pop()
        return {"range": place, "majorDimension": "ROWS"} | ({"values": rows} if rows else {})

    def _write(self, place: str, values: list[list[Any]]) -> None:
        tab, left, top, _, _ = self._parse(place)
        for number, row in enumerate(values, top):
            self._put(self.tabs[tab], number, left, row)

    def _append(self, place: str, values: list[list[Any]]) -> dict[str, object]:
        """Finds the table at the place: the cells around it up to an empty row and an empty column."""
        tab, left, top, right, _ = self._parse(place)
        grid = self.tabs[tab]
        end = top
        while end < len(grid) and any(cell != "" for cell in grid[end]):
            end += 1
        while left > 0 and any(_cell(row, left - 1) for row in grid[top:end]):
            left -= 1
        while left < (right or 0) and not any(_cell(row, left) for row in grid[top:end]):
            left += 1
        for number, row in enumerate(values, end):
            grid.insert(number, [])
            self._put(grid, number, left, row)
        return {"spreadsheetId": SPREADSHEET, "updates": {"updatedRows": len(values)}}

    @staticmethod
    def _put(grid: Grid, number: int, left: int, row: list[Any]) -> None:
        while len(grid) <= number:
            grid.append([])
        cells = grid[number]
        cells += [""] * (left + len(row) - len(cells))
        for at, value in enumerate(row, left):
            if value is not None:
                cells[at] = value

    def _parse(self, place: str) -> tuple[str, int, int, int | None, int | None]:
        found = _RANGE.fullmatch(place)
        if found is None:
            raise LookupError(place)
        tab = found[1].replace("''", "'")
        self.tabs[tab]  # there must be one
        left, top = _column(found[2]) if found[2] else 0, int(found[3]) - 1 if found[3] else 0
        right = _column(found[4]) + 1 if found[4] else None
        return tab, left, top, right, int(found[5]) if found[5] else None

    def column(self, heading: str, tab: str = "record") -> list[str]:
        """Returns the cells below a heading, as people see them."""
        at = self.tabs[tab][0].index(heading)
        return [_cell(row, at) for row in self.tabs[tab][1:]]


def _cell(row: list[Any], at: int) -> str:
    return str(row[at]) if at < len(row) else ""


def _typed(cell: object) -> object:
    return cell


def _displayed(cell: object) -> object:
    """Of a link with a label people see the label."""
    label = re.fullmatch(r'=HYPERLINK\("[^"]*","([^"]*)"\)', str(cell))
    return label[1] if label else cell


def _trimmed(row: list[Any]) -> list[Any]:
    while row and row[-1] == "":
        row = row[:-1]
    return row


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - ord("A") + 1
    return number - 1


def _error(status: int, reason: str) -> object:
    return {"error": {"code": status, "message": f"refused {reason}", "details": [{"reason": reason}]}}


def service_account(google: FakeGoogle, folder: Path) -> Path:
    """Returns the file of a new service account's key, as Google Cloud's console makes it."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    values = {
        "type": "service_account",
        "project_id": "example",
        "private_key_id": "1",
        "private_key": key.decode(),
        "client_email": "desk@example.iam.gserviceaccount.com",
        "client_id": "1",
        "token_uri": f"{google.url}token",
    }
    file = folder / "service-account.json"
    file.write_text(json.dumps(values), encoding="utf-8")
    return file


@contextmanager
def fake_google() -> Iterator[FakeGoogle]:
    """Serves a spreadsheet on 127.0.0.1."""
    google = FakeGoogle()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._do()

        def do_POST(self) -> None:
            self._do()

        def _do(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            authorization = self.headers.get("Authorization", "")
            status, found = google.answer(self.command, self.path, authorization, body)
            if status == LOST:
                return
            content = json.dumps(found).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json; charset=UTF-8")
            self.send_header("Content-Length", str(len(content)))
            for name, value in google.headers.items():
                self.send_header(name, value)
            self.end_headers()
            with suppress(ConnectionError):  # whoever asked was killed
                self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    google.url = f"http://127.0.0.1:{server.server_port}/"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield google
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
