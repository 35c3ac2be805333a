"""Errors as problem details (RFC 9457): one shape for every error of every address."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import asdict
from http import HTTPStatus
from types import MappingProxyType
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from classifier.errors import EmptyTextError, InputError, LurewatchError, TextTooLongError
from serving import errors
from serving.errors import FieldError

logger = logging.getLogger("lurewatch.problems")

PROBLEM_TYPE = "application/problem+json"

STATUS: Mapping[type[LurewatchError], int] = MappingProxyType(
    {
        errors.MalformedBodyError: 400,
        errors.MissingKeyError: 401,
        errors.InvalidKeyError: 401,
        errors.NotSignedInError: 401,
        errors.WrongPasswordError: 401,
        errors.ForbiddenError: 403,
        errors.ForeignFormError: 403,
        errors.LinkSpentError: 404,
        errors.NotFoundError: 404,
        errors.ConflictError: 409,
        errors.BodyTooLargeError: 413,
        TextTooLongError: 413,
        errors.UnsupportedMediaTypeError: 415,
        EmptyTextError: 422,
        errors.InvalidRequestError: 422,
        errors.UnfitPasswordError: 422,
        InputError: 422,
        errors.ClientGoneError: 499,  # nginx's number for it; only the log ever shows it
        errors.QueueFullError: 429,
        errors.RateLimitedError: 429,
        errors.NotReadyError: 503,
        errors.DatabaseUnavailableError: 503,
    }
)
"""The status of each error; of its nearest ancestor where it is not named itself."""


def status_of(error: LurewatchError) -> int:
    """The status `error` is answered with; 500 for what no request should be able to cause."""
    for kind in type(error).__mro__:
        if kind in STATUS:
            return STATUS[kind]
    return 500


def headers_of(error: LurewatchError) -> dict[str, str]:
    """The headers that go with `error`: how to sign in, when to come back."""
    if isinstance(error, errors.MissingKeyError):
        return {"WWW-Authenticate": 'Bearer realm="lurewatch"'}
    if isinstance(error, errors.InvalidKeyError):
        return {"WWW-Authenticate": 'Bearer realm="lurewatch", error="invalid_token"'}
    if isinstance(error, errors.RequestError) and error.retry_after is not None:
        return {"Retry-After": str(error.retry_after)}
    return {}


def problem(error: LurewatchError) -> Response:
    """The response for `error`."""
    more: dict[str, Any] = {}
    if isinstance(error, errors.InvalidRequestError) and error.fields:
        more["errors"] = [asdict(field) for field in error.fields]
    if isinstance(error, errors.ConflictError) and error.happened is not None:
        happened = asdict(error.happened)
        more["happened"] = {**happened, "at": error.happened.at.isoformat()}
    return _respond(
        status_of(error), error.code, error.title, error.detail, more, headers_of(error)
    )


def install_handlers(app: FastAPI) -> None:
    """Make every error of `app` leave as a problem."""

    @app.exception_handler(LurewatchError)
    async def on_known_error(request: Request, error: LurewatchError) -> Response:
        return problem(error)

    @app.exception_handler(RequestValidationError)
    async def on_invalid_request(request: Request, error: RequestValidationError) -> Response:
        return problem(invalid_request(error.errors()))

    @app.exception_handler(HTTPException)
    async def on_http_error(request: Request, error: HTTPException) -> Response:
        return http_problem(request, error)

    @app.exception_handler(DBAPIError)
    @app.exception_handler(PoolTimeoutError)
    async def on_database_error(request: Request, error: SQLAlchemyError) -> Response:
        logger.error("database failed", exc_info=error)
        return problem(
            errors.DatabaseUnavailableError("the server cannot reach its database. Try again.")
        )


def internal_error() -> Response:
    """The response where the server itself failed. Says nothing of why: that is in the log."""
    return _respond(
        500,
        "internal_error",
        "Something went wrong",
        "The server failed to answer. The X-Request-Id of this response names the log entry.",
    )


def invalid_request(problems: Any) -> errors.InvalidRequestError:
    """The error for what pydantic found. What was sent is never repeated."""
    fields = tuple(
        FieldError(_pointer(entry["loc"]), str(entry["type"]), str(entry["msg"]))
        for entry in problems
    )
    named = ", ".join(field.pointer or "the body" for field in fields)
    return errors.InvalidRequestError(f"What is sent in {named} cannot be used.", fields)


def http_problem(request: Request, error: HTTPException) -> Response:
    """The response where no endpoint answers, or the framework refuses."""
    status = HTTPStatus(error.status_code)
    detail = {
        HTTPStatus.NOT_FOUND: "There is nothing at this address. /docs lists the addresses.",
        HTTPStatus.METHOD_NOT_ALLOWED: f"This address does not answer {request.method}.",
    }.get(status, status.description or status.phrase)
    code = status.phrase.lower().replace(" ", "_").replace("-", "_")
    return _respond(status.value, code, status.phrase, detail, {}, error.headers or {})


def _respond(
    status: int,
    code: str,
    title: str,
    detail: str,
    more: Mapping[str, Any] = MappingProxyType({}),
    headers: Mapping[str, str] = MappingProxyType({}),
) -> Response:
    body: dict[str, Any] = {
        "type": f"/docs#{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
        **more,
    }
    return Response(
        json.dumps(body, ensure_ascii=True).encode(),
        status_code=status,
        headers=dict(headers),
        media_type=PROBLEM_TYPE,
    )


def _pointer(location: tuple[int | str, ...]) -> str:
    """A JSON pointer (RFC 6901); FastAPI's leading "body" is where it points into."""
    steps = location[1:] if location[:1] == ("body",) else location
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)
