"""What all pages of the queue share: the sections a role may open, and refusals as pages."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.responses import Response

from classifier.errors import InputError
from serving.clock import utc_now
from serving.errors import ConflictError, ForbiddenError, RequestError, SignInError
from serving.pages.guard import render, signed_in_browser
from serving.pages.review.wording import age_words, event_words
from serving.policy import Action, Role, may
from serving.problems import headers_of, status_of


@dataclass(frozen=True, slots=True)
class Section:
    """One entry of the queue's own navigation."""

    name: str
    address: str
    action: Action


SECTIONS = (
    Section("Queue", "/review", Action.WORK_QUEUE),
    Section("Search", "/review/search", Action.SEARCH),
    Section("Team", "/review/team", Action.READ_TEAM),
    Section("Settings", "/review/settings", Action.READ_SETTINGS),
    Section("Audit", "/review/audit", Action.READ_AUDIT),
)


def sections_of(role: Role) -> tuple[Section, ...]:
    return tuple(section for section in SECTIONS if may(role, section.action))


def show(
    request: Request,
    template: str,
    section: str,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **values: Any,
) -> Response:
    """`template` as a page of `section`, for the person who is signed in."""
    return render(
        request,
        f"review/{template}",
        status=status,
        headers=headers,
        sections=sections_of(signed_in_browser(request).user.role),
        section=section,
        **values,
    )


class PageRoute(APIRoute):
    """An endpoint whose refusals are pages, where it is a page that was asked for."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handle_or_refuse(request: Request) -> Response:
            try:
                return await handle(request)
            except (SignInError, ForbiddenError):
                raise  # the guard has pages for these
            except (RequestError, InputError) as error:
                if "text/html" not in request.headers.get("accept", ""):
                    raise
                return refuse(request, error)

        return handle_or_refuse


def refuse(request: Request, error: RequestError | InputError) -> Response:
    """Say what stood in the way, and what happened meanwhile where something did."""
    happened = error.happened if isinstance(error, ConflictError) else None
    return show(
        request,
        "refused.html",
        "",
        status=status_of(error),
        headers=headers_of(error),
        error=error,
        may_work=may(signed_in_browser(request).user.role, Action.WORK_QUEUE),
        happened=happened and f"{event_words(happened.kind)}, {age_words(happened.at, utc_now())}",
    )
