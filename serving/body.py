"""Reading a request's body: bounded, then as JSON, with characters that are none made harmless."""

from __future__ import annotations

import json
import re
from typing import Any, Never, TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.errors import BodyTooLargeError, MalformedBodyError, UnsupportedMediaTypeError
from serving.problems import invalid_request, problem

M = TypeVar("M", bound=BaseModel)

MAX_BODY_BYTES = 4_000_000

_INLINE_BYTES = 50_000  # parsed in well under a millisecond; more would hold up the event loop

_NOT_A_CHARACTER = re.compile("[\x00\ud800-\udfff]")


class BodyLimit:
    """Answers 413 as soon as a body is, or is declared to be, over `MAX_BODY_BYTES`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            receive = bounded(scope, receive, MAX_BODY_BYTES, "Send fewer posts at a time.")
        except BodyTooLargeError as error:
            await problem(error)(scope, receive, send)
            return
        await self._app(scope, receive, send)


def bounded(scope: Scope, receive: Receive, limit: int, advice: str) -> Receive:
    """`receive` for a body of at most `limit` bytes; raises `BodyTooLargeError` for another.

    At once where more is declared. The bytes are counted as they come, too, so that a body without
    a Content-Length, or with a false one, is cut off.
    """
    error = BodyTooLargeError(f"the body holds at most {limit:,} bytes here. {advice}")
    declared = Headers(scope=scope).get("content-length", "")
    if declared.isdecimal() and int(declared) > limit:
        raise error
    received = 0

    async def receive_counted() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > limit:
            raise error
        return message

    return receive_counted


def scrub(text: str) -> str:
    """`text` with U+FFFD for NUL and lone surrogates, which no encoder or database takes.

    Length and offsets stay as they are.
    """
    return _NOT_A_CHARACTER.sub("\ufffd", text)


async def read_json(request: Request) -> Any:
    """The body as JSON values, every string in it scrubbed.

    Raises `UnsupportedMediaTypeError` and `MalformedBodyError`.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise UnsupportedMediaTypeError(
            f"the Content-Type is {media_type or 'absent'}; send application/json."
        )
    body = await request.body()
    if len(body) <= _INLINE_BYTES:
        return _parse(body)
    return await run_in_threadpool(_parse, body)


async def read_model(request: Request, model: type[M]) -> M:
    """The body as a `model`; raises `InvalidRequestError` too."""
    content = await read_json(request)
    try:
        return model.model_validate(content)
    except ValidationError as error:
        raise invalid_request(error.errors(include_input=False, include_url=False)) from None


async def read_optional_model(request: Request, model: type[M]) -> M:
    """The body as a `model`, which has a default for every field: no body is an empty one."""
    if not await request.body():
        return model()
    return await read_model(request, model)


def _parse(body: bytes) -> Any:
    try:
        return _scrub_all(json.loads(body.decode("utf-8-sig"), parse_constant=_refuse_constant))
    except UnicodeDecodeError as error:
        raise MalformedBodyError(f"byte {error.start} is not UTF-8. Send UTF-8.") from None
    except json.JSONDecodeError as error:
        raise MalformedBodyError(
            f"{error.msg} at line {error.lineno}, column {error.colno}. Send one JSON object."
        ) from None
    except (ValueError, RecursionError):
        raise MalformedBodyError(
            "a number is not finite or too long, or the nesting is too deep. Send one JSON object."
        ) from None


def _scrub_all(value: Any) -> Any:
    if isinstance(value, str):
        return scrub(value)
    if isinstance(value, list):
        return [_scrub_all(item) for item in value]
    if isinstance(value, dict):
        return {scrub(key): _scrub_all(item) for key, item in value.items()}
    return value


def _refuse_constant(name: str) -> Never:
    raise ValueError(name)
