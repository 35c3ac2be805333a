"""Decisions as records to train on: what a person judged, of a text whose contacts are masked."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from typing import Any

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from classifier.labels import FACETS, LABELS, Facet, Label
from classifier.text import normalise
from serving.actors import Actor
from serving.audit.log import AuditLog
from serving.audit.models import Event
from serving.audit.records import Draft, EventKind
from serving.clock import Clock, utc_now
from serving.database import Database
from serving.review.derive import Standing, after, read_event
from serving.review.models import PostText, ScoreRow
from serving.review.score_json import read_score
from serving.settings import MAX_UNDO_SECONDS

DECISIONS_AT_ONCE = 200
"""How many are in memory, and read in one transaction."""

_BEFORE_ALL = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class DecisionRecord:
    """One final decision about one text, as it stood when it was taken.

    `text` and `title` are normalised as they were for scoring, so that contacts are placeholders.
    A label or facet that is None could not be told. Who decided is not in it.
    """

    item_id: str
    text_version: int
    version: int
    platform: str
    kind: str
    source: str
    title: str | None
    text: str
    language: str
    labels: Mapping[Label, bool | None]
    facets: Mapping[Facet, bool | None]
    action: str
    reason: str
    decided_at: datetime
    model: str
    policy: str
    scores: Mapping[Label, float]
    queued_for: str | None
    sampling_probability: float
    seal: str

    def to_dict(self) -> dict[str, Any]:
        """The exported record; `docs/api.md` describes it."""
        return {
            "id": f"{self.item_id}.{self.text_version}",
            "platform": self.platform,
            "kind": self.kind,
            "title": self.title,
            "text": self.text,
            "language": self.language,
            "labels": {label.value: self.labels[label] for label in LABELS},
            "facets": {facet.value: self.facets[facet] for facet in FACETS},
            "action": self.action,
            "reason": self.reason,
            "decided_at": self.decided_at.isoformat(timespec="milliseconds"),
            "model": self.model,
            "policy": self.policy,
            "scores": {label.value: self.scores[label] for label in LABELS},
            "queued_for": self.queued_for,
            "sampling_probability": self.sampling_probability,
            "provenance": {
                "item": self.item_id,
                "text_version": self.text_version,
                "version": self.version,
                "source": self.source,
                "seal": self.seal,
                "lurewatch": version("lurewatch"),
            },
        }

    def to_json(self) -> str:
        """The record as one line of JSON Lines."""
        return json.dumps(self.to_dict(), ensure_ascii=False) + "\n"


class ExportService:
    """Reads the decisions from the log, and the texts as far as they are not erased."""

    def __init__(
        self,
        database: Database,
        audit: AuditLog,
        clock: Clock = utc_now,
        *,
        at_once: int = DECISIONS_AT_ONCE,
    ) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock
        self._at_once = at_once

    def decisions(self, actor: Actor, since: datetime | None = None) -> Iterator[DecisionRecord]:
        """Decisions that are final, `since` then or later, in the order in which they were taken.

        Those that became final between two exports come in the second one where its `since` is the
        moment at which the first began, however long before they were taken.

        The export itself is logged at once. What is yielded is read as it is asked for, in short
        transactions and constant memory; the same decisions come in the same order every time.
        Left out is a text that is erased, and one of which normalising leaves nothing.
        """
        now = self._clock()
        body = {"what": "decisions", "since": since and since.isoformat()}
        with self._database.write() as session:
            self._audit.append(session, Draft(EventKind.EXPORTED, actor.id, now, body=body))
        return self._final(since, now)

    def _final(self, since: datetime | None, now: datetime) -> Iterator[DecisionRecord]:
        reached = None
        if since is not None:
            first = max(since, _BEFORE_ALL) - timedelta(seconds=MAX_UNDO_SECONDS)
            reached = (first, 0)
        more = True
        while more:
            with self._database.read() as session:
                decisions = _decisions_after(session, reached, self._at_once)
                records = _records(session, decisions, since, now)
                more = len(decisions) == self._at_once
                if more:
                    reached = (decisions[-1].at, decisions[-1].id)
            yield from records


def _decisions_after(
    session: Session, reached: tuple[datetime, int] | None, limit: int
) -> Sequence[Event]:
    query = select(Event).where(Event.kind == EventKind.DECIDED.value)
    if reached is not None:
        at, event_id = reached
        # The first condition is the one that the index on kind and moment serves.
        query = query.where(Event.at >= at, tuple_(Event.at, Event.id) > (at, event_id))
    return session.scalars(query.order_by(Event.at, Event.id).limit(limit)).all()


def _records(
    session: Session, decisions: Sequence[Event], since: datetime | None, now: datetime
) -> list[DecisionRecord]:
    """Those of `decisions` that became final by `now` and whose texts are there, in their order."""
    ids = {str(event.item_id) for event in decisions}
    pasts = _pasts(session, ids)
    texts = {
        (row.item_id, row.text_version): row
        for row in session.scalars(select(PostText).where(PostText.item_id.in_(ids)))
    }
    scores = {
        (row.item_id, row.text_version, row.model, row.policy): row
        for row in session.scalars(select(ScoreRow).where(ScoreRow.item_id.in_(ids)))
    }
    records = []
    for event in decisions:
        body = json.loads(event.body)
        item_id, text_version = str(event.item_id), int(body["text_version"])
        text = texts.get((item_id, text_version))
        undone = {past.body.get("undoes") for past in pasts[item_id]}
        if text is None or event.item_version in undone:
            continue
        final_at = datetime.fromisoformat(body["final_at"])
        if final_at > now or (since is not None and final_at < since):
            continue
        if not normalise(text.text).strip():
            continue
        standing = _standing_before(pasts[item_id], event)
        score = scores[item_id, text_version, standing.model, standing.policy]
        records.append(_record(event, body, standing, text, score))
    return records


def _pasts(session: Session, item_ids: set[str]) -> Mapping[str, Sequence[Draft]]:
    """All events of these items, the oldest first."""
    pasts: dict[str, list[Draft]] = defaultdict(list)
    query = select(Event).where(Event.item_id.in_(item_ids)).order_by(Event.position)
    for row in session.scalars(query):
        pasts[str(row.item_id)].append(read_event(row))
    return pasts


def _standing_before(past: Sequence[Draft], decision: Event) -> Standing:
    """How the item stood when it was decided: its score, language and why it was queued."""
    standing: Standing | None = None
    for event in past:
        if event.item_version is not None and event.item_version >= (decision.item_version or 0):
            break
        standing = after(standing, event)
    assert standing is not None  # nothing is decided before it is received
    return standing


def _record(
    event: Event, body: Mapping[str, Any], standing: Standing, text: PostText, score: ScoreRow
) -> DecisionRecord:
    facets = body.get("facets", {})
    return DecisionRecord(
        item_id=text.item_id,
        text_version=text.text_version,
        version=event.item_version or 0,
        platform=standing.platform,
        kind=standing.kind,
        source=standing.source,
        title=normalise(text.title or "") or None,
        text=normalise(text.text),
        language=standing.language,
        labels={label: body[label.value] for label in LABELS},
        facets={facet: facets.get(facet.value) for facet in FACETS},
        action=body["action"],
        reason=body["reason"],
        decided_at=event.at,
        model=standing.model,
        policy=standing.policy,
        scores=read_score(score.record).scores,
        queued_for=standing.queued_for,
        sampling_probability=standing.sampling_probability,
        seal=event.mac,
    )
