"""Which requests need a key, and whose."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.concurrency import run_in_threadpool

from serving.actors import KEY, Actor
from serving.errors import ForbiddenError, MissingKeyError
from serving.policy import Action, may
from serving.request_log import facts_of
from serving.services import services_of

_bearer = HTTPBearer(
    auto_error=False,
    scheme_name="key",
    bearerFormat="lw_…",
    description="A key made by `lurewatch keys create`.",
)


class KeyRequired:
    """The dependency that `require` makes. A route's `action` can be read off it."""

    def __init__(self, action: Action) -> None:
        self.action = action

    async def __call__(
        self,
        request: Request,
        sent: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    ) -> Actor:
        if sent is None:
            raise MissingKeyError("send `Authorization: Bearer lw_…`. An operator gives out keys.")
        services = services_of(request)
        key = await run_in_threadpool(services.keys.authenticate, sent.credentials)
        facts_of(request).key_id = key.id
        services.key_rate.spend(key.id)
        if not may(key.role, self.action):
            raise ForbiddenError(f"a key with the role {key.role} may not {self.action}.")
        return Actor(f"{KEY}{key.id}", key.role, key.platform)


def require(action: Action) -> KeyRequired:
    """A dependency that gives the holder of the request's key, who may do `action`.

    Raises `MissingKeyError`, `InvalidKeyError`, `RateLimitedError` and `ForbiddenError`. It runs
    before the body is read, so a stranger cannot make the server parse one.
    """
    return KeyRequired(action)
