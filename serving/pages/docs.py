"""The OpenAPI document as a page to read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from serving.errors import ClientGoneError
from serving.problems import STATUS

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Property:
    """One field of a schema."""

    name: str
    type: str
    required: bool
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
    """One address and method."""

    id: str
    method: str
    path: str
    summary: str
    description: str
    needs_key: bool
    body: str
    answers: tuple[Answer, ...]


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
    operations: tuple[Operation, ...]
    schemas: tuple[Schema, ...]
    errors: tuple[ErrorKind, ...]


def describe(document: Document) -> Api:
    """The page's view of an OpenAPI `document` as this server writes it."""
    return Api(
        title=document["info"]["title"],
        version=document["info"]["version"],
        description=document["info"]["description"],
        operations=tuple(_operations(document)),
        schemas=tuple(_schemas(document)),
        errors=tuple(_errors()),
    )


def _operations(document: Document) -> Iterator[Operation]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            body = operation.get("requestBody", {}).get("content", {})
            yield Operation(
                id=f"{method}{path}".replace("/", "-"),
                method=method.upper(),
                path=path,
                summary=operation["summary"],
                description=operation.get("description", ""),
                needs_key="security" in operation,
                body=_schema_of(body),
                answers=tuple(
                    Answer(status, answer["description"], _schema_of(answer.get("content", {})))
                    for status, answer in sorted(operation["responses"].items())
                ),
            )


def _schemas(document: Document) -> Iterator[Schema]:
    for name, schema in sorted(document["components"]["schemas"].items()):
        required = schema.get("required", ())
        example = schema.get("example")
        yield Schema(
            name=name,
            description=schema.get("description", ""),
            properties=tuple(
                Property(field, _type_of(of), field in required, of.get("description", ""))
                for field, of in schema.get("properties", {}).items()
            ),
            values=tuple(schema.get("enum", ())),
            example=json.dumps(example, ensure_ascii=False, indent=2) if example else "",
        )


def _errors() -> Iterator[ErrorKind]:
    known = [
        ErrorKind(kind.code, status, kind.title)
        for kind, status in STATUS.items()
        if kind is not ClientGoneError  # nobody is left to receive it
    ]
    for status in (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED):
        known.append(
            ErrorKind(status.phrase.lower().replace(" ", "_"), status.value, status.phrase)
        )
    known.append(ErrorKind("internal_error", 500, "Something went wrong"))
    return iter(sorted(known, key=lambda kind: (kind.status, kind.code)))


def _schema_of(content: Mapping[str, Any]) -> str:
    return next((_type_of(media["schema"]) for media in content.values() if "schema" in media), "")


def _type_of(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " or ".join(_type_of(option) for option in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if schema.get("type") == "array":
        return f"list of {_type_of(schema.get('items', {}))}"
    if schema.get("type") == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"object of {_type_of(schema['additionalProperties'])}"
    return str(schema.get("type", "any"))
