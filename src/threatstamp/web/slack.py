"""Where Slack's requests arrive over HTTP: read as far as a limit, handed on, answered."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from http import HTTPStatus

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

log = logging.getLogger(__name__)

LARGEST = 2 * 1024 * 1024
"""Bytes of a request's body. The longest event tells an edit: a text of 40,000 signs before and after it,
in blocks as well, each sign of Japanese written in six bytes."""

AT_ONCE = 8
"""Requests that are worked on at once, each in a thread: the rest of the threads belong to /healthz."""

PLACES = ("events", "interactions", "commands")
"""Under /slack/."""

HEADERS = {
    "Cache-Control": "no-store",
    "Connection": "close",  # the server ends a connection by its age, and must not end one amid a request
    "X-Content-Type-Options": "nosniff",
}

Answer = Callable[[str, Mapping[str, str], bytes], tuple[int, str]]
"""Takes the place, the headers in lower case, and the body as it came; returns status and text."""


def slack_routes(answer: Answer) -> list[Route]:
    """Returns a route for each place."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def asked(request: Request) -> Response:
        try:
            body = await _body(request)
        except ClientDisconnect:
            return _said(HTTPStatus.BAD_REQUEST, "")
        if body is None:
            return _said(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"more than {LARGEST} bytes")
        place = request.url.path.rpartition("/")[2]
        async with turns:
            try:
                status, text = await run_in_threadpool(answer, place, request.headers, body)
            except Exception:  # uvicorn would answer the same, and say nothing in our log
                log.exception("a request of Slack's failed, and Slack sends it again")
                return _said(HTTPStatus.INTERNAL_SERVER_ERROR, "")
        return _said(status, text)  # an answer to a form or a command is a table

    return [Route(f"/slack/{place}", asked, methods=["POST"]) for place in PLACES]


async def _body(request: Request) -> bytes | None:
    """Returns the body as it came; None, and reads no further, if it is too large."""
    said = request.headers.get("content-length", "0")
    if not said.isdigit() or int(said) > LARGEST:
        return None
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            return None
    return bytes(body)


def _said(status: int, text: str) -> Response:
    kind = "application/json" if text.startswith("{") else "text/plain"
    return Response(text, status_code=status, media_type=kind, headers=HEADERS)
