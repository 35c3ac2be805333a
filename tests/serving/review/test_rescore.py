from __future__ import annotations

import pytest
from sqlalchemy import select

from classifier.classifier import Classifier
from classifier.labels import Route
from classifier.records import Score
from serving.database import Database
from serving.metrics import Metrics
from serving.review.models import ScoreRow
from serving.review.records import QueuedFor, State
from serving.review.rescore import RescoreReport, RescoreService
from serving.review.score_json import as_stored
from serving.scoring.engine import Engine
from serving.scoring.service import ScoringService
from tests.serving.review.bench import ADA, CLEARED, KEEP, LEA, Bench, scored

pytestmark = pytest.mark.anyio

TEXTS = [f"a room by the sea, number {number}" for number in range(12)]


async def rescore(bench: Bench, engine: Engine, *, dry_run: bool) -> RescoreReport:
    scoring = ScoringService(engine, Metrics())
    service = RescoreService(
        bench.database,
        bench.audit,
        bench.keyring,
        bench.settings,
        scoring,
        engine,
        bench.clock,
    )
    return await service.run(LEA, dry_run)


def texts_by_route(classifier: Classifier) -> tuple[str, str]:
    """A text that the model of the tests clears, and one that it queues."""
    routes: dict[bool, str] = {}
    for text, score in zip(TEXTS, classifier.score(TEXTS), strict=True):
        assert isinstance(score, Score)
        routes[score.route is Route.CLEAR] = text
    return routes[True], routes[False]


async def test_a_dry_run_shows_what_would_flip_and_changes_nothing(
    database: Database, engine: Engine, classifier: Classifier
) -> None:
    bench = Bench(database)
    cleared, queued = texts_by_route(classifier)
    flips = bench.admit(scored(0.95), text=cleared).item_id
    stays = bench.admit(scored(0.95), text=queued).item_id
    before = {item: (bench.row(item), bench.kinds(item)) for item in (flips, stays)}
    report = await rescore(bench, engine, dry_run=True)
    assert {item: (bench.row(item), bench.kinds(item)) for item in before} == before
    assert (report.items, report.left_queue, report.model) == (2, 1, classifier.manifest.model)
    assert report.flipped[Route.PRIORITY, Route.CLEAR] == 1
    (flip,) = (flip for flip in report.flips if flip.after is Route.CLEAR)
    assert flip.item_id == flips
    assert flip.scores_before == scored(0.95).scores
    (score,) = classifier.score([cleared])
    assert isinstance(score, Score)
    assert flip.scores_after == as_stored(score, flips).scores
    again = await rescore(bench, engine, dry_run=False)
    assert (again.flipped, again.left_queue) == (report.flipped, report.left_queue)


async def test_both_scores_are_kept_and_items_leave_that_their_score_alone_had_queued(
    database: Database, engine: Engine, classifier: Classifier
) -> None:
    bench = Bench(database)
    cleared, queued = texts_by_route(classifier)
    leaves = bench.admit(scored(0.95), text=cleared).item_id
    stays = bench.admit(scored(0.95), text=queued).item_id
    noticed = bench.admit(scored(0.95), text=cleared, post_id="n").item_id
    bench.notice("n")
    held = bench.admit(scored(0.95), text=cleared).item_id
    bench.queue.claim(ADA, held)
    decided = bench.admit(scored(0.95), text=cleared).item_id
    bench.queue.decide(ADA, decided, bench.queue.claim(ADA, decided).version, KEEP)
    escalated = bench.admit(scored(0.95), text=cleared).item_id
    bench.queue.escalate(ADA, escalated, bench.queue.claim(ADA, escalated).version)
    never = bench.admit(CLEARED, text=queued).item_id
    report = await rescore(bench, engine, dry_run=False)
    assert (report.items, report.left_queue) == (5, 1)
    states = {
        leaves: (State.CLEARED, None),
        stays: (State.OPEN, QueuedFor.SCORE),
        noticed: (State.OPEN, QueuedFor.SCORE),
        held: (State.OPEN, QueuedFor.SCORE),
        escalated: (State.ESCALATED, QueuedFor.SCORE),
    }
    for item, (state, reason) in states.items():
        row = bench.row(item)
        assert (row.state, row.queued_for, row.model) == (state, reason, report.model)
        assert bench.queue.view(LEA, item).score.evidence is not None
        body = next(e.body for e in bench.events(item) if e.kind.value == "rescored")
        assert body is not None
        assert body["before"] == {
            "smuggling_service": 0.95,
            "fake_job": 0.1,
            "route": "priority",
            "model": "m1",
            "policy": "1",
        }
    for untouched in (decided, never):
        assert bench.row(untouched).model == "m1"
        assert "rescored" not in bench.kinds(untouched)
    with database.read() as session:
        models = select(ScoreRow.model).where(ScoreRow.item_id == stays)
        assert set(session.scalars(models)) == {"m1", report.model}
    assert (await rescore(bench, engine, dry_run=False)).items == 0


async def test_what_leaves_the_queue_can_be_drawn_like_all_that_is_cleared(
    database: Database, engine: Engine, classifier: Classifier
) -> None:
    bench = Bench(database, share=1.0)
    cleared, _ = texts_by_route(classifier)
    item = bench.admit(scored(0.95), text=cleared).item_id
    report = await rescore(bench, engine, dry_run=False)
    row = bench.row(item)
    assert report.left_queue == 0
    assert (row.state, row.queued_for, row.sampling_probability) == ("open", "sample", 1.0)
