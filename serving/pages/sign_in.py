"""`/sign-in`, `/sign-out` and `/welcome`, where a one-time link leads."""

from __future__ import annotations

import re

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from serving.errors import BodyTooLargeError, RequestError, UnfitPasswordError
from serving.pages.guard import (
    COOKIE,
    PAGES,
    address_of,
    csrf_checked,
    find_browser,
    home,
    is_secure,
    refuse_foreign,
    signed_in_browser,
)
from serving.pages.posted import posted_form
from serving.problems import headers_of, status_of
from serving.services import services_of
from serving.users.passwords import MAX_CHARACTERS, MIN_CHARACTERS
from serving.users.records import SignedIn

router = APIRouter(include_in_schema=False)

_SIGN_IN_BYTES = 16_000  # a name and a password of the longest, in any script
_WELCOME_BYTES = 2 * _SIGN_IN_BYTES  # which has the password twice

# The pages that need a person are the only ones anybody is sent back to. What begins like this
# and holds no backslash stays on this server, however a browser reads the rest.
_OWN_PAGE = re.compile(rf"{PAGES}(?:[/?][!-\[\]-~]*)?")


@router.get("/sign-in")
async def show_sign_in(request: Request, next: str = PAGES) -> Response:
    """The form; whoever is signed in already goes on."""
    browser = await find_browser(request)
    if browser is not None:
        return RedirectResponse(_target(next, browser), status_code=303)
    return _sign_in_page(request, "", next)


@router.post("/sign-in", dependencies=[Depends(refuse_foreign)])
async def sign_in(request: Request) -> Response:
    """Go on signed in, or see the form again with the reason."""
    try:
        form = await posted_form(request, _SIGN_IN_BYTES)
    except BodyTooLargeError as error:
        return _sign_in_page(request, "", PAGES, error)
    name, after = _field(form, "name"), _field(form, "next")
    sessions = services_of(request).sessions
    try:
        token = await sessions.sign_in(name, _field(form, "password"), address_of(request))
    except RequestError as error:
        return _sign_in_page(request, name, after, error)
    earlier = await find_browser(request)
    if earlier is not None:
        await run_in_threadpool(sessions.sign_out, earlier)
    return await _go_on(request, token, after)


@router.post("/sign-out", dependencies=[Depends(csrf_checked)])
async def sign_out(request: Request) -> Response:
    """End the session, here and in the database."""
    await run_in_threadpool(services_of(request).sessions.sign_out, signed_in_browser(request))
    response = RedirectResponse("/sign-in", status_code=303)
    response.delete_cookie(COOKIE, httponly=True, samesite="strict", secure=is_secure(request))
    return response


@router.get("/welcome/{token}")
async def show_welcome(request: Request, token: str) -> Response:
    """The form to set a password. Looking uses nothing up: programs look at links too."""
    return await _welcome_page(request, token)


@router.post("/welcome/{token}", dependencies=[Depends(refuse_foreign)])
async def welcome(request: Request, token: str) -> Response:
    """Set the password and go on signed in."""
    try:
        form = await posted_form(request, _WELCOME_BYTES)
        password = _field(form, "password")
        if password != _field(form, "again"):
            raise UnfitPasswordError("the two are not the same. Type it twice.")
        opened = await services_of(request).sessions.use_link(token, password)
    except RequestError as error:
        return await _welcome_page(request, token, error)
    return await _go_on(request, opened, PAGES)


def _sign_in_page(
    request: Request, name: str, after: str, error: RequestError | None = None
) -> Response:
    return services_of(request).renderer.page(
        "sign_in.html",
        status=status_of(error) if error else 200,
        headers=headers_of(error) if error else None,
        name=name,
        after=_own(after),
        error=error,
    )


async def _welcome_page(
    request: Request, token: str, error: RequestError | None = None
) -> Response:
    services = services_of(request)
    holder = None
    try:
        holder = await run_in_threadpool(services.sessions.link_holder, token)
    except RequestError as spent:
        error = spent
    return services.renderer.page(
        "welcome.html",
        status=status_of(error) if error else 200,
        headers=headers_of(error) if error else None,
        holder=holder,
        error=error,
        least=MIN_CHARACTERS,
        most=MAX_CHARACTERS,
    )


async def _go_on(request: Request, token: str, after: str) -> Response:
    browser = await run_in_threadpool(services_of(request).sessions.find, token)
    response = RedirectResponse(_target(after, browser), status_code=303)
    # No Max-Age: on a shared computer, closing the browser ends it too.
    response.set_cookie(
        COOKIE, token, httponly=True, samesite="strict", secure=is_secure(request), path="/"
    )
    return response


def _target(after: str, browser: SignedIn | None) -> str:
    if browser is None:  # disabled in this very moment
        return "/sign-in"
    wanted = _own(after)
    # The queue is only where people are sent who asked for nothing else; not all may open it.
    return home(browser.user.role) if wanted == PAGES else wanted


def _own(after: str) -> str:
    return after if _OWN_PAGE.fullmatch(after) else PAGES


def _field(form: FormData, name: str) -> str:
    value = form.get(name)
    return value if isinstance(value, str) else ""
