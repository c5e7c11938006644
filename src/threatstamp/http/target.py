"""An address to be asked, taken apart and checked for what needs no network."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from functools import lru_cache

import httpx2

from threatstamp.http.errors import ExchangeError, Fault
from threatstamp.http.guard import literal

LONGEST = 4_000
_NAME = re.compile(r"[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?")
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """An http(s) address without fragment and credentials. authorization: what its credentials become."""

    url: str
    scheme: str
    host: str
    port: int
    path: bytes
    authorization: str | None = None

    @property
    def origin(self) -> tuple[str, str, int]:
        return self.scheme, self.host, self.port

    @property
    def place(self) -> str:
        """The server that is asked, whatever the scheme: one request at a time goes there."""
        return f"{self.host}:{self.port}"

    @property
    def said_port(self) -> int | None:
        """The port where it is not the usual one."""
        return None if self.port == _PORTS[self.scheme] else self.port

    @property
    def name(self) -> str:
        """The value of the header Host."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.said_port is None else f"{host}:{self.port}"


@lru_cache(maxsize=4096)
def read_target(url: str) -> Target:
    """Returns an address's parts. Raises ExchangeError for one that is none, or is not http(s)."""
    try:
        parts = httpx2.URL(url.strip())
    except (httpx2.InvalidURL, UnicodeError, ValueError) as error:
        raise ExchangeError(Fault.ADDRESS_WRONG) from error
    return _checked(parts, url)


def read_location(said: str, base: Target) -> Target:
    """Returns where a redirect leads. Raises ExchangeError; an address with credentials is not followed."""
    try:
        joined = str(httpx2.URL(base.url).join(said.strip()))
    except (httpx2.InvalidURL, UnicodeError, ValueError) as error:
        raise ExchangeError(Fault.ADDRESS_WRONG) from error
    target = read_target(joined)
    if target.authorization is not None:
        raise ExchangeError(Fault.CREDENTIALS_IN_REDIRECT, host=target.host)
    return target


def _checked(parts: httpx2.URL, said: str) -> Target:
    if parts.scheme not in _PORTS:
        raise ExchangeError(Fault.SCHEME_UNKNOWN, scheme=parts.scheme[:20])
    host = parts.raw_host.decode("ascii").lower()
    port = parts.port or _PORTS[parts.scheme]
    is_name = _NAME.fullmatch(host) is not None
    if not (is_name or literal(host)) or "%" in host or "\\" in said or not 0 < port < 65536:
        raise ExchangeError(Fault.ADDRESS_WRONG)
    if len(said) > LONGEST or parts.port == 0:
        raise ExchangeError(Fault.ADDRESS_WRONG)
    return Target(
        url=str(parts.copy_with(fragment=None, userinfo=b"")),
        scheme=parts.scheme,
        host=host,
        port=port,
        path=parts.raw_path,
        authorization=_basic(parts) if parts.userinfo else None,
    )


def _basic(parts: httpx2.URL) -> str:
    return "Basic " + base64.b64encode(f"{parts.username}:{parts.password}".encode()).decode("ascii")
