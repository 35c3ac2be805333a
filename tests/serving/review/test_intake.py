from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from classifier.errors import EmptyTextError
from classifier.records import MAX_TEXT_CHARACTERS, Rejection
from serving.actors import Actor
from serving.database import Database
from serving.errors import ForbiddenError, NotFoundError
from serving.metrics import Metrics
from serving.policy import Role
from serving.review.arrivals import arrival_of, language_tag
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
from tests.serving.review.bench import ADA, PLATFORM, SECRET, Bench

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
    assert await door.submit(PLATFORM, submission(reach=5, author="x")) == first
    assert (door.scored, bench.kinds(first.item_id)) == before
    changed = await door.submit(PLATFORM, submission(TEXTS[1]))
    assert (changed.item_id, changed.text_version) == (first.item_id, 2)
    assert door.scored == before[0] + 1


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
