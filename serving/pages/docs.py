"""The OpenAPI document as a page to read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from serving.errors import ClientGoneError, SignInError
from serving.openapi import ROLES
from serving.problems import STATUS

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Property:
    """One field of a schema."""

    name: str
    type: str
    note: str
    description: str


@dataclass(frozen=True, slots=True)
class Schema:
    """What one JSON object holds, or the values one string can have."""

    name: str
    description: str
    properties: tuple[Property, ...]
    values: tuple[str, ...]
    example: str


@dataclass(frozen=True, slots=True)
class Answer:
    """One status of an operation."""

    status: str
    description: str
    schema: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One address and method.

    `parameters` are those of its query, `answers` those of success, `errors` the other statuses.
    `roles` are those whose keys may; none where every key may.
    """

    id: str
    method: str
    path: str
    summary: str
    description: str
    needs_key: bool
    roles: tuple[str, ...]
    parameters: tuple[Property, ...]
    body: str
    answers: tuple[Answer, ...]
    errors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """The operations of one job."""

    id: str
    name: str
    operations: tuple[Operation, ...]


@dataclass(frozen=True, slots=True)
class ErrorKind:
    """One error an address can answer with."""

    code: str
    status: int
    title: str


@dataclass(frozen=True, slots=True)
class Api:
    """All of it, in the order in which it is shown."""

    title: str
    version: str
    description: str
    groups: tuple[Group, ...]
    schemas: tuple[Schema, ...]
    errors: tuple[ErrorKind, ...]


def describe(document: Document) -> Api:
    """The page's view of an OpenAPI `document` as this server writes it."""
    return Api(
        title=document["info"]["title"],
        version=document["info"]["version"],
        description=document["info"]["description"],
        groups=tuple(_groups(document)),
        schemas=tuple(_schemas(document)),
        errors=tuple(_errors()),
    )


def _groups(document: Document) -> Iterator[Group]:
    of_tag: dict[str, list[Operation]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            found = _operation(path, method, operation)
            of_tag.setdefault(operation["tags"][0], []).append(found)
    return (
        Group(tag.lower().replace(" ", "-"), tag, tuple(operations))
        for tag, operations in of_tag.items()
    )


def _operation(path: str, method: str, operation: Mapping[str, Any]) -> Operation:
    responses = sorted(operation["responses"].items())
    return Operation(
        id=f"{method}{path}".replace("/", "-"),
        method=method.upper(),
        path=path,
        summary=operation["summary"],
        description=operation.get("description", ""),
        needs_key="security" in operation,
        roles=tuple(operation.get(ROLES, ())),
        parameters=tuple(
            _property(parameter["name"], parameter["schema"], "")
            for parameter in operation.get("parameters", ())
            if parameter["in"] == "query"
        ),
        body=_schema_of(operation.get("requestBody", {}).get("content", {})),
        answers=tuple(
            Answer(status, answer["description"], _schema_of(answer.get("content", {})))
            for status, answer in responses
            if status < "400"
        ),
        errors=tuple(status for status, _ in responses if status >= "400"),
    )


def _schemas(document: Document) -> Iterator[Schema]:
    for name, schema in sorted(document["components"]["schemas"].items()):
        required = schema.get("required", ())
        # Of what is sent, few fields are required; of what is answered, few are left out.
        answer = schema.get("additionalProperties") is False
        example = schema.get("example")
        yield Schema(
            name=name,
            description=schema.get("description", ""),
            properties=tuple(
                _property(field, of, _note(field in required, answer))
                for field, of in schema.get("properties", {}).items()
            ),
            values=tuple(schema.get("enum", ())),
            example=json.dumps(example, ensure_ascii=False, indent=2) if example else "",
        )


def _property(name: str, schema: Mapping[str, Any], note: str) -> Property:
    return Property(name, _type_of(schema), note, schema.get("description", ""))


def _note(required: bool, answer: bool) -> str:
    if required:
        return "" if answer else "required"
    return "may be absent" if answer else ""


def _errors() -> Iterator[ErrorKind]:
    known = [
        ErrorKind(kind.code, status, kind.title)
        for kind, status in STATUS.items()
        # Nobody is left to receive the first; the others are for pages.
        if not issubclass(kind, (ClientGoneError, SignInError))
    ]
    not_allowed = HTTPStatus.METHOD_NOT_ALLOWED
    known.append(ErrorKind("method_not_allowed", not_allowed.value, not_allowed.phrase))
    known.append(ErrorKind("internal_error", 500, "Something went wrong"))
    return iter(sorted(known, key=lambda kind: (kind.status, kind.code)))


def _schema_of(content: Mapping[str, Any]) -> str:
    return next((_type_of(media["schema"]) for media in content.values() if "schema" in media), "")


def _type_of(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "contentSchema" in schema:
        return f"lines of {_type_of(schema['contentSchema'])}"
    if "anyOf" in schema:
        return " or ".join(_type_of(option) for option in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if schema.get("type") == "array":
        return f"list of {_type_of(schema.get('items', {}))}"
    if schema.get("type") == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"object of {_type_of(schema['additionalProperties'])}"
    if isinstance(schema.get("type"), list):
        return " or ".join(schema["type"])
    return str(schema.get("format") or schema.get("type", "any"))
