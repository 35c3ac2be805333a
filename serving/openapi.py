"""The OpenAPI document, and what the endpoints say for it that their signatures cannot."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from serving.keys.auth import KeyRequired
from serving.policy import Role, may
from serving.problems import PROBLEM_TYPE
from serving.review.api.figures import DecisionLine
from serving.review.api.requests import ClaimNext, Decision, Escalation, Rescoring, Skipping
from serving.review.api.submissions import NoticeOfPost, PostsBatch, PostSubmission
from serving.scoring.schemas import BatchRequest, PostIn, Problem, ScoreRequest

Responses = dict[int | str, dict[str, Any]]
"""What an operation answers besides its model, by status."""

_REFERENCE = "#/components/schemas/{model}"

# Read by the endpoints themselves, after the key is checked, so FastAPI does not see them.
_MODELS: tuple[type[BaseModel], ...] = (
    ScoreRequest,
    BatchRequest,
    PostIn,
    PostSubmission,
    PostsBatch,
    NoticeOfPost,
    ClaimNext,
    Skipping,
    Decision,
    Escalation,
    Rescoring,
    DecisionLine,
    Problem,
)

ROLES = "x-roles"
"""The extension that names the roles whose keys may call an operation; absent where all may."""

LINES_TYPE = "application/x-ndjson"

_VERSIONED = frozenset({"decide", "escalate"})

_DESCRIPTION = """\
Scores posts for two labels, smuggling services and fake jobs, and says why. A score decides \
nothing: a person does. Platforms hand posts in and read what became of them; reviewers claim an \
item, decide, and go on to the next.

Errors are problem details (RFC 9457) everywhere."""


def json_body(model: type[BaseModel], *, required: bool = True) -> dict[str, Any]:
    """The part of an operation that says its body is a `model`."""
    schema = {"$ref": _REFERENCE.format(model=model.__name__)}
    content = {"application/json": {"schema": schema}}
    return {"requestBody": {"required": required, "content": content}}


def links_to_item(pointer: str, *operations: str) -> dict[str, Any]:
    """The part of an answer that says which operations can follow on an item.

    `pointer` leads to the item's id; the version beside it goes to the operations that need it.
    """
    links: dict[str, Any] = {}
    for operation in operations:
        link: dict[str, Any] = {
            "operationId": operation,
            "parameters": {"item_id": f"$response.body#/{pointer}"},
        }
        if operation in _VERSIONED:
            link["requestBody"] = {"version": "$response.body#/version"}
        links[operation] = link
    return links


def json_lines(model: type[BaseModel]) -> dict[str, Any]:
    """The part of an answer that says each of its lines is a `model`."""
    schema = {
        "type": "string",
        "contentMediaType": "application/json",
        "contentSchema": {"$ref": _REFERENCE.format(model=model.__name__)},
    }
    return {"content": {LINES_TYPE: {"schema": schema}}}


def problems(*statuses: int) -> Responses:
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
            _name_the_roles(app, document)
            _leave_out_the_frameworks_error(document)
            _leave_null_out_of_queries(document)
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = build  # type: ignore[method-assign]


def _name_the_roles(app: FastAPI, document: dict[str, Any]) -> None:
    """Say for every operation whose keys may, where it is not for all of them."""
    for route in iter_route_contexts(app.routes):
        dependant = getattr(route, "dependant", None)
        for dependency in dependant.dependencies if dependant else ():
            if isinstance(dependency.call, KeyRequired):
                roles = [role.value for role in Role if may(role, dependency.call.action)]
                for method in (route.methods or ()) if len(roles) < len(Role) else ():
                    document["paths"][route.path][method.lower()][ROLES] = roles


def _leave_out_the_frameworks_error(document: dict[str, Any]) -> None:
    """FastAPI declares its own 422, of another shape, wherever an address has a parameter."""
    for operations in document["paths"].values():
        for operation in operations.values():
            answer = operation["responses"].get("422", {})
            if "application/json" in answer.get("content", {}):
                del operation["responses"]["422"]
    for name in ("HTTPValidationError", "ValidationError"):
        document["components"]["schemas"].pop(name, None)


def _leave_null_out_of_queries(document: dict[str, Any]) -> None:
    """A model says null for what may be absent; no query can."""
    for operations in document["paths"].values():
        for operation in operations.values():
            for parameter in operation.get("parameters", ()):
                schema = parameter["schema"]
                options = [o for o in schema.pop("anyOf", ()) if o != {"type": "null"}]
                for option in options:
                    schema.update(option)


_MEANINGS = {
    400: "The body is not JSON in UTF-8.",
    401: "The key is missing, unknown or revoked.",
    403: "The key's role may not do this, or it is another platform's.",
    404: "There is no such thing, or it is another platform's.",
    409: "Something happened meanwhile: `happened` says what.",
    413: "The text or the body is too large.",
    415: "The body is not declared as JSON.",
    422: "The text is empty, or the request has another shape.",
    429: "Too many requests, or too much is waiting; Retry-After says when to come back.",
    503: "The model is not loaded yet, or the database does not answer.",
}
