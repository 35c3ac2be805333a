"""What the review queue passes around: frozen, named, without a trace of the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from classifier.labels import Facet, Label, Route
from classifier.records import Score

MAX_NOTE_CHARACTERS = 5_000
"""Of what a person writes beside an event."""


class PostKind(StrEnum):
    POST = "post"
    ADVERT = "advert"
    JOB_ADVERT = "job_advert"
    MESSAGE = "message"


class Source(StrEnum):
    """Who brought a post to the platform's attention."""

    VOLUNTARY = "voluntary"
    USER_NOTICE = "user_notice"
    TRUSTED_FLAGGER = "trusted_flagger"


def stronger(one: Source, other: Source) -> Source:
    """The one of two sources that counts for more."""
    return max(one, other, key=list(Source).index)


class State(StrEnum):
    """Where an item stands. `open` and `escalated` wait for a person."""

    CLEARED = "cleared"
    OPEN = "open"
    ESCALATED = "escalated"
    DECIDED = "decided"


class QueuedFor(StrEnum):
    """Why an item is in the queue: its score, someone's notice, or a random draw."""

    SCORE = "score"
    NOTICE = "notice"
    SAMPLE = "sample"


class Decided(StrEnum):
    """What is done about a post."""

    REMOVE = "remove"
    RESTRICT = "restrict"
    LABEL = "label"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Submission:
    """A post as a platform hands it in. `reach` is how many people saw it, where known."""

    platform: str
    post_id: str
    text: str
    title: str | None = None
    kind: PostKind = PostKind.POST
    author: str | None = None
    url: str | None = None
    created_at: datetime | None = None
    reach: int | None = None
    source: Source = Source.VOLUNTARY
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """Someone told the platform about a post. `post` is needed where its text is not held yet.

    `note` is what the notice says; `source` is never `voluntary`.
    """

    platform: str
    post_id: str
    source: Source
    note: str | None = None
    post: Submission | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """The answer to a submission: the same for the same post, however often it is sent."""

    item_id: str
    text_version: int
    queued_for: QueuedFor | None
    score: Score


@dataclass(frozen=True, slots=True)
class Ranks:
    """Larger is sooner; they do not change with time. See `serving.review.ranking`."""

    harm: float
    doubt: float
    age: float


@dataclass(frozen=True, slots=True)
class Lease:
    """Who holds an item, and until when."""

    owner: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Judgement:
    """A moderator's decision. A label that is None cannot be told; so is an absent facet."""

    labels: Mapping[Label, bool | None]
    action: Decided
    reason: str
    facets: Mapping[Facet, bool] | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """The decision that stands. Until `final_at` it can be undone and leaves the house nowhere."""

    actor: str
    at: datetime
    final_at: datetime
    judgement: Judgement


@dataclass(frozen=True, slots=True)
class ItemView:
    """An item as it is shown. The texts are None once they are erased."""

    id: str
    platform: str
    version: int
    text_version: int
    state: State
    kind: PostKind
    source: Source
    queued_for: QueuedFor | None
    queued_at: datetime | None
    received_at: datetime
    posted_at: datetime | None
    reach: int | None
    language: str
    route: Route
    ranks: Ranks
    lease: Lease | None
    score: Score
    outcome: Outcome | None
    has_author: bool
    post_id: str | None
    title: str | None
    text: str | None
    url: str | None
    erased_at: datetime | None


@dataclass(frozen=True, slots=True)
class Filters:
    """What claim-next and lists are narrowed to; None leaves it open.

    `languages` are primary subtags with script where a language is written in two; `older_than`
    is a moment before which the item was queued.
    """

    languages: frozenset[str] | None = None
    label: Label | None = None
    kind: PostKind | None = None
    older_than: datetime | None = None


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One event of an item as it is shown. `facts` are what its body says; `note` can be erased."""

    at: datetime
    kind: str
    actor: str
    version: int
    facts: Mapping[str, object]
    note: str | None


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """What a search asks for; None leaves it open. `words` are looked for in title and text."""

    words: str | None = None
    platform: str | None = None
    post_id: str | None = None
    state: State | None = None
    label: Label | None = None
    languages: frozenset[str] | None = None
    kind: PostKind | None = None
    action: Decided | None = None
    decided_by: str | None = None
    received_from: datetime | None = None
    received_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Some items, and the cursor that the next ones are asked for with; None at the end."""

    items: tuple[ItemView, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class QueueCounts:
    """How much waits. `claimed` of the `open` ones are someone's now."""

    open: int
    claimed: int
    escalated: int
    open_by_language: Mapping[str, int]
