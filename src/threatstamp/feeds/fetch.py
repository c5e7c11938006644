"""Fetches feeds, politely and within limits, and reads what comes at once."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from io import BytesIO
from types import TracebackType
from typing import Self, TypeVar
from zoneinfo import ZoneInfo

from threatstamp import __version__
from threatstamp.core.news.entry import Document, Fetched
from threatstamp.core.news.feed import Problem, Reason, Request, Validators
from threatstamp.feeds.faults import problem_of
from threatstamp.feeds.reading import read_document
from threatstamp.http.client import Client
from threatstamp.http.errors import ExchangeError, Fault
from threatstamp.http.guard import Network, Resolve, system_resolve
from threatstamp.http.patience import read_retry_after
from threatstamp.http.question import Answer, Headers, Question
from threatstamp.http.racing import Connect, system_connect
from threatstamp.http.redirects import Followed, follow
from threatstamp.http.rounds import Round
from threatstamp.http.target import Target, read_target

K = TypeVar("K", bound=Hashable)

SECONDS = 30.0
WITH_DOCUMENT = frozenset({200, 203})
"""The statuses that bring a document; no other body is read."""

LONGEST_VALIDATOR = 1_000
ACCEPT = (
    "application/rss+xml, application/rdf+xml, application/atom+xml, application/feed+json, "
    "application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, */*;q=0.5"
)
AGENT = f"Threatstamp/{__version__} (reads security news for one team; asks conditionally, minds Retry-After)"
_HEADERS: Headers = ((b"User-Agent", AGENT.encode("ascii")), (b"Accept", ACCEPT.encode("ascii")))


_BROKEN_OFF = frozenset({Fault.CUT, Fault.PROTOCOL, Fault.TIMEOUT, Fault.ENCODING_BROKEN})
"""The faults after which what came before is worth reading."""


class _Came:
    """What came of a document so far: the head of its answer, and its body unpacked."""

    def __init__(self) -> None:
        self.head: Answer | None = None
        self._file = BytesIO()

    def begin(self, head: Answer) -> BytesIO:
        self.head, self._file = head, BytesIO()
        return self._file

    @property
    def body(self) -> bytes:
        return self._file.getvalue()


class Fetcher:
    """Fetches feeds; safe to be used by many threads until it is closed.

    seconds: the limit of one fetch, redirects and all. Raises PolicyError if SSL_CERT_FILE cannot be used.
    """

    def __init__(
        self,
        *,
        allow_private: Iterable[str | Network] = (),
        environ: Mapping[str, str] = os.environ,
        seconds: float = SECONDS,
        resolve: Resolve = system_resolve,
        connect: Connect = system_connect,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._client = Client(allow_private=allow_private, environ=environ, resolve=resolve, connect=connect)
        self._seconds = seconds
        self._now = now

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends at once what is under way, from any thread; rounds end without what they had not got."""
        self._client.close()

    def fetch(self, request: Request) -> Fetched:
        """Fetches one feed. A failure is a problem of the outcome. Raises StoppedError when it is closed."""
        until = time.monotonic() + self._seconds
        came = _Came()
        try:
            first = read_target(request.url)
            followed = follow(first, partial(self._ask, request, first, until, came))
        except ExchangeError as error:
            return self._saved(request, came, error)
        return self._outcome(request, first, followed, came.body)

    def fetch_all(
        self, requests: Iterable[tuple[K, Request]], *, workers: int = 16
    ) -> Iterator[tuple[K, Fetched]]:
        """Yields outcomes as they come: many hosts at once, one request at a time a host.

        It ends early when it is closed; what was under way then is not told.
        """
        tasks = ((_place(request), key, partial(self.fetch, request)) for key, request in requests)
        this: Round[K, Fetched] = Round(workers=workers, is_stopped=lambda: self._client.is_closed)
        return this.run(tasks)

    def _ask(
        self, request: Request, first: Target, until: float, came: _Came, target: Target, only_public: bool
    ) -> Answer:
        """Sends the validators only to the host that gave them."""
        headers = _HEADERS
        if target.host == first.host:
            headers += _conditions(request.validators)
        question = Question(
            target=target,
            headers=headers,
            most=request.most,
            until=until,
            only_public=only_public,
            bodies=WITH_DOCUMENT,
            into=came.begin,
        )
        return self._client.ask(question)

    def _saved(self, request: Request, came: _Came, error: ExchangeError) -> Fetched:
        """Returns what a fetch that failed brought all the same: the entries that are whole, and its problem.

        A document that is whole by itself needs no more than that: some servers leave out gzip's trailer.
        """
        if came.head is None or not came.body or error.fault not in _BROKEN_OFF:
            return Fetched(problem=problem_of(error))
        document = _read(came.head, came.body, request)
        if not document.entries:
            return Fetched(problem=problem_of(error))
        if error.fault is Fault.ENCODING_BROKEN and document.problem is None:
            digest = hashlib.sha256(came.body).hexdigest()
            return Fetched(document=document, validators=_validators(came.head.headers, digest, request.zone))
        return Fetched(document=replace(document, problem=problem_of(error)))

    def _outcome(self, request: Request, first: Target, followed: Followed, body: bytes) -> Fetched:
        answer = followed.answer
        moved_to = None if first.authorization else followed.moved_to
        wait = read_retry_after(answer.headers, self._now())
        if answer.status == 304 and answer.target.host == first.host and _conditions(request.validators):
            return Fetched(unchanged=True, moved_to=moved_to, retry_after=wait)
        if answer.status not in WITH_DOCUMENT:
            return Fetched(
                problem=_status(answer.status),
                retry_after=wait,
                gone=answer.status == 410 and followed.is_direct,
            )
        digest = hashlib.sha256(body).hexdigest()
        given = _validators(answer.headers, digest, request.zone)
        if digest == request.validators.digest:
            return Fetched(unchanged=True, validators=given, moved_to=moved_to, retry_after=wait)
        document = _read(answer, body, request)
        if document.problem is not None:
            return Fetched(document=document, retry_after=wait)
        return Fetched(document=document, validators=given, moved_to=moved_to, retry_after=wait)


