"""What travels over the wire. The records themselves are built by `classifier.records`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from classifier.labels import Facet, Label, Route, Stage
from classifier.records import MAX_TEXT_CHARACTERS

MAX_POSTS = 1_000

Probability = Annotated[float, Field(ge=0, le=1)]


def _number_to_text(value: object) -> object:
    return str(value) if type(value) is int else value


class PostIn(BaseModel):
    """One post to score. Fields that are not listed are ignored."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"id": "post-17", "text": "Boat Saturday, 3 seats left, pay on arrival."}
        }
    )

    text: str = Field(
        description=(
            "The post. Scored as it is; the title counts towards its "
            f"{MAX_TEXT_CHARACTERS:,} characters."
        )
    )
    id: Annotated[
        str | None,
        BeforeValidator(_number_to_text),
        WithJsonSchema({"type": ["string", "integer", "null"]}),
    ] = Field(default=None, description="Returned as text. Default: the post's place, from 1.")
    title: str | None = Field(default=None, description="Scored as title, newline, text.")


class ScoreRequest(PostIn):
    """A post, and whether to explain its score."""

    explain: bool = Field(default=False, strict=True, description="Add facets and evidence.")


class BatchRequest(BaseModel):
    """Posts to score together. A post that cannot be scored gets an error record in its place."""

    # Each post is checked on its own, so that one bad one does not refuse the others.
    posts: list[Any] = Field(
        max_length=MAX_POSTS,
        json_schema_extra={"items": {"$ref": "#/components/schemas/PostIn"}},
    )
    explain: bool = Field(default=False, strict=True, description="Add facets and evidence.")


class Answer(BaseModel):
    """Base of what is answered: it holds what is listed and nothing else."""

    model_config = ConfigDict(extra="forbid")


class EvidenceOut(Answer):
    """A stretch of the text as it was sent."""

    start: int = Field(ge=0, description="In code points.")
    end: int = Field(ge=0, description="In code points, exclusive.")
    label: Label
    weight: float = Field(
        description="Signed share of the label's logit; negative is counter-evidence."
    )
    field: Literal["text", "title"] = "text"


class ScoreRecord(Answer):
    """The score of one post."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": "post-17",
                "scores": {"smuggling_service": 0.973, "fake_job": 0.012},
                "labels": ["smuggling_service"],
                "route": "review",
                "language": "en",
                "stage": "encoder",
                "model": "…",
                "policy": "1",
                "evidence": [{"start": 0, "end": 13, "label": "smuggling_service", "weight": 0.42}],
            }
        }
    )

    id: str
    scores: dict[Label, Probability] = Field(description="Calibrated probabilities.")
    labels: list[Label] = Field(description="Those at or above their review threshold.")
    route: Route
    language: str = Field(description="Primary subtag, and script where there are two.")
    stage: Stage
    model: str
    policy: str
    facets: dict[Facet, Probability] | None = Field(default=None, description="With explain.")
    evidence: list[EvidenceOut] | None = Field(default=None, description="With explain.")
    warnings: list[str] | None = Field(
        default=None, description="What makes this score less sure, where something does."
    )


class RowError(Answer):
    """Why one post has no score."""

    code: str
    title: str
    detail: str


class ErrorRecord(Answer):
    """Stands where the score of one post would be."""

    id: str
    line: int | None = Field(description="The post's place in the request, from 1.")
    error: RowError


class BatchResponse(Answer):
    """One record for each post, in order."""

    results: list[ScoreRecord | ErrorRecord]


class FieldProblem(Answer):
    """What is wrong with one field."""

    pointer: str = Field(description="JSON pointer into the body.")
    code: str
    detail: str


class HappenedMeanwhile(Answer):
    """The event that stands in the way, as the item's history shows it."""

    kind: str
    actor: str
    at: datetime
    version: int


class Problem(Answer):
    """An error, as RFC 9457 describes it."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "type": "/docs#empty_text",
                "title": "The text is empty",
                "status": 422,
                "detail": "…",
                "code": "empty_text",
            }
        }
    )

    type: str = Field(description="Where this error is described.")
    title: str
    status: int
    detail: str
    code: str = Field(description="For programs; does not change.")
    errors: list[FieldProblem] | None = Field(default=None, description="By field, for 422.")
    happened: HappenedMeanwhile | None = Field(default=None, description="For 409, if known.")
