"""One entry in the log and the metrics for each request, and the last net under its errors."""

from __future__ import annotations

import logging
import re
import secrets
import time
from dataclasses import dataclass

from fastapi import Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.logs import FACTS
from serving.metrics import Metrics
from serving.problems import internal_error

logger = logging.getLogger("lurewatch.requests")

_STATE = "lurewatch_facts"
_CLIENT_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


@dataclass(slots=True)
class RequestFacts:
    """What the log says of a request, filled in while it is answered."""

    request_id: str
    key_id: str | None = None
    texts: int = 0
    characters: int = 0


def facts_of(request: Request) -> RequestFacts:
    facts = request.scope["state"][_STATE]
    assert isinstance(facts, RequestFacts)
    return facts


class RequestLog:
    """Logs and counts every request under its path's template, and answers 500 if all else fails.

    A request's id is the client's `X-Request-Id` where that is a plain token, or a new one.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        facts = RequestFacts(_request_id(scope))
        scope.setdefault("state", {})[_STATE] = facts
        started = time.perf_counter()
        status: int | None = None

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-Id"] = facts.request_id
            await send(message)

        try:
            await self._app(scope, receive, send_with_id)
        except Exception:
            logger.exception("request failed", extra={FACTS: {"request_id": facts.request_id}})
            if status is not None:  # half an answer is out; only closing the connection says so
                raise
            await internal_error()(scope, receive, send_with_id)
        finally:
            self._record(scope, facts, status, time.perf_counter() - started)

    def _record(
        self, scope: Scope, facts: RequestFacts, status: int | None, seconds: float
    ) -> None:
        path = _path_template(scope)
        method = scope["method"] if scope["method"] in _METHODS else "other"
        answered = status or 500
        self._metrics.requests.labels(method, path, str(answered)).inc()
        self._metrics.request_seconds.labels(path).observe(seconds)
        logger.info(
            "request",
            extra={
                FACTS: {
                    "request_id": facts.request_id,
                    "method": method,
                    "path": path,
                    "status": answered,
                    "ms": round(seconds * 1000, 1),
                    "key_id": facts.key_id,
                    "texts": facts.texts,
                    "characters": facts.characters,
                }
            },
        )


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def _request_id(scope: Scope) -> str:
    sent = Headers(scope=scope).get("x-request-id", "")
    return sent if _CLIENT_REQUEST_ID.fullmatch(sent) else secrets.token_hex(8)


def _path_template(scope: Scope) -> str:
    """The route's pattern: a raw path could hold anything, and would be a metric of its own."""
    template = getattr(scope.get("route"), "path", None)
    if isinstance(template, str):
        return template
    return "/static/{path}" if scope["path"].startswith("/static/") else "unmatched"