def fetch_once(
    url: str,
    *,
    zone: ZoneInfo,
    most: int,
    allow_private: Iterable[str | Network] = (),
    environ: Mapping[str, str] = os.environ,
) -> Fetched:
    """Fetches one address once, for `read`."""
    with Fetcher(allow_private=allow_private, environ=environ) as fetcher:
        return fetcher.fetch(Request(url=url, zone=zone, most=most))


def _place(request: Request) -> str:
    """Returns the host and port of a request; an address that is none is a place of its own."""
    try:
        return read_target(request.url).place
    except ExchangeError:
        return request.url


def _conditions(validators: Validators) -> Headers:
    said = ((b"If-None-Match", validators.etag), (b"If-Modified-Since", validators.last_modified))
    return tuple((name, value.encode("latin-1")) for name, value in said if value and _is_sendable(value))


def _validators(headers: Mapping[str, str], digest: str, zone: ZoneInfo) -> Validators:
    etag, modified = headers.get("etag", ""), headers.get("last-modified", "")
    return Validators(
        etag=etag if _is_sendable(etag) else None,
        last_modified=modified if _is_sendable(modified) else None,
        digest=digest,
        zone=zone.key,
    )


def _is_sendable(value: str) -> bool:
    """True for a header's value that can be given back; Latin-1 is what headers are made of."""
    is_short = 0 < len(value) <= LONGEST_VALIDATOR
    return is_short and all(" " <= sign <= "~" or "\xa0" <= sign <= "\xff" for sign in value)


def _read(answer: Answer, body: bytes, request: Request) -> Document:
    return read_document(
        body,
        content_type=answer.headers.get("content-type"),
        base=answer.target.url.partition("?")[0],  # an empty link would take a key of the query along
        zone=request.zone,
    )


def _status(status: int) -> Problem:
    if status == 407:  # only proxies say so (RFC 9110, 15.5.8)
        return Problem(reason=Reason.NETWORK_PROXY_AUTHENTICATION)
    return Problem(reason=Reason.HTTP_STATUS, values={"status": status})
