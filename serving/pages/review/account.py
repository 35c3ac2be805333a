"""The account page: how a person wishes to see the queue, and their password."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from serving.actors import Actor
from serving.errors import RequestError, UnfitPasswordError
from serving.pages.guard import address_of, csrf_checked, signed_in, signed_in_browser
from serving.pages.languages import language_name
from serving.pages.review.forms import read_form
from serving.pages.review.frame import PageRoute, show
from serving.pages.review.wording import ROLE_NAMES
from serving.policy import Action
from serving.problems import headers_of, status_of
from serving.services import services_of
from serving.users.passwords import MAX_CHARACTERS, MIN_CHARACTERS

router = APIRouter(include_in_schema=False, route_class=PageRoute)

Person = Annotated[Actor, Depends(signed_in(Action.READ_SETTINGS))]
Form = Annotated[FormData, Depends(read_form)]

_SAVED = {"view": "Saved.", "password": "The password is changed. Other browsers are signed out."}


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


@router.post("/review/account/password", dependencies=[Depends(csrf_checked)])
async def change_password(request: Request, actor: Person) -> Response:
    # As it was typed: a password is not trimmed.
    form = await request.form()
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


def _page(request: Request, *, notice: str = "", error: RequestError | None = None) -> Response:
    user = signed_in_browser(request).user
    languages = None if user.languages is None else sorted(map(language_name, user.languages))
    return show(
        request,
        "account.html",
        "",
        status=status_of(error) if error else 200,
        headers=headers_of(error) if error else None,
        user=user,
        role=ROLE_NAMES[user.role],
        languages=languages,
        notice=notice,
        error=error,
        least=MIN_CHARACTERS,
        most=MAX_CHARACTERS,
    )
