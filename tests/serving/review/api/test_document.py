"""What the OpenAPI document says of the review queue."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from classifier.classifier import Classifier
from serving.app import create_app
from serving.openapi import ROLES
from serving.policy import Action, Role, may
from serving.settings import Settings

Json = dict[str, Any]


@pytest.fixture
def document(settings: Settings, classifier: Classifier) -> Json:
    return create_app(settings, classifier).openapi()


def operations(document: Json) -> Iterator[Json]:
    for methods in document["paths"].values():
        yield from methods.values()


def test_every_link_leads_to_an_operation_that_takes_what_it_hands_on(document: Json) -> None:
    by_id = {operation["operationId"]: operation for operation in operations(document)}
    links = [
        link
        for operation in by_id.values()
        for answer in operation["responses"].values()
        for link in answer.get("links", {}).values()
    ]
    assert len(links) > 20
    for link in links:
        target = by_id[link["operationId"]]
        assert {p["name"] for p in target["parameters"] if p["in"] == "path"} == set(
            link["parameters"]
        )
        assert "requestBody" not in link or "requestBody" in target


def test_what_is_answered_is_closed_and_what_is_sent_is_open(document: Json) -> None:
    schemas = document["components"]["schemas"]
    for name in ("Item", "PlatformItem", "AcceptedPost", "Queue", "History", "Team", "Problem"):
        assert schemas[name]["additionalProperties"] is False, name
    for name in ("PostSubmission", "NoticeOfPost", "Decision", "ClaimNext"):
        assert "additionalProperties" not in schemas[name], name


def test_an_operation_names_the_roles_that_may_call_it(document: Json) -> None:
    erase = document["paths"]["/v1/items/{item_id}"]["delete"]
    assert erase[ROLES] == [role.value for role in Role if may(role, Action.ERASE)]
    assert ROLES not in document["paths"]["/v1/score"]["post"]
