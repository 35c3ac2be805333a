"""Calls that Schemathesis makes up, sent with the keys of all roles, their answers checked."""

from __future__ import annotations

import contextlib
import random
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import hypothesis
import requests
import schemathesis
from fastapi.routing import APIRoute
from hypothesis import HealthCheck, Phase, given
from hypothesis.errors import Flaky, InvalidDefinition
from pydantic import ValidationError
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.core.transport import Response
from schemathesis.generation.case import Case
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi import checks

from benchmarks.queue.installation import Installation
from classifier.labels import LABELS
from serving import probes
from serving.keys.auth import KeyRequired
from serving.policy import Action, Role, may
from serving.review.api import items, posts, queue, reports
from serving.review.api.figures import DecisionLine
from serving.review.reasons import REASONS
from serving.scoring import endpoints as scoring

SETTINGS: Mapping[str, str] = {"LUREWATCH_UNDO_SECONDS": "3"}
"""Of the servers: long enough to undo a decision in a chain, short enough to see it final."""

_CHECKS = (
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
)
_DECIDE = "POST /v1/items/{item_id}/decision"
_EXPORT = "GET /v1/exports/decisions"
_TO_A_DECISION = ["submitPost", "claimItem", "decide", "undo"]
_STEPS = 20  # of one chain
_CHAINS_TOGETHER = 10
_COHERENT_SHARE = 0.85
"""Of the decisions in a chain. Fields drawn one by one contradict each other nearly always."""
_FORBIDDEN_SHARE = 0.1
"""Of the calls that the round's role may not make and that are made all the same."""

_CONFIG = {
    "generation": {"with-security-parameters": False},
    # Links of its own guessing would lead to most operations at a time when they can only fail.
    "phases": {"stateful": {"inference": {"algorithms": []}}},
}

AnyCase = Case[Any]


@dataclass(slots=True)
class Tally:
    """Answers by operation, role and status, and what was wrong with some."""

    answers: Counter[tuple[str, Role, int]] = field(default_factory=Counter)
    findings: list[str] = field(default_factory=list)

    @property
    def requests(self) -> int:
        return self.answers.total()

    @property
    def operations(self) -> list[str]:
        return sorted({operation for operation, _, _ in self.answers})

    def statuses(self, operation: str) -> Counter[int]:
        found: Counter[int] = Counter()
        for (called, _, status), number in self.answers.items():
            if called == operation:
                found[status] += number
        return found

    def successes(self, operation: str) -> int:
        return sum(n for status, n in self.statuses(operation).items() if status < 300)


class Caller:
    """Sends cases with the key of `role`, or of another role where that one may not do it."""

    def __init__(self, place: Installation, tally: Tally) -> None:
        self._address = place.slots[0].address
        self._tally = tally
        self._session = requests.Session()
        self._keys = {role: place.key(role, f"fuzz-{role.value}").secret for role in Role}
        self._actions = dict(_actions())
        self.random = random.Random(0)
        self.role = Role.LEAD

    def call(self, case: AnyCase) -> Response:
        operation, role = case.operation.label, self._key_for(case.operation.label)
        response: Response = case.call(
            base_url=self._address,
            session=self._session,
            headers={"Authorization": f"Bearer {self._keys[role]}"},
        )
        self._tally.answers[operation, role, response.status_code] += 1
        try:
            case.validate_response(response, checks=self._checks(operation))
            if operation == _EXPORT and response.status_code == 200:
                for line in response.text.splitlines():
                    DecisionLine.model_validate_json(line)
        except (FailureGroup, ValidationError) as problem:
            self._tally.findings.append(f"{operation} as {role}: {problem}")
        return response

    def _checks(self, operation: str) -> list[Any]:
        # A batch takes in what it can and answers for the rest, so it refuses little as a whole.
        batch = operation.endswith("/batch")
        return [*_CHECKS] if batch else [*_CHECKS, checks.negative_data_rejection]

    def _key_for(self, operation: str) -> Role:
        action = self._actions.get(operation)
        if action is None or may(self.role, action) or self.random.random() < _FORBIDDEN_SHARE:
            return self.role
        return next(role for role in (Role.LEAD, Role.ADMIN, Role.PLATFORM) if may(role, action))


def fuzz(place: Installation, tally: Tally, *, chains: int, singles: int, seed: int) -> None:
    """One round for each role: `singles` of each operation by itself, then twice `chains`.

    The second time only along the way to a decision and back, which is long and seldom found.
    """
    config = SchemathesisConfig.from_dict(_CONFIG)
    schema = schemathesis.openapi.from_url(f"{place.slots[0].address}/openapi.json", config=config)
    caller = Caller(place, tally)
    for role in Role:
        caller.role, caller.random = role, random.Random(f"{role} {seed}")
        _run_singles(schema, caller, tally, singles, seed)
        _run_chains(schema, caller, chains, seed)
        _run_chains(schema.include(operation_id=_TO_A_DECISION), caller, chains, seed)


def _run_singles(schema: BaseSchema, caller: Caller, tally: Tally, number: int, seed: int) -> None:
    for found in schema.get_all_operations():
        assert isinstance(found, Ok)

        @hypothesis.seed(seed)
        @_settings(number)
        @given(case=found.ok().as_strategy())
        def one(case: AnyCase) -> None:
            caller.call(case)

        # Where there is little to vary, Hypothesis stops before `number`.
        enough = tally.requests + number
        while tally.requests < enough:
            one()


def _run_chains(schema: BaseSchema, caller: Caller, number: int, seed: int) -> None:
    machine: Any = schema.as_state_machine()

    class Chain(machine):  # type: ignore[misc]
        def before_call(self, case: AnyCase) -> None:
            if case.operation.label == _DECIDE and caller.random.random() < _COHERENT_SHARE:
                _make_coherent(case, caller.random)

        def call(self, case: AnyCase, **_: Any) -> Response:
            return caller.call(case)

        def validate_response(self, *_: Any, **__: Any) -> None:
            """The caller has done it, and goes on after a finding."""

    for rule in machine.root_rules:
        if "item_id" in rule:  # an id out of nowhere: `singles` try that
            setattr(Chain, rule, None)
    for part in range(0, number, _CHAINS_TOGETHER):
        # The server remembers what was done before, so the same steps need not be possible twice,
        # and a chain may come where no link leads on.
        with contextlib.suppress(Flaky, InvalidDefinition):
            seeded: Any = hypothesis.seed(seed * number + part)(Chain)
            seeded.run(settings=_settings(min(_CHAINS_TOGETHER, number - part)))


def _make_coherent(case: AnyCase, chance: random.Random) -> None:
    if isinstance(case.body, dict):
        reason = chance.choice([reason for reason in REASONS.values() if reason.label])
        judged: dict[str, Any] = {label.value: label is reason.label or None for label in LABELS}
        case.body.update(labels=judged, facets=None, reason=reason.code)


def _settings(examples: int) -> hypothesis.settings:
    return hypothesis.settings(
        max_examples=examples,
        stateful_step_count=_STEPS,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


def _actions() -> Iterator[tuple[str, Action]]:
    """What each operation asks to do, read off the key that it requires."""
    routers = [endpoints.router for endpoints in (scoring, posts, queue, items, reports, probes)]
    for route in (route for router in routers for route in router.routes):
        assert isinstance(route, APIRoute)
        for dependency in route.dependant.dependencies:
            if isinstance(dependency.call, KeyRequired):
                for method in route.methods or ():
                    yield f"{method} {route.path}", dependency.call.action
