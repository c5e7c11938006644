"""The calls of the Sheets API (v4) that the desk makes, each with what can go wrong in our own words.

Reference: https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets.values
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import cast
from urllib.parse import quote, urlencode

from threatstamp.core.errors import SheetError
from threatstamp.http.client import Client
from threatstamp.http.errors import ExchangeError, StoppedError
from threatstamp.http.guard import EVERYWHERE
from threatstamp.http.patience import read_retry_after
from threatstamp.http.question import Answer, Method, Question
from threatstamp.http.target import read_target
from threatstamp.sheets.tokens import GoogleTokens, Tokens

TIMEOUT = 15.0
"""Seconds of one exchange. A call has four at most, two of them for tokens: LONGEST_CALL of the step."""

MOST = 30_000_000
"""Bytes of an answer: a column of half a million keys."""


class Values(StrEnum):
    """What is read of a cell."""

    DISPLAYED = "FORMATTED_VALUE"
    CALCULATED = "UNFORMATTED_VALUE"
    """The value itself, without the format that people gave numbers."""
    WRITTEN = "FORMULA"
    """What was typed: a formula where there is one."""


Cell = str | int | None
"""A value to write; None leaves a cell as it is."""


class SheetsClient:
    """One spreadsheet. A tab is named as people see it. Raises SheetError; after `close`, always.

    tokens: other ones than Google's, for tests.
    """

    def __init__(
        self,
        *,
        api_url: str,
        spreadsheet: str,
        credentials: Path | None,
        tokens: Tokens | None = None,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        self._base = f"{api_url.rstrip('/')}/v4/spreadsheets/{quote(spreadsheet, safe='')}"
        self.spreadsheet = spreadsheet
        self._client = Client(allow_private=EVERYWHERE, environ=environ)  # the operator chose the addresses
        self._tokens: Tokens = tokens or GoogleTokens(credentials, self._ask)

    def close(self) -> None:
        """Ends a call that is under way."""
        self._client.close()

    def read(
        self, *ranges: str, values: Values = Values.DISPLAYED
    ) -> tuple[tuple[tuple[str, ...], ...], ...]:
        """Returns the rows of each range, without the empty ends of rows and range."""
        options = (("majorDimension", "ROWS"), ("valueRenderOption", values.value))
        query = urlencode([*(("ranges", one) for one in ranges), *options])
        answer = self._call(Method.GET, f"/values:batchGet?{query}")
        found = [_rows(one) for one in _list(answer, "valueRanges")]
        if len(found) != len(ranges):
            raise SheetError("sheets_answer")
        return tuple(found)

    def append(self, place: str, rows: Sequence[Sequence[Cell]]) -> None:
        """Inserts rows below the table that is at a place."""
        query = urlencode({"valueInputOption": "RAW", "insertDataOption": "INSERT_ROWS"})
        path = f"/values/{quote(place, safe='')}:append?{query}"
        self._call(Method.POST, path, {"majorDimension": "ROWS", "values": [list(row) for row in rows]})

    def write(self, ranges: Mapping[str, Sequence[Sequence[Cell]]]) -> None:
        """Writes cells; writing them twice does no more than once."""
        values = [
            {"range": place, "majorDimension": "ROWS", "values": [list(row) for row in rows]}
            for place, rows in ranges.items()
        ]
        self._call(Method.POST, "/values:batchUpdate", {"valueInputOption": "RAW", "data": values})

    def _call(self, method: Method, path: str, body: object = None) -> Mapping[str, object]:
        content = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        for is_last in (False, True):
            headers = {"Authorization": f"Bearer {self._tokens.token()}", "Accept": "application/json"}
            if content is not None:
                headers["Content-Type"] = "application/json; charset=utf-8"
            answer = self._ask(self._base + path, method, headers, content, TIMEOUT)
            if answer.status != 401 or is_last:
                break
            self._tokens.forget()  # nothing was done; it may have been revoked before its time
        if not answer.is_success:
            raise _refusal(answer, self._tokens.account)
        return _object(answer.body)

    def _ask(
        self, url: str, method: Method, headers: Mapping[str, str], body: bytes | None, patience: float
    ) -> Answer:
        said = tuple((name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items())
        try:
            question = Question(
                target=read_target(url),
                method=method,
                headers=said,
                body=body,
                most=MOST,
                until=time.monotonic() + patience,
            )
            return self._client.ask(question)
        except (ExchangeError, StoppedError):
            raise SheetError("sheets_network") from None


def quoted_tab(tab: str) -> str:
    """Returns a tab's name as it stands before the ! of a range."""
    return "'" + tab.replace("'", "''") + "'"


def column_letters(number: int) -> str:
    """Returns the letters of a column: A for 0, AA for 26."""
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _refusal(answer: Answer, account: str) -> SheetError:
    """Returns why Google refused, in our own words; its status names are those of google.rpc.Code."""
    retry_after = read_retry_after(answer.headers, time.time())
    said = _error(answer.body)
    if answer.status == 429 or answer.status >= 500:
        code = "sheets_quota" if answer.status == 429 else "sheets_server"
        return SheetError(code, retry_after=retry_after)
    code = {401: "sheets_unauthorized", 403: "sheets_forbidden", 404: "sheets_not_found"}.get(
        answer.status, "sheets_refused"
    )
    if answer.status == 403 and ("SERVICE_DISABLED" in said or "has not been used" in said):
        code = "sheets_disabled"
    elif answer.status == 400 and "Unable to parse range" in said:
        code = "sheets_no_tab"
    elif answer.status == 400 and "protected" in said:
        code = "sheets_forbidden"
    return SheetError(code, permanent=True, account=account)


def _error(body: bytes) -> str:
    """Returns message and reasons of a refusal; nobody is shown them."""
    try:
        return json.dumps(json.loads(body).get("error", ""))
    except (ValueError, AttributeError):
        return ""


def _object(body: bytes) -> Mapping[str, object]:
    try:
        found = json.loads(body)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise SheetError("sheets_answer")
    return cast(Mapping[str, object], found)


def _list(values: object, name: str) -> list[object]:
    found = values.get(name, []) if isinstance(values, dict) else []
    return found if isinstance(found, list) else []


def _rows(values: object) -> tuple[tuple[str, ...], ...]:
    return tuple(
        tuple("" if cell is None else str(cell) for cell in row) if isinstance(row, list) else ()
        for row in _list(values, "values")
    )
