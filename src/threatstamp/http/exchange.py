"""One question and its answer, over a connection that exists or will be made."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from io import BytesIO

import h11
import httpcore2

from threatstamp import __version__
from threatstamp.http.bodies import ACCEPTED, Body
from threatstamp.http.errors import ExchangeError, Fault
from threatstamp.http.question import Answer, Method, Question, Writer
from threatstamp.http.target import Target

AGENT = f"Threatstamp/{__version__}"
MOST_EXPLANATION = 64_000
"""Bytes of the body beside an error or a redirect: it says why, and nobody reads more of that."""

_TROUBLES = (httpcore2.NetworkError, httpcore2.ProtocolError, httpcore2.ProxyError)


def exchange(connection: httpcore2.ConnectionInterface, question: Question) -> Answer:
    """Asks and reads the answer. Raises ExchangeError, and whatever the question's writer raises."""
    try:
        response = connection.handle_request(_request(question))
    except httpcore2.LocalProtocolError:
        raise ExchangeError(Fault.UNSENDABLE) from None  # its words quote the header, maybe a secret
    except _TROUBLES as error:
        raise _translated(error, question.target) from error
    try:
        return _answer(response, question)
    finally:
        response.close()


def _request(question: Question) -> httpcore2.Request:
    target = question.target
    url = httpcore2.URL(scheme=target.scheme, host=target.host, port=target.said_port, target=target.path)
    return httpcore2.Request(
        question.method.value, url, headers=_headers(question), content=question.body or None
    )


def _headers(question: Question) -> list[tuple[bytes, bytes]]:
    """Returns what is always said, unless the question says it otherwise, and the question's own headers."""
    target = question.target
    usual = [("Host", target.name), ("User-Agent", AGENT), ("Accept-Encoding", ACCEPTED)]
    if target.authorization:
        usual.append(("Authorization", target.authorization))
    if question.body or question.method.has_body:
        usual.append(("Content-Length", str(len(question.body or b""))))
    said = {name.lower() for name, _ in question.headers}
    encoded = [(name.encode("ascii"), value.encode("ascii")) for name, value in usual]
    return [one for one in encoded if one[0].lower() not in said] + list(question.headers)


def _answer(response: httpcore2.Response, question: Question) -> Answer:
    head = Answer(target=question.target, status=response.status, headers=_read_headers(response.headers))
    if question.method is Method.HEAD or head.status in (204, 304):
        response.read()  # nothing comes, and the connection is free again
        return head
    if question.bodies is not None and head.status not in question.bodies:
        return head
    if not head.is_success:
        return replace(head, body=_explanation(response, head, question.most))
    _check_length(head, question.most)
    kept = BytesIO()
    _pour(response, head, most=question.most, into=question.into(head) if question.into else kept)
    return replace(head, body=kept.getvalue())


def _read_headers(raw: list[tuple[bytes, bytes]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in raw:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        found[key] = f"{found[key]}, {text}" if key in found else text
    return found


def _explanation(response: httpcore2.Response, head: Answer, most: int) -> bytes:
    """Returns what came of an error's body. The status is what counts: a bad body does not hide it."""
    kept = BytesIO()
    with suppress(ExchangeError):
        _pour(response, head, most=min(most, MOST_EXPLANATION), into=kept)
    return kept.getvalue()


def _check_length(head: Answer, most: int) -> None:
    length = head.headers.get("content-length", "")
    if length.isascii() and length.isdigit() and int(length[:20]) > most:
        raise ExchangeError(Fault.BODY_TOO_LARGE, most=most)


def _pour(response: httpcore2.Response, head: Answer, *, most: int, into: Writer) -> None:
    """Reads a body to its end. Raises ExchangeError, which says how much of it came."""
    body = Body(head.headers.get("content-encoding", ""), most=most, into=into)
    try:
        for piece in response.iter_stream():
            body.write(piece)
        body.finish()
    except ExchangeError as error:
        error.received, error.headers = body.length, head.headers
        raise
    except _TROUBLES as error:
        failure = _translated(error, head.target)
        failure.received, failure.headers = body.length, head.headers
        raise failure from error


def _translated(error: Exception, target: Target) -> ExchangeError:
    """Returns what went wrong in our own words."""
    if isinstance(error, httpcore2.ProxyError):
        # httpcore gives the proxy's status in its words alone: "407 Proxy Authentication Required"
        if str(error).startswith("407"):
            return ExchangeError(Fault.PROXY_AUTHENTICATION)
        return ExchangeError(Fault.PROXY_REFUSED)
    cause = error.__cause__
    if isinstance(cause, h11.RemoteProtocolError) and cause.error_status_hint == 431:
        return ExchangeError(Fault.HEAD_TOO_LARGE)
    return ExchangeError(Fault.PROTOCOL, host=target.host)
