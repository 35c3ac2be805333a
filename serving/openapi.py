"""The OpenAPI document, and what the endpoints say for it that their signatures cannot."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from serving.problems import PROBLEM_TYPE
from serving.scoring.schemas import BatchRequest, PostIn, Problem, ScoreRequest

_REFERENCE = "#/components/schemas/{model}"

# Read by the endpoints themselves, after the key is checked, so FastAPI does not see them.
_MODELS: tuple[type[BaseModel], ...] = (ScoreRequest, BatchRequest, PostIn, Problem)

_DESCRIPTION = """\
Scores posts for two labels, smuggling services and fake jobs, and says why. A score decides \
nothing: a person does.

Errors are problem details (RFC 9457) everywhere."""


def json_body(model: type[BaseModel]) -> dict[str, Any]:
    """The part of an operation that says its body is a `model`."""
    schema = {"$ref": _REFERENCE.format(model=model.__name__)}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The part of an operation that says which errors it answers."""
    schema = {"$ref": _REFERENCE.format(model=Problem.__name__)}
    return {
        status: {"description": _MEANINGS[status], "content": {PROBLEM_TYPE: {"schema": schema}}}
        for status in statuses
    }


def install_openapi(app: FastAPI) -> None:
    """Complete the document that `app` answers at /openapi.json."""

    def build() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = get_openapi(
                title=app.title,
                version=app.version,
                description=_DESCRIPTION,
                routes=app.routes,
            )
            _, definitions = models_json_schema(
                [(model, "validation") for model in _MODELS], ref_template=_REFERENCE
            )
            schemas = document.setdefault("components", {}).setdefault("schemas", {})
            schemas.update(definitions["$defs"])
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = build  # type: ignore[method-assign]


_MEANINGS = {
    400: "The body is not JSON in UTF-8.",
    401: "The key is missing, unknown or revoked.",
    403: "The key's role may not do this.",
    413: "The text or the body is too large.",
    415: "The body is not declared as JSON.",
    422: "The text is empty, or the request has another shape.",
    429: "Too much is waiting; Retry-After says when to come back.",
    503: "The model is not loaded yet, or the database does not answer.",
}
