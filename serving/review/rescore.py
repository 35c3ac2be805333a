"""Scoring the waiting items anew after the model or the policy changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from starlette.concurrency import run_in_threadpool

from classifier.labels import Label, Route
from classifier.records import Post, Score
from serving.actors import Actor
from serving.audit.log import AuditLog
from serving.audit.records import EventKind
from serving.clock import Clock, utc_now
from serving.database import Database
from serving.review import repository
from serving.review.admission import score_row
from serving.review.arrivals import draw_of
from serving.review.changes import Change, Changes, changing
from serving.review.models import Item, PostText
from serving.review.placement import Rules, queued_for, rescored, sampling_probability
from serving.review.records import QueuedFor, Source, State
from serving.review.score_json import as_stored
from serving.review.views import lease_of
from serving.scoring.engine import Engine
from serving.scoring.service import ScoringService
from serving.secret import Keyring
from serving.settings import Settings

BATCH = 100

MAX_FLIPS = 1_000
"""How many flips a report names one by one; it counts them all."""


@dataclass(frozen=True, slots=True)
class Flip:
    """An item whose route the new score changes."""

    item_id: str
    before: Route
    after: Route
    scores_before: Mapping[Label, float]
    scores_after: Mapping[Label, float]


@dataclass(frozen=True, slots=True)
class RescoreReport:
    """What scoring anew did, or would do. `flipped` counts by route before and after."""

    model: str
    policy: str
    dry_run: bool
    items: int
    left_queue: int
    flipped: Mapping[tuple[Route, Route], int]
    flips: tuple[Flip, ...]


@dataclass(frozen=True, slots=True)
class StoredText:
    """The text of a waiting item; `post` bears the item's id, `draw` is as on its arrival."""

    post: Post
    version: int
    draw: float


class Tally:
    """What a run has found so far."""

    def __init__(self, model: str, policy: str, dry_run: bool) -> None:
        self.model = model
        self.policy = policy
        self.dry_run = dry_run
        self._items = 0
        self._left = 0
        self._flipped: Counter[tuple[Route, Route]] = Counter()
        self._flips: list[Flip] = []

    def add(self, item: Item, score: Score, *, leaves: bool) -> None:
        """Count `item`, whose row still holds its old score."""
        self._items += 1
        self._left += leaves
        before = Route(item.route)
        if before is score.route:
            return
        self._flipped[before, score.route] += 1
        if len(self._flips) < MAX_FLIPS:
            old = {Label.SMUGGLING_SERVICE: item.smuggling_service, Label.FAKE_JOB: item.fake_job}
            self._flips.append(Flip(item.id, before, score.route, old, score.scores))

    def report(self) -> RescoreReport:
        return RescoreReport(
            model=self.model,
            policy=self.policy,
            dry_run=self.dry_run,
            items=self._items,
            left_queue=self._left,
            flipped=dict(self._flipped),
            flips=tuple(self._flips),
        )


class RescoreService:
    """Items that were scored by another model or policy and still wait for a person."""

    def __init__(
        self,
        database: Database,
        audit: AuditLog,
        keyring: Keyring,
        settings: Settings,
        scoring: ScoringService,
        engine: Engine,
        clock: Clock = utc_now,
    ) -> None:
        self._database = database
        self._audit = audit
        self._keyring = keyring
        self._settings = settings
        self._scoring = scoring
        self._engine = engine
        self._clock = clock

    async def run(self, actor: Actor, dry_run: bool = True) -> RescoreReport:
        """Score them with the model that runs; both scores are kept.

        A decision is never touched. An item leaves the queue only where its old score alone had
        brought it there and nobody holds it.
        """
        manifest = self._engine.classifier.manifest
        tally = Tally(manifest.model, manifest.policy, dry_run)
        last = ""
        while batch := await run_in_threadpool(self._outdated, last, tally):
            last = batch[-1].post.id
            results = await self._engine.score([text.post for text in batch], explain=True)
            scored = [
                (text, score)
                for text, score in zip(batch, results, strict=True)
                if isinstance(score, Score)
            ]
            await run_in_threadpool(self._apply, actor, scored, tally)
        return tally.report()

    def _outdated(self, last: str, tally: Tally) -> list[StoredText]:
        with self._database.read() as session:
            items = repository.outdated(session, tally.model, tally.policy, last, BATCH)
            texts = repository.texts(session, items)
            return [self._text(item, texts[item.id]) for item in items]

    def _text(self, item: Item, row: PostText) -> StoredText:
        draw = draw_of(self._keyring, item.platform, row.post_id, row.title, row.text)
        return StoredText(Post(item.id, row.text, row.title), item.text_version, draw)

    def _apply(
        self, actor: Actor, scored: Sequence[tuple[StoredText, Score]], tally: Tally
    ) -> None:
        rules = Rules(self._engine.classifier.manifest.thresholds, self._settings.sample_share)
        with changing(self._database, self._audit) as changes:
            put_scores(changes, actor.id, self._clock(), scored, rules, tally)


def put_scores(
    changes: Changes,
    actor: str,
    now: datetime,
    scored: Sequence[tuple[StoredText, Score]],
    rules: Rules,
    tally: Tally,
) -> None:
    """Give waiting items their new scores, or count alone what that would do in a dry run."""
    session = changes.session
    locked = repository.lock_many(session, [text.post.id for text, _ in scored])
    items = {item.id: item for item in locked}
    for text, found in scored:
        item = items[text.post.id]
        if item.text_version != text.version or item.state not in (State.OPEN, State.ESCALATED):
            continue  # a person or the platform was quicker
        score = as_stored(found, item.id)
        body = rescored(item, score, rules)
        if _stands_on_its_score(item, now) and score.route is Route.CLEAR:
            reason = queued_for(score, Source.VOLUNTARY, text.draw, rules)
            body["queued_for"] = None if reason is None else reason.value
            body["sampling_probability"] = sampling_probability(reason, rules)
        tally.add(item, score, leaves="queued_for" in body and body["queued_for"] is None)
        if not tally.dry_run:
            changes.apply(item, Change(EventKind.RESCORED, actor, now, body))
            repository.put_score(session, score_row(item, score, now))


def _stands_on_its_score(item: Item, now: datetime) -> bool:
    """Whether nothing but its score keeps `item` in the queue."""
    return (
        item.state == State.OPEN
        and item.queued_for == QueuedFor.SCORE
        and item.source == Source.VOLUNTARY
        and lease_of(item, now) is None
    )
