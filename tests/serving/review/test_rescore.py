from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select

from classifier.classifier import Classifier
from classifier.labels import Route
from classifier.records import Post, Score
from serving.database import Database
from serving.errors import QueueFullError
from serving.metrics import Metrics
from serving.review.models import ScoreRow
from serving.review.records import QueuedFor, State
from serving.review.rescore import BATCH, RescoreService
from serving.review.rescore_report import RescoreReport
from serving.review.score_json import as_stored
from serving.scoring.batcher import Limits
from serving.scoring.engine import Engine
from tests.serving.review.bench import ADA, CLEARED, KEEP, LEA, Bench, scored

pytestmark = pytest.mark.anyio

TEXTS = [f"a room by the sea, number {number}" for number in range(12)]


def rescorer(bench: Bench, engine: Engine) -> RescoreService:
    return RescoreService(
        bench.database,
        bench.audit,
        bench.keyring,
        bench.settings,
        engine,
        bench.clock,
    )


async def rescore(bench: Bench, engine: Engine, *, dry_run: bool) -> RescoreReport:
    return await rescorer(bench, engine).run(LEA, dry_run)


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


async def test_of_two_runs_at_once_each_item_is_changed_by_one(
    database: Database, engine: Engine
) -> None:
    bench = Bench(database)
    items = [bench.admit(scored(0.95), text=text).item_id for text in TEXTS]
    reports = await asyncio.gather(*(rescore(bench, engine, dry_run=False) for _ in range(2)))
    assert sum(report.items for report in reports) == len(items)
    for item in items:
        assert bench.kinds(item).count("rescored") == 1


@pytest.mark.parametrize("dry_run", [True, False])
async def test_a_run_can_be_done_in_parts(
    sqlite_database: Database, engine: Engine, dry_run: bool
) -> None:
    bench = Bench(sqlite_database)
    for text in TEXTS[:7]:
        bench.admit(scored(0.95), text=text)
    service, parts, after = rescorer(bench, engine), [], ""
    while True:
        report = await service.run(LEA, dry_run, after=after, limit=3)
        parts.append(report.items)
        if report.next is None:
            break
        after = report.next
    assert parts == [3, 3, 1]
    assert (await service.run(LEA, dry_run, after=after, limit=1)).next is None
    left = await service.run(LEA, dry_run, limit=7)
    assert (left.items, left.next) == (7 if dry_run else 0, None)


async def test_a_run_waits_while_others_fill_the_engines_queue(
    sqlite_database: Database, classifier: Classifier
) -> None:
    bench = Bench(sqlite_database)
    for text in TEXTS:
        bench.admit(scored(0.95), text=text)
    engine = Engine(Limits(40, 1_000_000, 0), Metrics(), classifier=classifier)
    engine.start()
    await engine.started()
    others = [Post(str(number), f"a room, number {number}") for number in range(3_000)]
    traffic = asyncio.create_task(engine.score(others))
    await asyncio.sleep(0)
    with pytest.raises(QueueFullError):
        await engine.score(others)
    assert (await rescore(bench, engine, dry_run=False)).items == len(TEXTS)
    await traffic
    await engine.stop()


async def test_progress_is_told_as_it_goes(sqlite_database: Database, engine: Engine) -> None:
    bench = Bench(sqlite_database)
    for number in range(BATCH + 5):
        bench.admit(scored(0.95), text=f"room {number}")
    done: list[int] = []
    await rescorer(bench, engine).run(LEA, progress=done.append)
    assert done == [BATCH, BATCH + 5]
