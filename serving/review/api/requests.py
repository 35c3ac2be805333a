"""What those who work the queue send. Fields that are not listed are ignored."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from classifier.labels import Label
from serving.review.api import wire
from serving.review.ranking import Slot
from serving.review.reasons import REASONS
from serving.review.records import Decided, Filters, Judgement, PostKind, SearchQuery, State
from serving.review.rescore import AT_ONCE
from serving.review.search import MAX_PAGE


class _QueueFilters(BaseModel):
    """Which items; a filter that is absent leaves it open."""

    languages: wire.Languages | None = Field(default=None, description="One of these.")
    label: Label | None = Field(default=None, description="At or above its review threshold.")
    kind: PostKind | None = None
    older_than: wire.Moment | None = Field(default=None, description="Queued before this moment.")

    def filters(self) -> Filters:
        return Filters(
            languages=None if self.languages is None else frozenset(self.languages),
            label=self.label,
            kind=self.kind,
            older_than=self.older_than,
        )


class ClaimNext(_QueueFilters):
    """What the next item is to be."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"languages": ["ar", "hi-Latn"], "label": "fake_job"}}
    )

    slot: Slot | None = Field(
        default=None,
        description="The order to take it from, `escalated` for leads. Default: the strategy's.",
    )


class PageQuery(BaseModel):
    """Which part of a list."""

    cursor: wire.Word | None = Field(default=None, description="The `next` of the page before.")
    limit: int = Field(
        default=20, ge=1, le=MAX_PAGE, description=f"1 to {MAX_PAGE}; 20 unless sent."
    )


class QueueQuery(_QueueFilters, PageQuery):
    """What is listed of the queue."""

    state: Literal[State.OPEN, State.ESCALATED] = Field(
        default=State.OPEN, description="`open` unless sent."
    )


class ItemsQuery(PageQuery):
    """What items are looked for; what is absent leaves it open."""

    words: wire.Word | None = Field(default=None, description="In title or text.")
    platform: wire.Word | None = None
    post_id: wire.Word | None = Field(default=None, description="As its platform calls it.")
    state: State | None = None
    label: Label | None = Field(default=None, description="At or above its review threshold.")
    languages: wire.Languages | None = Field(default=None, description="One of these.")
    kind: PostKind | None = None
    action: Decided | None = None
    decided_by: wire.Word | None = Field(default=None, description="`user:…` or `key:…`.")
    received_from: wire.Moment | None = None
    received_before: wire.Moment | None = None

    def query(self) -> SearchQuery:
        return SearchQuery(
            words=self.words,
            platform=self.platform,
            post_id=self.post_id,
            state=self.state,
            label=self.label,
            languages=None if self.languages is None else frozenset(self.languages),
            kind=self.kind,
            action=self.action,
            decided_by=self.decided_by,
            received_from=self.received_from,
            received_before=self.received_before,
        )


class Skipping(BaseModel):
    """Why an item is passed on, where one cares to say."""

    reason: wire.Note | None = None


class Escalation(BaseModel):
    """An item for a lead to decide."""

    version: wire.Version = Field(description="The item's, as it was last answered.")
    note: wire.Note | None = Field(default=None, description="What the lead should know.")


class Decision(BaseModel):
    """A moderator's decision on one version of an item."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "version": 3,
                "labels": {"smuggling_service": True, "fake_job": False},
                "facets": {"transport": True},
                "action": "remove",
                "reason": "offers_crossing",
                "note": "Names a price per person.",
            }
        }
    )

    version: wire.Version = Field(description="The item's, as it was last answered.")
    labels: wire.JudgedLabels
    facets: wire.JudgedFacets | None = Field(default=None, description="Those that can be told.")
    action: Decided
    reason: str = Field(
        description="Why, from the policy's list.", json_schema_extra={"enum": list(REASONS)}
    )
    note: wire.Note | None = Field(default=None, description="In your own words.")

    @field_validator("reason")
    @classmethod
    def _one_of_the_list(cls, value: str) -> str:
        if value not in REASONS:
            raise ValueError(f"expected one of {', '.join(REASONS)}")
        return value

    def to_record(self) -> Judgement:
        return Judgement(
            labels={
                Label.SMUGGLING_SERVICE: self.labels.smuggling_service,
                Label.FAKE_JOB: self.labels.fake_job,
            },
            action=self.action,
            reason=self.reason,
            facets=self.facets,
            note=self.note,
        )


class Rescoring(BaseModel):
    """A run over open items with the model that is loaded."""

    dry_run: wire.Flag = Field(default=True, description="Say what would change, change nothing.")
    limit: int = Field(
        default=AT_ONCE,
        strict=True,
        ge=1,
        le=AT_ONCE,
        description=f"How many items at most; {AT_ONCE:,} unless sent.",
    )
    after: wire.ItemId | None = Field(
        default=None, description="The `next` of the run before, to go on from there."
    )
