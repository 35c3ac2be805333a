from __future__ import annotations

import asyncio
import itertools
import threading
from concurrent.futures import Future
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import event, select

from classifier.classifier import Classifier
from classifier.errors import EmptyTextError
from classifier.labels import Route
from classifier.records import MAX_TEXT_CHARACTERS, Rejection, Score
from serving.actors import Actor
from serving.database import Database
from serving.errors import ForbiddenError, NotFoundError
from serving.metrics import Metrics
from serving.policy import Role
from serving.review.arrivals import arrival_of, language_of, language_tag, post_marks
from serving.review.intake import IntakeService
from serving.review.models import PostText, ScoreRow
from serving.review.records import (
    Accepted,
    Filters,
    Notice,
    PostKind,
    QueuedFor,
    Source,
    State,
    Submission,
)
from serving.scoring.engine import Engine
from serving.scoring.service import ScoringService
from serving.secret import Keyring
from tests.serving.postgres import wait_for_blocked
from tests.serving.review.bench import ADA, KEEP, PLATFORM, SECRET, Bench

pytestmark = pytest.mark.anyio

TEXTS = ("Boat Saturday, 3 seats left, pay on arrival.", "Ferry times", "room by the sea", "work")


class Door(IntakeService):
    """The intake of a bench, which tells how many texts the model was asked about."""

    def __init__(self, bench: Bench, engine: Engine) -> None:
        self.metrics = Metrics()
        scoring = ScoringService(engine, self.metrics)
        super().__init__(
            bench.database,
            bench.audit,
            bench.keyring,
            bench.settings,
            scoring,
            engine,
            bench.clock,
        )

    @property
    def scored(self) -> float:
        return sum(
            sample.value
            for family in self.metrics.registry.collect()
            for sample in family.samples
            if sample.name == "lurewatch_scored_texts_total"
        )


class Watched(Keyring):
    """A keyring that knows in which threads marks were computed."""

    def __init__(self, secrets: tuple[bytes, ...]) -> None:
        super().__init__(secrets)
        self.threads: set[int] = set()

    def marks(self, purpose: str, *parts: str) -> tuple[str, ...]:
        self.threads.add(threading.get_ident())
        return super().marks(purpose, *parts)


def text_that_is(classifier: Classifier, *routes: Route) -> str:
    """A text that the model of the tests gives one of `routes`."""
    texts = [f"a room by the sea, number {number}" for number in range(40)]
    for text, score in zip(texts, classifier.score(texts), strict=True):
        if isinstance(score, Score) and score.route in routes:
            return text
    raise AssertionError(f"no text is {routes}")


def submission(text: str = TEXTS[0], post_id: str = "p", **fields: object) -> Submission:
    return replace(Submission("example", post_id, text), **fields)  # type: ignore[arg-type]


async def test_a_post_is_stored_with_its_score_and_queued_by_its_route(
    database: Database, engine: Engine
) -> None:
    bench = Bench(database)
    door = Door(bench, engine)
    sent = submission(
        title="Seats",
        kind=PostKind.ADVERT,
        author="someone",
        url="https://example.org/1",
        created_at=datetime(2026, 8, 31, tzinfo=UTC),
        reach=1_200,
        language="sq-AL",
    )
    answers = await door.submit_many(PLATFORM, [sent, *(submission(t, t) for t in TEXTS)])
    assert all(isinstance(answer, Accepted) for answer in answers)
    for answer in answers:
        assert isinstance(answer, Accepted)
        queued = answer.score.route.value != "clear"
        assert (answer.queued_for is QueuedFor.SCORE) == queued
        assert (answer.score.evidence is not None) == queued
        view = bench.queue.view(PLATFORM, answer.item_id)
        assert view.state is (State.OPEN if queued else State.CLEARED)
        assert view.score == answer.score
    assert isinstance(answers[0], Accepted)
    view = bench.queue.view(PLATFORM, answers[0].item_id)
    assert (view.title, view.text, view.url, view.post_id) == ("Seats", TEXTS[0], sent.url, "p")
    assert (view.kind, view.reach, view.language) == (PostKind.ADVERT, 1_200, "sq")
    assert (view.posted_at, view.has_author) == (sent.created_at, True)


