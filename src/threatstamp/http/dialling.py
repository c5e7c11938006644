"""How a server is reached: directly, or through the proxy of the environment."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterable, Mapping

import httpcore2
import httpx2

from threatstamp.config.proxies import ca_context, proxy_for
from threatstamp.http.connections import Connection
from threatstamp.http.errors import ExchangeError, Fault
from threatstamp.http.guard import Network, Resolve, is_public, read_guard
from threatstamp.http.question import Question
from threatstamp.http.racing import Connect, Racing
from threatstamp.http.wire import Wire, addresses_of

PROXY_LOOKUP_SECONDS = 2.0


class Dialling:
    """Makes connections as the guard, and the proxies and certificates of the environment, require."""

    def __init__(
        self,
        *,
        allow_private: Iterable[str | Network],
        environ: Mapping[str, str],
        resolve: Resolve,
        connect: Connect,
    ) -> None:
        self._guard = read_guard(allow_private)
        self._environ = environ
        self._resolve = resolve
        self._racing = Racing(connect)
        self._tls: ssl.SSLContext | None = ca_context(environ)
        self._lock = threading.Lock()

    def connection(self, question: Question) -> Connection:
        """Returns a connection that will dial when it is asked. Raises ExchangeError."""
        target = question.target
        origin = httpcore2.Origin(target.scheme.encode(), target.host.encode(), target.port)
        proxy = proxy_for(target.url, self._environ)
        wire = Wire(None if proxy else self._guard, resolve=self._resolve, racing=self._racing)
        if proxy is None:
            straight = httpcore2.HTTPConnection(
                origin, ssl_context=self._context(target.scheme), network_backend=wire
            )
            return Connection(target.origin, wire, straight)
        is_outside = self._check_behind_proxy(question)
        return Connection(target.origin, wire, self._proxied(proxy, origin, wire), is_outside)

    def _proxied(self, proxy: str, origin: httpcore2.Origin, wire: Wire) -> httpcore2.ConnectionInterface:
        parts = _read_proxy(proxy, is_for_tls=origin.scheme == b"https")
        pool = httpcore2.HTTPProxy(
            str(parts.copy_with(userinfo=b"")),
            proxy_auth=(parts.username.encode(), parts.password.encode()) if parts.userinfo else None,
            ssl_context=self._context("https"),
            proxy_ssl_context=self._context("https") if parts.scheme == "https" else None,
            network_backend=wire,
        )
        return pool.create_connection(origin)

    def _check_behind_proxy(self, question: Question) -> bool:
        """Refuses what is private as far as this machine can tell; the proxy resolves names by itself.

        True for a public server, and for a name that only the proxy knows.
        """
        target = question.target
        if self._guard.permits_all and not question.only_public:
            return False  # nobody needs to know, and the name may be the proxy's secret
        seconds = min(PROXY_LOOKUP_SECONDS, question.until - time.monotonic())
        try:
            found = addresses_of(target.host, target.port, self._resolve, max(0.0, seconds))
        except ExchangeError:
            return True
        if not found or not all(
            self._guard.permits(address, only_public=question.only_public) for address in found
        ):
            raise ExchangeError(Fault.NOT_PUBLIC, host=target.host)
        return all(map(is_public, found))

    def _context(self, scheme: str) -> ssl.SSLContext | None:
        if scheme != "https":
            return None
        with self._lock:
            if self._tls is None:
                self._tls = httpcore2.default_ssl_context()
            return self._tls


def _read_proxy(said: str, *, is_for_tls: bool) -> httpx2.URL:
    """Returns a proxy's address. TLS within TLS is not spoken, nor SOCKS."""
    try:
        parts = httpx2.URL(said)
    except (httpx2.InvalidURL, UnicodeError, ValueError) as error:
        raise ExchangeError(Fault.PROXY_WRONG) from error
    if not parts.host:
        raise ExchangeError(Fault.PROXY_WRONG)
    if parts.scheme not in ("http", "https") or (parts.scheme == "https" and is_for_tls):
        raise ExchangeError(Fault.PROXY_UNKNOWN, scheme=parts.scheme[:20])
    return parts
