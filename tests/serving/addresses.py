"""Every address of an app with what it asks of whoever requests it, read off its routes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts

from serving.keys.auth import KeyRequired
from serving.pages.guard import SignInRequired, csrf_checked
from serving.policy import Action

OPEN = frozenset(
    {
        "GET /",
        "POST /",
        "GET /docs",
        "GET /openapi.json",
        "GET /healthz",
        "GET /readyz",
        "GET /sign-in",
        "POST /sign-in",
        "GET /welcome/{token}",
        "POST /welcome/{token}",
        "ANY /static",
    }
)
"""What needs neither a key nor a person."""

SESSION_ALONE = frozenset({"POST /sign-out"})
"""What everybody may do who is signed in."""


@dataclass(frozen=True, slots=True)
class Address:
    """`by_key` and `by_person` are the actions that it asks a key or a person to be allowed."""

    method: str
    path: str
    by_key: tuple[Action, ...]
    by_person: tuple[Action, ...]
    checks_csrf: bool

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def is_guarded(self) -> bool:
        if str(self) in OPEN:
            return True
        if str(self) in SESSION_ALONE:
            return self.checks_csrf
        changes_nothing = self.method == "GET" or bool(self.by_key)
        return len(self.by_key + self.by_person) == 1 and (changes_nothing or self.checks_csrf)


def addresses_of(app: FastAPI) -> tuple[Address, ...]:
    return tuple(_addresses(app))


def _addresses(app: FastAPI) -> Iterator[Address]:
    for route in iter_route_contexts(app.routes):
        calls = tuple(_calls(getattr(route, "dependant", None)))
        for method in sorted((route.methods or {"ANY"}) - {"HEAD"}):
            yield Address(
                method=method,
                path=route.path or "",
                by_key=tuple(call.action for call in calls if isinstance(call, KeyRequired)),
                by_person=tuple(call.action for call in calls if isinstance(call, SignInRequired)),
                checks_csrf=csrf_checked in calls,
            )


def _calls(dependant: Dependant | None) -> Iterator[Callable[..., Any] | None]:
    for needed in dependant.dependencies if dependant else ():
        yield needed.call
        yield from _calls(needed)