async def test_the_same_post_again_is_the_same_answer_without_the_model(
    database: Database, engine: Engine
) -> None:
    bench = Bench(database)
    door = Door(bench, engine)
    first = await door.submit(PLATFORM, submission())
    before = door.scored, bench.kinds(first.item_id)
    assert await door.submit(PLATFORM, submission(author="x")) == first
    assert (door.scored, bench.kinds(first.item_id)) == before
    changed = await door.submit(PLATFORM, submission(TEXTS[1]))
    assert (changed.item_id, changed.text_version) == (first.item_id, 2)
    assert door.scored == before[0] + 1


async def test_the_same_text_brought_up_by_a_flagger_is_a_notice_once(
    database: Database, engine: Engine, classifier: Classifier
) -> None:
    bench = Bench(database)
    door = Door(bench, engine)
    cleared = text_that_is(classifier, Route.CLEAR)
    first = await door.submit(PLATFORM, submission(cleared))
    assert first.queued_for is None
    flagged = submission(cleared, source=Source.TRUSTED_FLAGGER)
    answer = await door.submit(PLATFORM, flagged)
    assert (answer.item_id, answer.text_version) == (first.item_id, 1)
    assert answer.queued_for is QueuedFor.NOTICE
    assert answer.score.scores == first.score.scores
    assert answer.score.evidence is not None
    row = bench.row(first.item_id)
    assert (row.state, row.source, row.queued_at) == (
        State.OPEN,
        Source.TRUSTED_FLAGGER,
        bench.clock.now,
    )
    for again in (flagged, submission(cleared), replace(flagged, source=Source.USER_NOTICE)):
        assert await door.submit(PLATFORM, again) == answer
    assert bench.kinds(first.item_id) == ["received", "notice"]


async def test_a_notice_of_what_waits_moves_it_forward_without_the_model(
    database: Database, engine: Engine, classifier: Classifier
) -> None:
    bench = Bench(database)
    door = Door(bench, engine)
    text = text_that_is(classifier, Route.REVIEW, Route.PRIORITY)
    first = await door.submit(PLATFORM, submission(text))
    before, scored = bench.row(first.item_id), door.scored
    view = bench.queue.claim(ADA, first.item_id)
    await door.submit(PLATFORM, submission(text, source=Source.USER_NOTICE, reach=9))
    after = bench.row(first.item_id)
    assert after.rank_harm > before.rank_harm
    assert (after.source, after.reach, after.text_version) == (Source.USER_NOTICE, 9, 1)
    assert (after.queued_for, door.scored) == (QueuedFor.SCORE, scored)
    assert bench.queue.decide(ADA, first.item_id, view.version, KEEP).state is State.DECIDED


async def test_a_larger_reach_ranks_anew_and_queues_nothing(
    database: Database, engine: Engine, classifier: Classifier
) -> None:
    bench = Bench(database)
    door = Door(bench, engine)
    for route, state in ((Route.CLEAR, State.CLEARED), (Route.REVIEW, State.OPEN)):
        routes = (route,) if route is Route.CLEAR else (Route.REVIEW, Route.PRIORITY)
        sent = submission(text_that_is(classifier, *routes), route, reach=1_000)
        first = await door.submit(PLATFORM, sent)
        before, scored = bench.row(first.item_id), door.scored
        for reach in (None, 999, 1_000):
            assert await door.submit(PLATFORM, replace(sent, reach=reach)) == first
        assert bench.row(first.item_id) == before
        larger = replace(sent, reach=1_000_000)
        assert await door.submit(PLATFORM, larger) == first
        assert await door.submit(PLATFORM, larger) == first
        after = bench.row(first.item_id)
        assert (after.state, after.reach) == (state, 1_000_000)
        assert after.rank_harm > before.rank_harm
        assert bench.kinds(first.item_id)[-1] == "reach"
        assert after.version == before.version + 1
        assert door.scored == scored


