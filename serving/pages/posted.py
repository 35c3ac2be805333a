"""The form that a page sent, read within limits that hold whoever reads it first."""

from __future__ import annotations

from fastapi import Request
from starlette.datastructures import FormData

from serving.body import bounded

MAX_FORM_BYTES = 100_000
"""Of a form as it is sent, for whoever is signed in. The longest note takes 60,000 of them."""

_MAX_FIELDS = 60
_STATE = "lurewatch_form"


async def posted_form(request: Request, limit: int = MAX_FORM_BYTES) -> FormData:
    """The fields of the form in the body, of at most `limit` bytes; files are refused.

    It is read once: further calls get the same form, and their `limit` means nothing. Raises
    `BodyTooLargeError`, before what is too much is parsed.
    """
    state = request.scope.setdefault("state", {})
    if _STATE not in state:
        receive = bounded(request.scope, request.receive, limit, "Write less.")
        state[_STATE] = await Request(request.scope, receive).form(
            max_files=0, max_fields=_MAX_FIELDS, max_part_size=limit
        )
    form = state[_STATE]
    assert isinstance(form, FormData)
    return form
