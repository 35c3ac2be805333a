"""Scoring the waiting items anew after the model or the policy changed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from starlette.concurrency import run_in_threadpool

from classifier.labels import Route
from classifier.records import Post, Rejection, Score
from serving.actors import Actor
from serving.audit.log import AuditLog
from serving.audit.records import EventKind
from serving.clock import Clock, utc_now
from serving.database import Database
from serving.errors import QueueFullError
from serving.review import repository
from serving.review.arrivals import draw_of
from serving.review.changes import Change, Changes, changing
from serving.review.models import Item, PostText
from serving.review.placement import Rules, queued_for, rescored, sampling_probability
from serving.review.records import QueuedFor, Source, State
from serving.review.rescore_report import RescoreReport, Tally
from serving.review.score_json import as_stored
from serving.review.views import lease_of
from serving.scoring.engine import Engine
from serving.secret import Keyring
from serving.settings import Settings

BATCH = 100

AT_ONCE = 1_000
"""Items that are scored in one request: more would take longer than a connection lasts."""

PATIENCE_SECONDS = 120
"""How long a batch waits for room in the engine's queue altogether."""


@dataclass(frozen=True, slots=True)
class StoredText:
    """The text of a waiting item; `post` bears the item's id, `draw` is as on its arrival."""

    post: Post
    version: int
    draw: float


class RescoreService:
    """Items that were scored by another model or policy and still wait for a person."""

    def __init__(
        self,
        database: Database,
        audit: AuditLog,
        keyring: Keyring,
        settings: Settings,
        engine: Engine,
        clock: Clock = utc_now,
    ) -> None:
        self._database = database
        self._audit = audit
        self._keyring = keyring
        self._settings = settings
        self._engine = engine
        self._clock = clock

    async def run(
        self,
        actor: Actor,
        dry_run: bool = True,
        *,
        after: str = "",
        limit: int | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> RescoreReport:
        """Score them with the model that runs, by id from behind `after`, `limit` at most.

        Both scores are kept, and a decision is never touched. An item leaves the queue only where
        its old score alone had brought it there and nobody holds it. `progress` is told how many
        are done. Raises `QueueFullError` where other texts fill the engine's queue for longer than
        `PATIENCE_SECONDS`; what is done then stays.
        """
        manifest = self._engine.classifier.manifest
        tally = Tally(manifest.model, manifest.policy, dry_run)
        looked_at = 0
        while True:
            room = BATCH if limit is None else min(BATCH, limit - looked_at)
            found = await run_in_threadpool(self._outdated, after, tally, room + 1)
            batch, more = found[:room], len(found) > room
            if batch:
                after = batch[-1].post.id
                await self._rescore(actor, batch, tally)
            looked_at += len(batch)
            if progress is not None:
                progress(looked_at)
            if not more:
                return tally.report(None)
            if looked_at == limit:
                return tally.report(after)

    async def _rescore(self, actor: Actor, batch: Sequence[StoredText], tally: Tally) -> None:
        results = await self._score([text.post for text in batch])
        scored = [
            (text, score)
            for text, score in zip(batch, results, strict=True)
            if isinstance(score, Score)
        ]
        await run_in_threadpool(self._apply, actor, scored, tally)

    async def _score(self, posts: Sequence[Post]) -> Sequence[Score | Rejection]:
        """Live traffic goes first: where it fills the queue, what has waited so long waits on."""
        waited = 0
        while True:
            try:
                return await self._engine.score(posts, explain=True)
            except QueueFullError as full:
                pause = full.retry_after or 1
                if waited + pause > PATIENCE_SECONDS:
                    raise
                waited += pause
                await asyncio.sleep(pause)

    def _outdated(self, after: str, tally: Tally, limit: int) -> list[StoredText]:
        with self._database.read() as session:
            items = repository.outdated(session, tally.model, tally.policy, after, limit)
            texts = repository.texts(session, items)
            return [self._text(item, texts[item.id]) for item in items]

    def _text(self, item: Item, row: PostText) -> StoredText:
        draw = draw_of(self._keyring, item.platform, row.post_id, row.title, row.text)
        return StoredText(Post(item.id, row.text, row.title), item.text_version, draw)

    def _apply(
        self, actor: Actor, scored: Sequence[tuple[StoredText, Score]], tally: Tally
    ) -> None:
        rules = Rules.of(self._engine.classifier.manifest, self._settings.sample_share)
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
        if (item.model, item.policy) == (found.model, found.policy):
            continue  # so was another run
        score = as_stored(found, item.id)
        body = rescored(item, score, rules)
        if _stands_on_its_score(item, now) and score.route is Route.CLEAR:
            reason = queued_for(score, Source.VOLUNTARY, text.draw, rules)
            body["queued_for"] = None if reason is None else reason.value
            body["sampling_probability"] = sampling_probability(reason, rules)
        tally.add(item, score, leaves="queued_for" in body and body["queued_for"] is None)
        if not tally.dry_run:
            changes.apply(item, Change(EventKind.RESCORED, actor, now, body))
            repository.put_score(session, item, score, now)


def _stands_on_its_score(item: Item, now: datetime) -> bool:
    """Whether nothing but its score keeps `item` in the queue."""
    return (
        item.state == State.OPEN
        and item.queued_for == QueuedFor.SCORE
        and item.source == Source.VOLUNTARY
        and lease_of(item, now) is None
    )