async def test_what_a_person_decided_stays_decided_when_the_text_comes_again(
    database: Database, engine: Engine, classifier: Classifier
) -> None:
    bench = Bench(database)
    door = Door(bench, engine)
    text = text_that_is(classifier, Route.REVIEW, Route.PRIORITY)
    item = (await door.submit(PLATFORM, submission(text))).item_id
    bench.queue.decide(ADA, item, bench.queue.claim(ADA, item).version, KEEP)
    await door.submit(PLATFORM, submission(text, source=Source.TRUSTED_FLAGGER, reach=10**6))
    assert bench.row(item).state == State.DECIDED
    assert bench.kinds(item)[-1] == "notice"


async def test_a_text_and_a_notice_of_it_in_one_batch_are_one_item_in_the_queue(
    database: Database, engine: Engine, classifier: Classifier
) -> None:
    bench = Bench(database)
    text = text_that_is(classifier, Route.CLEAR)
    posts = [submission(text), submission(text, source=Source.USER_NOTICE)]
    one, two = await Door(bench, engine).submit_many(PLATFORM, posts)
    assert isinstance(one, Accepted)
    assert isinstance(two, Accepted)
    assert (one.item_id, one.queued_for) == (two.item_id, None)
    assert (two.queued_for, two.text_version) == (QueuedFor.NOTICE, 1)
    assert two.score.evidence is not None


async def test_marks_are_not_computed_on_the_event_loop(
    sqlite_database: Database, engine: Engine
) -> None:
    bench = Bench(sqlite_database)
    keyring = bench.keyring = Watched((SECRET.encode(),))
    await Door(bench, engine).submit_many(PLATFORM, [submission(t, t) for t in TEXTS])
    assert keyring.threads
    assert threading.get_ident() not in keyring.threads


async def test_the_same_post_from_many_at_once_is_one_item(
    database: Database, engine: Engine
) -> None:
    bench = Bench(database)
    door = Door(bench, engine)
    answers = await asyncio.gather(*(door.submit(PLATFORM, submission()) for _ in range(8)))
    assert all(answer == answers[0] for answer in answers)
    assert bench.item_ids() == [answers[0].item_id]
    assert bench.kinds(answers[0].item_id).count("received") == 1


async def test_batches_that_overlap_crosswise_do_not_wait_for_each_other(
    database: Database, engine: Engine
) -> None:
    bench = Bench(database)
    door = Door(bench, engine)
    batch = [submission(TEXTS[n % 4], f"{n}") for n in range(12)]
    both = await asyncio.gather(
        door.submit_many(PLATFORM, batch), door.submit_many(PLATFORM, batch[::-1])
    )
    assert both[0] == both[1][::-1]
    assert len(bench.item_ids()) == 12


async def test_a_post_that_another_batch_made_and_holds_is_not_waited_for_crosswise(
    postgres_database: Database, engine: Engine
) -> None:
    """A batch has made its first post when its second one is made elsewhere, and edited by a batch
    that is about to make the first.
    """
    elsewhere = Database(postgres_database.url.render_as_string(hide_password=False))
    bench, other = Bench(postgres_database), Bench(elsewhere)
    names = sorted("ab", key=lambda name: post_marks(bench.keyring, "example", name)[0])
    loop, door, edits = asyncio.get_running_loop(), Door(bench, engine), Door(other, engine)
    edited: list[Future[list[Accepted | Rejection]]] = []

    @event.listens_for(bench.database.engine, "before_cursor_execute")
    def meanwhile(_: object, __: object, statement: str, *___: object) -> None:
        makes_a_post = statement.startswith("INSERT INTO items")
        if makes_a_post and next(made) == 1:
            other.admit(post_id=names[1], text="made elsewhere")
            posts = [submission("edited", name) for name in names]
            edited.append(
                asyncio.run_coroutine_threadsafe(edits.submit_many(PLATFORM, posts), loop)
            )
            wait_for_blocked(other.database)

    made = itertools.count()
    answers = await door.submit_many(PLATFORM, [submission("made here", name) for name in names])
    for found in (answers, await asyncio.wrap_future(edited[0])):
        assert all(isinstance(answer, Accepted) for answer in found)
    assert len(bench.item_ids()) == 2
    elsewhere.dispose()


