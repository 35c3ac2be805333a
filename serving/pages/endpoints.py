"""`/`, the page to try a text, and `/docs`, which describes the API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from classifier.errors import InputError
from classifier.records import MAX_TEXT_CHARACTERS, Post
from serving.body import scrub
from serving.errors import BodyTooLargeError, RateLimitedError, RequestError
from serving.pages.docs import describe
from serving.pages.guard import address_of, find_browser, render
from serving.pages.posted import posted_form
from serving.pages.samples import FEATURED, find_sample
from serving.pages.view import Page
from serving.problems import headers_of, status_of
from serving.rate import network
from serving.request_log import facts_of
from serving.scoring.disconnect import while_connected
from serving.services import services_of

router = APIRouter(include_in_schema=False, dependencies=[Depends(find_browser)])

_FORM_BYTES = 500_000  # twice the longest text, each character of it sent as twelve bytes


@router.get("/")
async def show(request: Request, sample: str = "") -> Response:
    """The empty form, or a sample and its score."""
    pages = services_of(request).pages
    if not sample:
        return _page(request, Page())
    chosen = find_sample(pages.samples, sample)
    if chosen is None:
        return _page(request, Page(notice="There is no such sample."), status=404)
    form = Page(text=chosen.post.text, title=chosen.post.title or "", sample=chosen)
    try:
        result = await while_connected(request, pages.try_sample(chosen))
    except RequestError as error:
        return _refused(request, form, error)
    return _page(request, replace(form, result=result))


@router.post("/")
async def submit(request: Request) -> Response:
    """The form again, with the score of what was in it."""
    services = services_of(request)
    try:
        # Before the form is read: reading a large one is work too.
        services.page_rate.spend(network(address_of(request)))
    except RateLimitedError as error:
        return _refused(request, Page(), error)
    try:
        form = await posted_form(request, _FORM_BYTES)
    except BodyTooLargeError as error:
        if "text/html" not in request.headers.get("accept", ""):
            raise
        return _refused(request, Page(), error)
    text, title = _field(form.get("text")), _field(form.get("title"))
    page = Page(text=text, title=title)
    facts = facts_of(request)
    facts.texts, facts.characters = 1, len(text) + len(title)
    try:
        work = services.pages.try_post(Post("1", text, title or None))
        result = await while_connected(request, work)
    except (InputError, RequestError) as error:
        return _refused(request, page, error)
    return _page(request, replace(page, result=result))


@router.get("/docs")
async def docs(request: Request) -> Response:
    """The API, from its OpenAPI document."""
    return render(
        request,
        "docs.html",
        api=describe(request.app.openapi()),
        origin=str(request.base_url).rstrip("/"),
    )


def _page(
    request: Request,
    page: Page,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    samples = services_of(request).pages.samples
    return render(
        request,
        "try.html",
        status=status,
        headers=headers,
        page=page,
        featured=samples[:FEATURED],
        more=samples[FEATURED:],
        limit=MAX_TEXT_CHARACTERS,
    )


def _refused(request: Request, page: Page, error: InputError | RequestError) -> Response:
    notice = f"{error.title}: {error.detail}"
    return _page(request, replace(page, notice=notice), status_of(error), headers_of(error))


def _field(value: object) -> str:
    """A form's text as it was typed: browsers send every line break as CR LF."""
    return scrub(value).replace("\r\n", "\n") if isinstance(value, str) else ""
