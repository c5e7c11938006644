"""Whether a source of facts answers: one question, of whose answer only the head is read."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping

from threatstamp.core.facts.document import FetchProblem
from threatstamp.facts.web import exchange_error, host_of, status_error
from threatstamp.http.client import Client
from threatstamp.http.errors import ExchangeError
from threatstamp.http.guard import Network
from threatstamp.http.question import Answer, Headers, Question
from threatstamp.http.redirects import follow
from threatstamp.http.target import Target, read_target

TIMEOUT = 10.0
"""Seconds for a question, redirects and all."""

_OF_PEOPLE = "text/html"
"""No source publishes facts as a web page; a proxy's page for signing in is one."""


def reach(
    url: str,
    *,
    headers: Headers = (),
    allow_private: Iterable[str | Network] = (),
    environ: Mapping[str, str] = os.environ,
) -> FetchProblem | None:
    """Asks an address once and hangs up when the head of its answer is there; None if it has a document.

    headers: only for the address's own host, they may hold a key. Raises PolicyError if SSL_CERT_FILE cannot
    be used.
    """
    until = time.monotonic() + TIMEOUT
    with Client(allow_private=allow_private, environ=environ) as client:
        try:
            first = read_target(url)

            def ask(target: Target, only_public: bool) -> Answer:
                question = Question(
                    target=target,
                    headers=headers if target.origin == first.origin else (),
                    most=0,
                    bodies=frozenset(),
                    until=until,
                    only_public=only_public,
                )
                return client.ask(question)

            answer = follow(first, ask).answer
        except ExchangeError as error:
            return exchange_error(error, url).problem
    if not answer.is_success:
        return status_error(answer, url).problem
    if answer.headers.get("content-type", "").lower().startswith(_OF_PEOPLE):
        return FetchProblem(key="facts.foreign", values={"host": answer.target.host or host_of(url)})
    return None