async def test_a_post_twice_in_a_batch_is_one_item_with_the_last_text(
    database: Database, engine: Engine
) -> None:
    door = Door(Bench(database), engine)
    one, two, again = await door.submit_many(
        PLATFORM, [submission(), submission(TEXTS[1]), submission(TEXTS[1])]
    )
    assert isinstance(one, Accepted)
    assert isinstance(two, Accepted)
    assert one.item_id == two.item_id
    assert (one.text_version, two.text_version, again) == (1, 2, two)


async def test_what_cannot_be_scored_is_refused_in_its_place(
    database: Database, engine: Engine
) -> None:
    bench = Bench(database)
    door = Door(bench, engine)
    long = submission("x" * (MAX_TEXT_CHARACTERS + 1), "long")
    answers = await door.submit_many(
        PLATFORM, [submission(), submission(" ", "blank"), long, submission("ok", "ok")]
    )
    rejected = [(a.id, a.line, a.error.code) for a in answers if isinstance(a, Rejection)]
    assert rejected == [("blank", 2, "empty_text"), ("long", 3, "text_too_long")]
    assert len(bench.item_ids()) == 2
    with pytest.raises(EmptyTextError):
        await door.submit(PLATFORM, submission("\n"))


async def test_a_platform_hands_in_its_own_posts_alone(database: Database, engine: Engine) -> None:
    door = Door(Bench(database), engine)
    other = Actor("key:b", Role.PLATFORM, platform="other")
    with pytest.raises(ForbiddenError):
        await door.submit(other, submission())
    with pytest.raises(ForbiddenError):
        await door.notice(other, Notice("example", "p", Source.USER_NOTICE))
    mine = await door.submit(PLATFORM, submission())
    theirs = await door.submit(other, submission(platform="other"))
    assert mine.item_id != theirs.item_id


async def test_a_notice_queues_any_post_with_its_explanation(
    database: Database, engine: Engine
) -> None:
    bench = Bench(database)
    door = Door(bench, engine)
    known = await door.submit_many(PLATFORM, [submission(t, t) for t in TEXTS])
    with pytest.raises(NotFoundError, match="Send the post"):
        await door.notice(PLATFORM, Notice("example", "new", Source.USER_NOTICE))
    notices = [Notice("example", text, Source.USER_NOTICE, "an advert") for text in TEXTS]
    post = submission("Another text", "new")
    notices.append(Notice("example", "new", Source.TRUSTED_FLAGGER, post=post))
    for place, notice in enumerate(notices):
        answer = await door.notice(PLATFORM, notice)
        assert answer.queued_for is not None
        assert answer.score.evidence is not None
        if place < len(known):
            before = known[place]
            assert isinstance(before, Accepted)
            assert answer.score.scores == before.score.scores
    assert len(bench.queue.listing(ADA, Filters()).items) == len(notices)
    first = bench.queue.listing(ADA).items[0]
    assert (first.post_id, first.source) == ("new", Source.TRUSTED_FLAGGER)


