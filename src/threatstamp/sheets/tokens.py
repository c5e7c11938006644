"""Access tokens for Google, by a service account's key or whatever the machine has (ADC).

`google-auth` is imported when the first token is needed: only a desk with `[sheets]` has to have it. Its
requests go through our own client, with the proxy and the certificates of the environment.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from threatstamp.core.errors import SheetError
from threatstamp.http.question import Answer, Method

SCOPES = ("https://www.googleapis.com/auth/spreadsheets",)
"""Source: https://developers.google.com/workspace/sheets/api/scopes"""

OTHER_KINDS = frozenset(
    {
        "authorized_user",
        "external_account",
        "external_account_authorized_user",
        "impersonated_service_account",
    }
)
"""What the files of other credentials say of themselves, as `google.auth` reads them."""

Ask = Callable[[str, Method, Mapping[str, str], bytes | None, float], Answer]
"""Asks an address once: url, method, headers, body, seconds at most. Raises SheetError."""

PATIENCE = 15.0
"""Seconds that a request for a token may last, unless google-auth wants less."""


class Tokens(Protocol):
    """Where access tokens come from. Any thread may call it."""

    @property
    def account(self) -> str:
        """Whom the spreadsheet has to be shared with: an e-mail address, "" if it is not known."""

    def token(self) -> str:
        """Returns a valid access token. Raises SheetError."""

    def forget(self) -> None:
        """Notes that Google refused the last token: the next one is a new one."""


@dataclass(frozen=True, slots=True)
class _Response:
    """An answer as google-auth reads it (google.auth.transport.Response)."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    data: bytes = field(repr=False)


class GoogleTokens:
    """Tokens by google-auth. file: a service account's key, or None for Application Default Credentials."""

    def __init__(self, file: Path | None, ask: Ask) -> None:
        self._file = file
        self._ask = ask
        self._lock = threading.Lock()
        self._found: Any = None

    @property
    def account(self) -> str:
        return str(getattr(self._found, "service_account_email", "") or "")

    def token(self) -> str:
        with self._lock:
            if self._found is None:
                self._found = self._load()
            if not self._found.valid:
                self._refresh()
            return str(self._found.token)

    def forget(self) -> None:
        with self._lock:
            if self._found is not None:
                self._found.token = None

    def _load(self) -> Any:
        try:
            return self._of_file(self._file) if self._file else self._default()
        except ImportError:
            raise SheetError("sheets_library", permanent=True) from None

    def _of_file(self, file: Path) -> Any:
        service_account = import_module("google.oauth2.service_account")
        errors = import_module("google.auth.exceptions")
        try:
            values = json.loads(file.read_text(encoding="utf-8-sig"))
            if isinstance(values, dict) and values.get("type") in OTHER_KINDS:
                raise SheetError("sheets_key_kind", permanent=True, file=file.name)
            return service_account.Credentials.from_service_account_info(values, scopes=SCOPES)
        except OSError:
            raise SheetError("sheets_key_file", permanent=True, file=file.name) from None
        except (ValueError, TypeError, AttributeError, RecursionError, errors.GoogleAuthError):
            # what google-auth says of a wrong key may hold a part of it
            raise SheetError("sheets_key", permanent=True, file=file.name) from None

    def _default(self) -> Any:
        auth = import_module("google.auth")
        errors = import_module("google.auth.exceptions")
        try:
            found, _ = auth.default(scopes=SCOPES, request=self._request)
        except (errors.GoogleAuthError, OSError, ValueError, TypeError, AttributeError):
            raise SheetError("sheets_no_credentials", permanent=True) from None
        return found

    def _refresh(self) -> None:
        errors = import_module("google.auth.exceptions")
        try:
            self._found.refresh(self._request)
        except errors.RefreshError as error:
            passing = bool(getattr(error, "retryable", False))
            code = "sheets_server" if passing else "sheets_unauthorized"
            raise SheetError(code, permanent=not passing, account=self.account) from None
        except errors.TransportError:
            raise SheetError("sheets_network") from None
        except (errors.GoogleAuthError, OSError, ValueError, TypeError, AttributeError):
            # what is in the key, or in a file that it names, leads nowhere
            raise SheetError("sheets_no_credentials", permanent=True) from None

    def _request(
        self,
        url: str,
        method: str = "GET",
        body: bytes | str | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        **_: object,
    ) -> _Response:
        """The transport that google-auth asks for tokens by (google.auth.transport.Request)."""
        content = body.encode() if isinstance(body, str) else body
        patience = min(timeout or PATIENCE, PATIENCE)
        try:
            answer = self._ask(url, Method(method.upper()), headers or {}, content, patience)
        except SheetError as error:  # in its own words, so that it looks for credentials elsewhere
            raise import_module("google.auth.exceptions").TransportError(error.code) from None
        return _Response(answer.status, answer.headers, answer.body)
