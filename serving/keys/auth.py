"""Which requests need a key, and whose."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.concurrency import run_in_threadpool

from serving.errors import ForbiddenError, MissingKeyError
from serving.keys.service import Caller
from serving.policy import Action, may
from serving.request_log import facts_of
from serving.services import services_of

_bearer = HTTPBearer(
    auto_error=False,
    scheme_name="key",
    bearerFormat="lw_…",
    description="A key made by `lurewatch keys create`.",
)


def require(action: Action) -> Callable[..., Awaitable[Caller]]:
    """A dependency that gives the caller, who may do `action`.

    Raises `MissingKeyError`, `InvalidKeyError` and `ForbiddenError`. It runs before the body is
    read, so a stranger cannot make the server parse one.
    """

    async def caller(
        request: Request,
        sent: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    ) -> Caller:
        if sent is None:
            raise MissingKeyError("send `Authorization: Bearer lw_…`. An operator gives out keys.")
        keys = services_of(request).keys
        found = await run_in_threadpool(keys.authenticate, sent.credentials)
        facts_of(request).key_id = found.key_id
        if not may(found.role, action):
            raise ForbiddenError(f"a key with the role {found.role} may not {action}.")
        return found

    return caller