async def test_a_share_of_what_is_cleared_is_drawn_with_its_probability(
    database: Database, engine: Engine
) -> None:
    bench = Bench(database, share=0.25)
    door = Door(bench, engine)
    posts = [submission(f"a room by the sea, number {n}", f"{n}") for n in range(120)]
    answers = [a for a in await door.submit_many(PLATFORM, posts) if isinstance(a, Accepted)]
    cleared = [a for a in answers if a.score.route.value == "clear"]
    drawn = [a for a in cleared if a.queued_for is QueuedFor.SAMPLE]
    assert 0 < len(drawn) < len(cleared)
    for answer in answers:
        expected = 0.25 if answer in cleared else 1.0
        assert bench.row(answer.item_id).sampling_probability == expected


def test_chance_is_uniform_and_falls_the_same_way_twice() -> None:
    keyring = Keyring((b"x" * 32,))
    draws = [arrival_of(submission("t", f"{n}"), keyring).draw for n in range(2_000)]
    assert all(0 <= draw < 1 for draw in draws)
    assert abs(sum(draw < 0.2 for draw in draws) / len(draws) - 0.2) < 0.04
    assert arrival_of(submission("t", "7"), keyring).draw == draws[7]


async def test_no_database_holds_what_it_cannot_store(database: Database, engine: Engine) -> None:
    bench = Bench(database)
    door = Door(bench, engine)
    nasty = submission("a\x00b\ud800c", "i\x00d", title="\udfff", author="\x00", url="u\x00")
    answer = await door.submit(PLATFORM, nasty)
    assert await door.submit(PLATFORM, nasty) == answer
    view = bench.queue.view(PLATFORM, answer.item_id)
    assert (view.text, view.title, view.post_id) == ("a\ufffdb\ufffdc", "\ufffd", "i\ufffdd")


async def test_what_identifies_a_post_stands_where_it_can_be_erased(
    database: Database, engine: Engine
) -> None:
    bench = Bench(database)
    sent = submission("MARKER", "MARKER", title="MARKER", author="MARKER", url="MARKER")
    answer = await Door(bench, engine).submit(PLATFORM, sent)
    with database.read() as session:
        stored = [*session.scalars(select(ScoreRow.record)), str(bench.row(answer.item_id))]
        assert session.scalars(select(PostText.text)).one() == "MARKER"
    assert not any("MARKER" in what for what in (*stored, str(bench.events(answer.item_id))))


async def test_a_new_secret_finds_the_posts_of_the_old_one(
    database: Database, engine: Engine
) -> None:
    bench = Bench(database)
    answer = await Door(bench, engine).submit(PLATFORM, submission())
    bench.keyring = Keyring((b"a newer secret, also of 32 bytes", SECRET.encode()))
    assert await Door(bench, engine).submit(PLATFORM, submission()) == answer


@pytest.mark.parametrize(
    ("sent", "tag"),
    [
        ("EN-us", "en"),
        ("sr-Cyrl-RS", "sr-Cyrl"),
        ("hi_latn", "hi-Latn"),
        ("ckb", "ckb"),
        ("zh-yue-Hant", "zh-Hant"),
        ("", None),
        (None, None),
        ("english", None),
        ("e\x00", None),
    ],
)
def test_language_tags_are_cut_to_language_and_script(sent: str | None, tag: str | None) -> None:
    assert language_tag(sent) == tag


@pytest.mark.parametrize(
    ("sent", "filed_under"),
    [
        ("zh-Hans", "zh"),
        ("en-Latn-GB", "en"),
        ("hi-Latn", "hi-Latn"),
        ("hi-Deva", "hi"),
        ("ckb-Arab", "ckb"),
        ("", None),
    ],
)
def test_a_script_stays_where_the_model_tells_the_language_apart_by_it(
    sent: str, filed_under: str | None
) -> None:
    assert language_of(sent, {"en", "hi", "hi-Latn", "zh"}) == filed_under


def test_who_reads_a_language_gets_what_is_tagged_with_its_script(database: Database) -> None:
    bench = Bench(database)
    item = bench.admit(language="zh-Hans").item_id
    view = bench.queue.claim_next(replace(ADA, languages=frozenset({"zh"})))
    assert view is not None
    assert (view.id, view.language) == (item, "zh")
