"""What no endpoint answers, as pages: nobody is signed in, the role may not, nothing is there.

Whoever is not signed in is sent to /sign-in and back. A request that does not accept HTML, as a
script's does not, gets the problem that the API would answer with.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import quote

from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from serving.errors import ForbiddenError, ForeignFormError, NotSignedInError
from serving.pages.guard import PAGES, find_browser, home, render
from serving.problems import headers_of, http_problem, problem, status_of

_API = ("/v1/", "/metrics")


def install_refusals(app: FastAPI) -> None:
    """Make these errors leave as pages, where it was a page that was asked for."""

    @app.exception_handler(NotSignedInError)
    async def on_not_signed_in(request: Request, error: NotSignedInError) -> Response:
        if not _wants_page(request):
            return problem(error)
        # What was to be posted is lost; the page it stood on is where to go on.
        url = request.url
        back = f"{url.path}?{url.query}" if url.query else url.path
        target = back if request.method == "GET" else PAGES
        return RedirectResponse(f"/sign-in?next={quote(target, safe='')}", status_code=303)

    @app.exception_handler(ForbiddenError)
    @app.exception_handler(ForeignFormError)
    async def on_forbidden(request: Request, error: ForbiddenError | ForeignFormError) -> Response:
        if not _wants_page(request):
            return problem(error)
        words = (error.title, error.detail)
        return await _refused(request, status_of(error), words, headers_of(error))

    @app.exception_handler(404)
    @app.exception_handler(405)
    async def on_no_page(request: Request, error: HTTPException) -> Response:
        if not _wants_page(request):
            return http_problem(request, error)
        words = _NO_PAGE[error.status_code]
        return await _refused(request, error.status_code, words, error.headers or {})


_NO_PAGE: Mapping[int, tuple[str, str]] = MappingProxyType(
    {
        404: ("There is no such page", "nothing is at this address."),
        405: ("This is not a page to open", "only a form leads here."),
    }
)


async def _refused(
    request: Request, status: int, words: tuple[str, str], headers: Mapping[str, str]
) -> Response:
    browser = await find_browser(request)
    back = home(browser.user.role) if browser else "/"
    return render(request, "refused.html", status=status, headers=headers, words=words, back=back)


def _wants_page(request: Request) -> bool:
    accepts = "text/html" in request.headers.get("accept", "")
    return accepts and not request.url.path.startswith(_API)
