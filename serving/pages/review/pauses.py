"""Reminding people to rest: how many decisions were made without a break."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from fastapi import Request
from starlette.responses import Response

from serving.pages.guard import is_secure

COOKIE = "lurewatch_streak"
REST = timedelta(minutes=10)
"""After that long without a decision, the count begins anew."""


def decisions_in_a_row(request: Request, now: datetime) -> int:
    """How many decisions this browser made since its person last rested."""
    count, _, at = request.cookies.get(COOKIE, "").partition(".")
    if not (count.isascii() and count.isdigit() and at.isascii() and at.isdigit()):
        return 0
    if len(count) > 6 or len(at) > 12 or now - datetime.fromtimestamp(int(at), UTC) > REST:
        return 0
    return int(count)


def remember(request: Request, response: Response, count: int, now: datetime) -> None:
    """Keep the count in the browser: it is nobody else's business."""
    response.set_cookie(
        COOKIE,
        f"{count}.{int(now.timestamp())}",
        path="/review",
        httponly=True,
        samesite="strict",
        secure=is_secure(request),
    )
