"""What the reports answer: figures, a run of scoring anew, exported decisions, signed heads."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import Field

from classifier.labels import Facet, Label, Route
from serving.review import insights, rescore_report
from serving.review.records import Decided, PostKind, QueuedFor, Source
from serving.scoring.schemas import Answer, Probability


class Waiting(Answer):
    """Items that wait, and since when the one that waits longest does."""

    count: int = Field(ge=0)
    oldest: datetime | None

    @classmethod
    def of(cls, waiting: insights.Waiting) -> Waiting:
        return cls(count=waiting.count, oldest=waiting.oldest)


class Share(Answer):
    """A share with its 95 % interval; `count` decisions stand behind it."""

    share: Probability
    low: Probability
    high: Probability
    count: int = Field(ge=0)

    @classmethod
    def of(cls, share: insights.Share) -> Share:
        return cls(share=share.share, low=share.low, high=share.high, count=share.count)


class LabelDecisions(Answer):
    """How people judged one label."""

    true: int = Field(ge=0)
    false: int = Field(ge=0)
    cannot_tell: int = Field(ge=0)


class Exposure(Answer):
    """What one person saw: items claimed, decided, and decided with a label true."""

    actor: str
    name: str | None
    claimed: int = Field(ge=0)
    decided: int = Field(ge=0)
    harmful: int = Field(ge=0)

    @classmethod
    def of(cls, exposure: insights.Exposure) -> Exposure:
        return cls(
            actor=exposure.actor,
            name=exposure.name,
            claimed=exposure.claimed,
            decided=exposure.decided,
            harmful=exposure.harmful,
        )


class Team(Answer):
    """The team's figures: of final decisions since `since`, and of what waits now."""

    since: datetime
    open: Waiting
    escalated: Waiting
    unreadable: dict[str, Waiting] = Field(description="By language: what nobody here reads.")
    passed_over: Waiting = Field(description="What waits although someone has skipped it.")
    decided: int = Field(ge=0)
    decided_by_day: dict[date, int]
    decided_by_language: dict[str, int]
    decided_by_label: dict[Label, LabelDecisions]
    decided_by_action: dict[str, int]
    median_minutes_to_decision: float | None
    exposure: list[Exposure]
    flagged: int = Field(ge=0, description="Decisions about what the model had flagged.")
    overturned: int = Field(ge=0, description="Of these, those that found no label true.")
    missed: Share | None = Field(
        description="Of what the model cleared, the share that carries a label: by a random draw."
    )

    @classmethod
    def of(cls, figures: insights.TeamFigures) -> Team:
        return cls(
            since=figures.since,
            open=Waiting.of(figures.open),
            escalated=Waiting.of(figures.escalated),
            unreadable={tag: Waiting.of(w) for tag, w in figures.unreadable.items()},
            passed_over=Waiting.of(figures.passed_over),
            decided=figures.decided,
            decided_by_day=dict(figures.decided_by_day),
            decided_by_language=dict(figures.decided_by_language),
            decided_by_label={
                label: LabelDecisions(true=n.true, false=n.false, cannot_tell=n.cannot_tell)
                for label, n in figures.decided_by_label.items()
            },
            decided_by_action=dict(figures.decided_by_action),
            median_minutes_to_decision=figures.median_minutes_to_decision,
            exposure=[Exposure.of(exposure) for exposure in figures.exposure],
            flagged=figures.flagged,
            overturned=figures.overturned,
            missed=None if figures.missed is None else Share.of(figures.missed),
        )


class RouteChange(Answer):
    """How many items go, or would go, from one route to another."""

    before: Route
    after: Route
    items: int = Field(ge=0)


class Flip(Answer):
    """An item whose route the new score changes."""

    item_id: str
    before: Route
    after: Route
    scores_before: dict[Label, Probability]
    scores_after: dict[Label, Probability]

    @classmethod
    def of(cls, flip: rescore_report.Flip) -> Flip:
        return cls(
            item_id=flip.item_id,
            before=flip.before,
            after=flip.after,
            scores_before=dict(flip.scores_before),
            scores_after=dict(flip.scores_after),
        )


class Rescored(Answer):
    """What scoring the waiting items anew did, or would do."""

    model: str
    policy: str
    dry_run: bool
    items: int = Field(ge=0, description="Scored anew.")
    left_queue: int = Field(ge=0)
    flipped: list[RouteChange]
    flips: list[Flip] = Field(description="One by one, up to 1,000.")
    next: str | None = Field(description="Send it as `after` to go on; null at the end.")

    @classmethod
    def of(cls, report: rescore_report.RescoreReport) -> Rescored:
        return cls(
            model=report.model,
            policy=report.policy,
            dry_run=report.dry_run,
            items=report.items,
            left_queue=report.left_queue,
            flipped=[
                RouteChange(before=before, after=after, items=items)
                for (before, after), items in report.flipped.items()
            ],
            flips=[Flip.of(flip) for flip in report.flips],
            next=report.next,
        )


class Provenance(Answer):
    """Where a decision comes from: `seal` is its event's in the audit log."""

    item: str
    text_version: int
    version: int
    source: Source
    seal: str
    lurewatch: str


class DecisionLine(Answer):
    """One final decision, to train on. Its text is normalised and its contacts are masked."""

    id: str
    platform: str
    kind: PostKind
    title: str | None
    text: str
    language: str
    labels: dict[Label, bool | None]
    facets: dict[Facet, bool | None]
    action: Decided
    reason: str
    decided_at: datetime
    model: str
    policy: str
    scores: dict[Label, Probability]
    queued_for: QueuedFor | None
    sampling_probability: Probability = Field(description="With which it came into the queue.")
    provenance: Provenance


class SignedHead(Answer):
    """Where a lane of the audit log ends, signed."""

    lane: int = Field(ge=0)
    position: int = Field(ge=0)
    mac: str
    key_id: str
    signature: str


class AuditHeads(Answer):
    """Kept elsewhere, they let `lurewatch audit verify --heads FILE` find even a rollback."""

    taken_at: str
    heads: list[SignedHead]
