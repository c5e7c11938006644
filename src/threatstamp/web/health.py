"""Health and metrics over HTTP: pages which only look."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

EXPOSITION = "text/plain; version=0.0.4; charset=utf-8"
"""The format of Prometheus: https://prometheus.io/docs/instrumenting/exposition_formats/"""

Reasons = Sequence[Mapping[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """Who knows the answers; each is asked anew for every request, in a thread of its own.

    health, readiness: why not, each reason as JSON; nothing if all is well. metrics: a page in the format
    of Prometheus; None if there are none.
    """

    health: Callable[[], Reasons]
    readiness: Callable[[], Reasons]
    metrics: Callable[[], str] | None = None


def health_routes(answers: Answers) -> list[Route]:
    """Returns the pages. Nothing in them changes anything, so anybody who can reach them may ask."""

    def health(_: Request) -> Response:
        return _said(answers.health())

    def ready(_: Request) -> Response:
        return _said(answers.readiness())

    routes = [Route("/healthz", health), Route("/readyz", ready)]
    if answers.metrics is not None:
        metrics = answers.metrics

        def measured(_: Request) -> Response:
            return Response(metrics(), headers={"Content-Type": EXPOSITION, "Cache-Control": "no-store"})

        routes.append(Route("/metrics", measured))
    return routes


def _said(reasons: Reasons) -> Response:
    body = {"ok": not reasons, "reasons": list(reasons)}
    return JSONResponse(body, status_code=503 if reasons else 200, headers={"Cache-Control": "no-store"})
