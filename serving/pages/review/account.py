"""The account page: how a person wishes to see the queue, what they read, and their password."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from classifier.errors import UsageError
from serving.actors import Actor
from serving.errors import InvalidRequestError, RequestError, UnfitPasswordError
from serving.pages.guard import address_of, csrf_checked, signed_in, signed_in_browser
from serving.pages.languages import language_name
from serving.pages.posted import posted_form
from serving.pages.review.forms import field_text, read_form
from serving.pages.review.frame import PageRoute, show
from serving.pages.review.wording import ROLE_NAMES
from serving.policy import Action
from serving.problems import headers_of, status_of
from serving.services import services_of
from serving.users.names import read_languages
from serving.users.passwords import MAX_CHARACTERS, MIN_CHARACTERS

router = APIRouter(include_in_schema=False, route_class=PageRoute)

Person = Annotated[Actor, Depends(signed_in(Action.READ_SETTINGS))]
Form = Annotated[FormData, Depends(read_form)]

_SAVED = {
    "view": "Saved.",
    "languages": "Saved.",
    "password": "The password is changed. Other browsers are signed out.",
}


@router.get("/review/account")
def show_account(request: Request, actor: Person, saved: str = "") -> Response:
    return _page(request, notice=_SAVED.get(saved, ""))


@router.post("/review/account/view", dependencies=[Depends(csrf_checked)])
def set_view(request: Request, actor: Person, form: Form) -> Response:
    user = signed_in_browser(request).user
    services_of(request).users.set_preferences(
        user.id, hide_score="hide_score" in form, preview_first="preview_first" in form
    )
    return RedirectResponse("/review/account?saved=view", status_code=303)


@router.post("/review/account/languages", dependencies=[Depends(csrf_checked)])
def set_languages(request: Request, actor: Person, form: Form) -> Response:
    """Which posts the person can judge is theirs to say; no list stands for every language."""
    tags = field_text(form, "languages")
    try:
        languages = read_languages(tags) if tags else None
    except UsageError as error:
        return _page(request, error=InvalidRequestError(error.detail), tags=tags)
    services_of(request).users.set_languages(signed_in_browser(request).user.id, languages)
    return RedirectResponse("/review/account?saved=languages", status_code=303)


@router.post("/review/account/password", dependencies=[Depends(csrf_checked)])
async def change_password(request: Request, actor: Person) -> Response:
    # As it was typed: a password is not trimmed.
    form = await posted_form(request)
    current, new, again = (str(form.get(name, "")) for name in ("current", "password", "again"))
    try:
        if new != again:
            raise UnfitPasswordError("the two are not the same. Type it twice.")
        sessions = services_of(request).sessions
        await sessions.change_password(
            signed_in_browser(request), current, new, address_of(request)
        )
    except RequestError as error:
        return _page(request, error=error)
    return RedirectResponse("/review/account?saved=password", status_code=303)


def _page(
    request: Request,
    *,
    notice: str = "",
    error: RequestError | None = None,
    tags: str | None = None,
) -> Response:
    """`tags` are the languages as they were typed, where the `error` is about them."""
    user = signed_in_browser(request).user
    known = sorted(user.languages or (), key=language_name)
    return show(
        request,
        "account.html",
        "",
        status=status_of(error) if error else 200,
        headers=headers_of(error) if error else None,
        user=user,
        role=ROLE_NAMES[user.role],
        languages=[language_name(tag) for tag in known],
        tags=", ".join(known) if tags is None else tags,
        notice=notice,
        languages_error=error if tags is not None else None,
        password_error=error if tags is None else None,
        least=MIN_CHARACTERS,
        most=MAX_CHARACTERS,
    )
