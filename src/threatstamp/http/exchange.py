"""One question and its answer, over a connection that stands or will be made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import h11
import httpcore2

from threatstamp.http.bodies import ACCEPTED, Body
from threatstamp.http.errors import ExchangeError, network, too_large
from threatstamp.http.target import Target

WITH_BODY = frozenset({200, 203})

Headers = tuple[tuple[bytes, bytes], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of an address, and what it may cost.

    most: bytes of the body, also unpacked. until: the steady time by which all must be done. only_public:
    networks that are merely allowed do not count.
    """

    target: Target
    headers: Headers = ()
    most: int
    until: float
    only_public: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a server said. headers: names in small letters. body: unpacked; empty but for 200 and 203.

    is_public: the server is known to be one of the public internet.
    """

    target: Target
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    is_public: bool = False


def exchange(connection: httpcore2.ConnectionInterface, question: Question) -> Answer:
    """Asks by GET and reads the answer. Raises ExchangeError, and httpcore2's own errors."""
    target = question.target
    headers = [(b"Host", target.name.encode("ascii")), (b"Accept-Encoding", ACCEPTED.encode("ascii"))]
    if target.authorization:
        headers.append((b"Authorization", target.authorization.encode("ascii")))
    headers.extend(question.headers)
    url = httpcore2.URL(scheme=target.scheme, host=target.host, port=target.said_port, target=target.path)
    response = connection.handle_request(httpcore2.Request("GET", url, headers=headers))
    try:
        said = _read_headers(response.headers)
        body = _read_body(response, said, question.most) if response.status in WITH_BODY else b""
        if response.status in (204, 304):
            response.read()
    finally:
        response.close()
    return Answer(target=target, status=response.status, headers=said, body=body)


def _read_headers(raw: list[tuple[bytes, bytes]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in raw:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        found[key] = f"{found[key]}, {text}" if key in found else text
    return found


def _read_body(response: httpcore2.Response, headers: Mapping[str, str], most: int) -> bytes:
    length = headers.get("content-length", "")
    if length.isascii() and length.isdigit() and int(length[:20]) > most:
        raise too_large("too_large", most=most)
    body = Body(headers.get("content-encoding", ""), most=most)
    for piece in response.iter_stream():
        body.take(piece)
    return body.finish()


def is_final(error: Exception) -> bool:
    """True for an outcome that another line would not change."""
    return isinstance(error, ExchangeError) and error.problem.reason != "network_cut"


def translated(error: Exception, target: Target) -> ExchangeError:
    """Returns what went wrong in our own words."""
    if isinstance(error, ExchangeError):
        return error
    if isinstance(error, httpcore2.ProxyError):
        return network("proxy_refused")
    cause = error.__cause__
    if isinstance(cause, h11.RemoteProtocolError) and cause.error_status_hint == 431:
        return too_large("head")
    return network("protocol", host=target.host)
