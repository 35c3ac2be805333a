"""What goes into a classifier and what comes out: posts, scores, evidence, rejections."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from json.encoder import encode_basestring as _quoted
from typing import Any, Literal

from classifier.errors import InputError
from classifier.labels import Facet, Label, Route, Stage

MAX_TEXT_CHARACTERS = 20_000
"""The longest text that is scored, in code points, title included."""

Field = Literal["text", "title"]


@dataclass(frozen=True, slots=True)
class Post:
    """One text to score. With a title, `title`, a newline and `text` are scored as one."""

    id: str
    text: str
    title: str | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """A stretch of the text as it was sent, and what it contributed.

    `start` and `end` count code points of the field (`end` exclusive); `weight` is the signed
    share of the label's logit, negative for counter-evidence.
    """

    start: int
    end: int
    label: Label
    weight: float
    field: Field = "text"

    def to_dict(self) -> dict[str, Any]:
        record: dict[str, Any] = {
            "start": self.start,
            "end": self.end,
            "label": self.label.value,
            "weight": round(self.weight, 4),
        }
        return record if self.field == "text" else {**record, "field": self.field}


@dataclass(frozen=True, slots=True)
class Score:
    """The score record. Probabilities are calibrated and lie in [0, 1].

    `facets` and `evidence` are None unless an explanation was asked for. `warnings` names what
    makes the score less sure, such as `many_unknown_pieces`.
    """

    id: str
    scores: Mapping[Label, float]
    labels: tuple[Label, ...]
    route: Route
    language: str
    stage: Stage
    model: str
    policy: str
    facets: Mapping[Facet, float] | None = None
    evidence: tuple[Evidence, ...] | None = None
    warnings: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        record: dict[str, Any] = {
            "id": self.id,
            "scores": {label.value: round(p, 4) for label, p in self.scores.items()},
            "labels": [label.value for label in self.labels],
            "route": self.route.value,
            "language": self.language,
            "stage": self.stage.value,
            "model": self.model,
            "policy": self.policy,
        }
        if self.facets is not None:
            record["facets"] = {facet.value: round(p, 4) for facet, p in self.facets.items()}
        if self.evidence is not None:
            record["evidence"] = [span.to_dict() for span in self.evidence]
        if self.warnings:
            record["warnings"] = list(self.warnings)
        return record

    def to_json(self) -> str:
        """The record as a line of JSON without its end: `json.dumps` of `to_dict`, in a third of
        the time where nothing was explained, which is to say nearly always.
        """
        if self.facets is not None or self.evidence is not None or self.warnings:
            return json.dumps(self.to_dict(), ensure_ascii=False)
        scores = ", ".join(
            [f'"{label}": {float.__repr__(round(p, 4))}' for label, p in self.scores.items()]
        )
        labels = ", ".join([f'"{label}"' for label in self.labels])
        return (
            f'{{"id": {_quoted(self.id)}, "scores": {{{scores}}}, "labels": [{labels}], '
            f'"route": "{self.route}", "language": {_quoted(self.language)}, '
            f'"stage": "{self.stage}", "model": {_quoted(self.model)}, '
            f'"policy": {_quoted(self.policy)}}}'
        )


@dataclass(frozen=True, slots=True)
class Rejection:
    """The error record: why one row has no score. `line` is its 1-based line, where it has one."""

    id: str
    error: InputError
    line: int | None = None

    def to_dict(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "line": self.line,
            "error": {
                "code": self.error.code,
                "title": self.error.title,
                "detail": self.error.detail,
            },
        }

    def to_json(self) -> str:
        """The record as a line of JSON without its end."""
        return json.dumps(self.to_dict(), ensure_ascii=False)
