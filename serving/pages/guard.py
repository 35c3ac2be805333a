"""Who is signed in to the pages, and whether a form was sent by them.

A page names its action; a form carries the token of its session:

    Worker = Annotated[Actor, Depends(signed_in(Action.WORK_QUEUE))]

    @router.get("/review")
    async def show(request: Request, actor: Worker) -> Response:
        return render(request, "review/work.html", ...)

    @router.post("/review/items/{id}/skip", dependencies=[Depends(csrf_checked)])
    async def skip(request: Request, id: str, actor: Worker) -> Response: ...

`render` fills a template that extends base.html and tells it who is signed in. In the template
`{{ viewer.csrf }}` is the token that a form sends as the hidden field `csrf`, a script as the
header `X-CSRF-Token`. After `csrf_checked` the endpoint reads `await posted_form(request)`, since
the body itself has been read.
`signed_in_browser(request)` gives the session, with the person's name and preferences.

What is refused here becomes a page in `serving.pages.refusals`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from serving.actors import Actor
from serving.errors import ForbiddenError, ForeignFormError, NotSignedInError
from serving.pages.posted import posted_form
from serving.policy import Action, Role, may
from serving.services import services_of
from serving.users.records import SignedIn

COOKIE = "lurewatch_session"
CSRF_FIELD = "csrf"
CSRF_HEADER = "X-CSRF-Token"
PAGES = "/review"

_STATE = "lurewatch_signed_in"


@dataclass(frozen=True, slots=True)
class Viewer:
    """What base.html says of the person who looks at a page."""

    name: str
    role: Role
    home: str
    csrf: str


def home(role: Role) -> str:
    """The page that a person starts on."""
    return PAGES if may(role, Action.WORK_QUEUE) else f"{PAGES}/settings"


async def find_browser(request: Request) -> SignedIn | None:
    """The session that the request's cookie opens; asks the database only where there is one."""
    return await _find(request, in_use=True)


async def sent_by_itself(request: Request) -> None:
    """A dependency, before all others, of what a page's script sends with nobody asking for it.

    It needs a session like anything else, and does not keep it alive.
    """
    await _find(request, in_use=False)


async def _find(request: Request, *, in_use: bool) -> SignedIn | None:
    state = request.scope.setdefault("state", {})
    if _STATE not in state:
        token = request.cookies.get(COOKIE)
        find = partial(services_of(request).sessions.find, in_use=in_use)
        state[_STATE] = await run_in_threadpool(find, token) if token else None
    found = state[_STATE]
    assert found is None or isinstance(found, SignedIn)
    return found


async def _browser(request: Request) -> SignedIn:
    found = await find_browser(request)
    if found is None:
        raise NotSignedInError("nobody is signed in, or not any more. Sign in at /sign-in.")
    return found


class SignInRequired:
    """The dependency that `signed_in` makes. A page's `action` can be read off it."""

    def __init__(self, action: Action) -> None:
        self.action = action

    async def __call__(self, browser: Annotated[SignedIn, Depends(_browser)]) -> Actor:
        actor = browser.user.actor
        if not may(actor.role, self.action):
            raise ForbiddenError(f"the role {actor.role} may not {self.action}.")
        return actor


def signed_in(action: Action) -> SignInRequired:
    """A dependency that gives the person who is signed in, who may do `action`.

    Raises `NotSignedInError` and `ForbiddenError`.
    """
    return SignInRequired(action)


def signed_in_browser(request: Request) -> SignedIn:
    """The session of a request that `signed_in` or `csrf_checked` let through."""
    found = request.scope["state"][_STATE]
    assert isinstance(found, SignedIn)
    return found


async def csrf_checked(request: Request, browser: Annotated[SignedIn, Depends(_browser)]) -> None:
    """A dependency of everything that a signed-in person posts.

    The token alone would do; where the request comes from is checked beside it, so that neither
    is the only lock. Raises `ForeignFormError` and `BodyTooLargeError`.
    """
    await refuse_foreign(request)
    sent = request.headers.get(CSRF_HEADER)
    if sent is None:
        field = (await posted_form(request)).get(CSRF_FIELD)
        sent = field if isinstance(field, str) else ""
    if not services_of(request).sessions.csrf_matches(browser, sent):
        raise ForeignFormError(
            "the form belongs to an earlier session. Go back, reload the page and send it again."
        )


async def refuse_foreign(request: Request) -> None:
    """A dependency of every form: none that another site made a browser send gets further.

    Browsers say so in `Sec-Fetch-Site` over TLS and on localhost, and in `Origin` everywhere. A
    program that sends neither is not one that carries somebody's cookie unknowingly. Raises
    `ForeignFormError`.
    """
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site is not None:
        foreign = site not in {"same-origin", "none"}
    else:
        foreign = origin is not None and origin not in _own_origins(request)
    if foreign:
        raise ForeignFormError(
            "another site sent this form. If it was this one, its address and LUREWATCH_PUBLIC_URL "
            "differ: an operator can set it."
        )


def address_of(request: Request) -> str:
    """The client's address, or what a trusted proxy says it is."""
    return request.client.host if request.client else ""


def is_secure(request: Request) -> bool:
    """Whether the browser came by TLS: a trusted proxy says so, or the address people type does."""
    public = services_of(request).settings.public_url or ""
    return request.url.scheme == "https" or public.startswith("https:")


def _own_origins(request: Request) -> set[str]:
    public = services_of(request).settings.public_url
    addresses = (str(request.base_url), *([public] if public else []))
    return {f"{parts.scheme}://{parts.netloc}" for parts in map(urlsplit, addresses)}


def render(
    request: Request,
    template: str,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **values: Any,
) -> Response:
    """`template`, which extends base.html and says who is signed in, if it was asked who is."""
    browser = request.scope["state"].get(_STATE)
    viewer = _viewer(request, browser) if browser else None
    renderer = services_of(request).renderer
    return renderer.page(template, status=status, headers=headers, viewer=viewer, **values)


def _viewer(request: Request, browser: SignedIn) -> Viewer:
    token = services_of(request).sessions.csrf_token(browser)
    return Viewer(browser.user.name, browser.user.role, home(browser.user.role), token)
