"""What the review queue answers with. Nothing is answered that is not listed here."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from classifier.labels import Facet
from serving.review.api import wire
from serving.review.records import Decided, PostKind, QueuedFor, Source, State
from serving.scoring.schemas import Answer, ErrorRecord, ScoreRecord


class AcceptedPost(Answer):
    """A post that was taken in. The same post gets the same answer, however often it is sent."""

    item_id: str = Field(description="What it is called from here on.")
    post_id: str
    text_version: int = Field(ge=1, description="Rises when a post comes back with another text.")
    queued_for: QueuedFor | None = Field(description="Why a person will look at it; null: nobody.")
    score: ScoreRecord


class AcceptedPosts(Answer):
    """One record for each post, in order."""

    results: list[AcceptedPost | ErrorRecord]


class Ranks(Answer):
    """Larger is sooner. They do not change with time."""

    harm: float
    doubt: float
    age: float


class Lease(Answer):
    """Who holds an item, and until when."""

    owner: str = Field(description="`user:…` or `key:…`, as the audit log names them.")
    mine: bool
    until: datetime


class Outcome(Answer):
    """The decision that stands."""

    by: str
    at: datetime
    final_at: datetime = Field(description="Until then it can be undone, and no platform sees it.")
    labels: wire.LabelVerdicts
    facets: dict[Facet, bool] | None
    action: Decided
    reason: str
    reason_text: str = Field(description="The reason in plain words.")
    note: str | None


class PlatformOutcome(Answer):
    """What was decided and why, without who. Absent until it is final."""

    at: datetime
    labels: wire.LabelVerdicts
    action: Decided
    reason: str
    reason_text: str


class PlatformItem(Answer):
    """An item as its own platform sees it."""

    id: str
    post_id: str | None
    text_version: int
    state: State = Field(description="`decided` once the decision is final.")
    kind: PostKind
    source: Source
    received_at: datetime
    created_at: datetime | None
    reach: int | None
    title: str | None
    text: str | None = Field(description="Null once it is erased, as are post_id, title and url.")
    url: str | None
    score: ScoreRecord
    decision: PlatformOutcome | None
    erased_at: datetime | None


class Item(Answer):
    """An item as those who work the queue see it."""

    id: str
    platform: str
    post_id: str | None
    version: int = Field(ge=1, description="Send it back with a decision or an escalation.")
    text_version: int = Field(ge=1, description="Rises with every new text.")
    state: State
    kind: PostKind
    source: Source
    queued_for: QueuedFor | None
    queued_at: datetime | None = Field(description="Null where it was never queued.")
    ranks: Ranks
    received_at: datetime
    created_at: datetime | None = Field(description="When it was posted, where that was said.")
    reach: int | None
    language: str = Field(description="As the platform said, or as the model takes it.")
    has_author: bool = Field(description="Whether other posts of its author can be found.")
    title: str | None
    text: str | None = Field(description="Null once it is erased, as are post_id, title and url.")
    url: str | None
    score: ScoreRecord
    lease: Lease | None = Field(description="Null where nobody holds it.")
    decision: Outcome | None = Field(description="The one that stands.")
    erased_at: datetime | None


class Items(Answer):
    """One page of items."""

    items: list[Item]
    next: str | None = Field(description="Send it as `cursor` for the next page; null: no more.")


class Counts(Answer):
    """How much waits. `claimed` of the `open` ones are someone's now."""

    open: int = Field(ge=0)
    claimed: int = Field(ge=0)
    escalated: int = Field(ge=0)
    open_by_language: dict[str, int]


class Queue(Answer):
    """What waits, and one page of it."""

    counts: Counts
    items: list[Item]
    next: str | None = Field(description="Send it as `cursor` for the next page; null: no more.")


class Event(Answer):
    """One thing that happened to an item."""

    at: datetime
    kind: str
    actor: str
    version: int
    facts: dict[str, Any]
    note: str | None


class History(Answer):
    """All that happened to an item, the oldest first."""

    events: list[Event]


class ErasedItem(Answer):
    """What was removed of an item."""

    item_id: str
    texts: int = Field(ge=0, description="One for each version of the text.")
    notes: int = Field(ge=0)
