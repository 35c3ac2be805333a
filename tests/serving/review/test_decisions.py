from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from classifier.labels import Facet, Label
from serving.actors import Actor
from serving.database import Database
from serving.errors import ConflictError, ForbiddenError, InvalidRequestError
from serving.policy import Role
from serving.review.decisions import check
from serving.review.ranking import Slot
from serving.review.reasons import REASONS
from serving.review.records import Decided, ItemView, Judgement, QueuedFor, Source, State
from tests.serving.postgres import wait_for_blocked
from tests.serving.review.bench import (
    ADA,
    BOB,
    CLEARED,
    KEEP,
    LEA,
    PLATFORM,
    REMOVE,
    Bench,
    scored,
)


def claimed(bench: Bench, actor: Actor = ADA) -> ItemView:
    view = bench.queue.claim_next(actor)
    assert view is not None
    return view


def test_a_decision_stands_with_all_it_says(database: Database) -> None:
    bench = Bench(database, undo_seconds=10)
    item = bench.admit().item_id
    judgement = replace(REMOVE, note="Seen before.\x00")
    decided = bench.queue.decide(ADA, item, claimed(bench).version, judgement)
    assert decided.outcome is not None
    assert (decided.state, decided.lease) == (State.DECIDED, None)
    assert decided.outcome.actor == ADA.id
    assert decided.outcome.final_at - decided.outcome.at == timedelta(seconds=10)
    assert decided.outcome.judgement == replace(
        REMOVE, note="Seen before.\N{REPLACEMENT CHARACTER}"
    )
    assert bench.queue.view(BOB, item).outcome == decided.outcome
    assert bench.queue.claim_next(BOB) is None


def test_a_label_that_cannot_be_told_stays_unknown(database: Database) -> None:
    bench = Bench(database)
    item = bench.admit().item_id
    unsure = Judgement({Label.FAKE_JOB: False}, Decided.NONE, "cannot_tell")
    bench.queue.decide(ADA, item, claimed(bench).version, unsure)
    row = bench.row(item)
    assert (row.judged_smuggling_service, row.judged_fake_job) == (None, False)


def test_nothing_is_decided_without_the_lease(database: Database) -> None:
    bench = Bench(database, lease_seconds=60)
    item = bench.admit().item_id
    version = bench.row(item).version
    with pytest.raises(ConflictError, match="Claim it first"):
        bench.queue.decide(ADA, item, version, KEEP)
    view = claimed(bench)
    with pytest.raises(ConflictError, match="someone else"):
        bench.queue.decide(BOB, item, view.version, KEEP)
    bench.clock.turn(seconds=60)
    with pytest.raises(ConflictError, match="ran out"):
        bench.queue.decide(ADA, item, view.version, KEEP)
    assert bench.row(item).state == State.OPEN


def test_a_lost_lease_says_who_decided_meanwhile(database: Database) -> None:
    bench = Bench(database, lease_seconds=60)
    item = bench.admit().item_id
    lost = claimed(bench)
    bench.clock.turn(seconds=61)
    bench.queue.decide(BOB, item, claimed(bench, BOB).version, KEEP)
    with pytest.raises(ConflictError, match="has been decided") as error:
        bench.queue.decide(ADA, item, lost.version, REMOVE)
    happened = error.value.happened
    assert happened is not None
    assert (happened.kind, happened.actor, happened.at) == ("decided", BOB.id, bench.clock.now)


def test_a_text_that_changed_meanwhile_is_not_decided_on(database: Database) -> None:
    bench = Bench(database)
    item = bench.admit(post_id="p").item_id
    view = claimed(bench)
    bench.admit(post_id="p", text="Now it says something else")
    bench.queue.claim(ADA, item)
    with pytest.raises(ConflictError, match="version") as error:
        bench.queue.decide(ADA, item, view.version, KEEP)
    assert error.value.happened is not None
    assert error.value.happened.version > view.version


def test_a_notice_meanwhile_is_no_conflict_but_a_version_to_come_is(database: Database) -> None:
    bench = Bench(database)
    item = bench.admit(post_id="p").item_id
    view = claimed(bench)
    with pytest.raises(ConflictError):
        bench.queue.decide(ADA, item, view.version + 1, KEEP)
    bench.notice("p", Source.TRUSTED_FLAGGER, "Please look at this")
    assert bench.row(item).version == view.version + 1
    assert bench.queue.decide(ADA, item, view.version, KEEP).state is State.DECIDED


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"labels": dict.fromkeys(Label, False)}, "/action"),
        ({"labels": {}, "reason": "cannot_tell"}, "/action"),
        ({"reason": "because"}, "/reason"),
        ({"reason": "real_vacancy"}, "/reason"),
        ({"reason": "fee_before_work"}, "/reason"),
        ({"facets": {Facet.TRANSPORT: True, Facet.BAIT: True}}, "/facets/bait"),
    ],
)
def test_a_judgement_that_contradicts_itself_is_refused(
    change: Mapping[str, Any], pointer: str
) -> None:
    with pytest.raises(InvalidRequestError) as error:
        check(replace(REMOVE, **change))
    assert pointer in {field.pointer for field in error.value.fields}


def test_a_refused_judgement_changes_nothing(database: Database) -> None:
    bench = Bench(database)
    item = bench.admit().item_id
    view = claimed(bench)
    with pytest.raises(InvalidRequestError):
        bench.queue.decide(ADA, item, view.version, replace(KEEP, action=Decided.REMOVE))
    assert bench.queue.decide(ADA, item, view.version, KEEP).state is State.DECIDED


def test_every_reason_fits_its_column_and_reads_as_a_sentence() -> None:
    for code, reason in REASONS.items():
        assert len(code) <= 40
        assert reason.words[0].isupper()


def test_a_decision_can_be_undone_until_it_is_final(database: Database) -> None:
    bench = Bench(database, undo_seconds=10)
    item = bench.admit().item_id
    bench.queue.decide(ADA, item, claimed(bench).version, REMOVE)
    bench.clock.turn(seconds=9)
    undone = bench.queue.undo(ADA, item)
    assert undone.lease is not None
    assert (undone.state, undone.outcome, undone.lease.owner) == (State.OPEN, None, ADA.id)
    bench.queue.decide(ADA, item, undone.version, KEEP)
    bench.clock.turn(seconds=10)
    with pytest.raises(ConflictError, match="final") as error:
        bench.queue.undo(ADA, item)
    assert error.value.happened is not None
    assert error.value.happened.kind == "decided"


def test_a_decision_is_undone_by_who_made_it(database: Database) -> None:
    bench = Bench(database)
    item = bench.admit().item_id
    with pytest.raises(ConflictError, match="no decision"):
        bench.queue.undo(ADA, item)
    bench.queue.decide(ADA, item, claimed(bench).version, REMOVE)
    with pytest.raises(ConflictError, match="someone else"):
        bench.queue.undo(BOB, item)


def test_what_a_lead_undoes_goes_back_to_the_leads(database: Database) -> None:
    bench = Bench(database)
    item = bench.admit().item_id
    bench.queue.escalate(ADA, item, claimed(bench).version)
    view = bench.queue.claim(LEA, item)
    with pytest.raises(ForbiddenError):
        bench.queue.decide(replace(LEA, role=Role.MODERATOR), item, view.version, KEEP)
    with pytest.raises(ConflictError, match="already"):
        bench.queue.escalate(LEA, item, view.version)
    bench.queue.decide(LEA, item, view.version, KEEP)
    assert bench.queue.undo(LEA, item).state is State.ESCALATED


def test_who_lost_an_item_to_the_leads_is_told_what_happened(database: Database) -> None:
    bench = Bench(database, lease_seconds=60)
    item = bench.admit().item_id
    lost = claimed(bench)
    bench.clock.turn(seconds=61)
    bench.queue.escalate(BOB, item, claimed(bench, BOB).version)
    acts: tuple[Callable[[], object], ...] = (
        lambda: bench.queue.decide(ADA, item, lost.version, KEEP),
        lambda: bench.queue.escalate(ADA, item, lost.version),
        lambda: bench.queue.undo(ADA, item),
    )
    for act in acts:
        with pytest.raises(ConflictError) as error:
            act()
        assert error.value.happened is not None
        assert (error.value.happened.kind, error.value.happened.actor) == ("escalated", BOB.id)


def test_what_is_escalated_comes_to_a_lead_who_skipped_it_before(database: Database) -> None:
    bench = Bench(database)
    item = bench.admit().item_id
    bench.queue.claim(LEA, item)
    bench.queue.skip(LEA, item)
    bench.queue.escalate(ADA, item, claimed(bench).version)
    view = bench.queue.claim_next(LEA, slot=Slot.ESCALATED)
    assert view is not None
    assert view.id == item


def test_nothing_leaves_the_house_before_a_decision_is_final(database: Database) -> None:
    bench = Bench(database, undo_seconds=10)
    item = bench.admit().item_id
    bench.queue.decide(ADA, item, claimed(bench).version, REMOVE)
    early = bench.queue.view(PLATFORM, item)
    assert (early.state, early.outcome) == (State.OPEN, None)
    assert "decided" not in {entry.kind for entry in bench.queue.history(PLATFORM, item)}
    bench.clock.turn(seconds=10)
    late = bench.queue.view(PLATFORM, item)
    assert late.outcome is not None
    assert (late.outcome.actor, late.outcome.judgement.action) == ("moderator", Decided.REMOVE)
    assert ADA.id not in {entry.actor for entry in bench.queue.history(PLATFORM, item)}


def test_until_a_decision_is_final_a_platform_sees_what_stood_before(database: Database) -> None:
    bench = Bench(database, undo_seconds=10)
    item = bench.admit().item_id
    bench.queue.escalate(ADA, item, claimed(bench).version)
    bench.queue.decide(LEA, item, bench.queue.claim(LEA, item).version, KEEP)
    early = bench.queue.view(PLATFORM, item)
    assert (early.state, early.outcome) == (State.ESCALATED, None)


@contextlib.contextmanager
def log_held(bench: Bench, item_id: str) -> Iterator[None]:
    """Another transaction writes to the log just where an event of the item would go."""
    with bench.database.write() as session:
        bench.audit.lock(session, item_id)
        yield


def test_an_undo_that_waited_until_the_decision_was_final_is_none(
    postgres_database: Database,
) -> None:
    bench = Bench(postgres_database, undo_seconds=10)
    item = bench.admit().item_id
    bench.queue.decide(ADA, item, claimed(bench).version, REMOVE)
    with ThreadPoolExecutor(1) as pool, log_held(bench, item):
        undo = pool.submit(bench.queue.undo, ADA, item)
        wait_for_blocked(bench.database)
        bench.clock.turn(seconds=10)
        assert bench.queue.view(PLATFORM, item).outcome is not None
    with pytest.raises(ConflictError, match="final"):
        undo.result()
    assert bench.kinds(item)[-1] == "decided"


def test_waiting_for_the_log_takes_nothing_off_the_time_to_undo(
    postgres_database: Database,
) -> None:
    bench = Bench(postgres_database, undo_seconds=10)
    item = bench.admit().item_id
    version = claimed(bench).version
    with ThreadPoolExecutor(1) as pool, log_held(bench, item):
        decided = pool.submit(bench.queue.decide, ADA, item, version, KEEP)
        wait_for_blocked(bench.database)
        bench.clock.turn(seconds=9)
    outcome = decided.result().outcome
    assert outcome is not None
    assert outcome.final_at == bench.clock.now + timedelta(seconds=10)


def test_a_notice_does_not_reopen_what_a_person_decided(database: Database) -> None:
    bench = Bench(database)
    item = bench.admit(post_id="p").item_id
    bench.queue.decide(ADA, item, claimed(bench).version, KEEP)
    bench.notice("p", Source.TRUSTED_FLAGGER)
    assert bench.row(item).state == State.DECIDED
    assert bench.kinds(item)[-1] == "notice"


def test_a_notice_queues_what_the_model_cleared(database: Database) -> None:
    bench = Bench(database)
    item = bench.admit(CLEARED, post_id="p").item_id
    assert bench.queue.claim_next(ADA) is None
    bench.clock.turn(days=90)
    answer = bench.notice("p", Source.USER_NOTICE, "This is an advert")
    assert answer.queued_for is QueuedFor.NOTICE
    view = claimed(bench)
    assert (view.id, view.queued_at) == (item, bench.clock.now)
    assert [entry.note for entry in bench.queue.history(ADA, item) if entry.note] == [
        "This is an advert"
    ]


def test_a_new_text_opens_what_was_decided_and_ends_the_lease(database: Database) -> None:
    bench = Bench(database)
    item = bench.admit(post_id="p").item_id
    bench.queue.decide(ADA, item, claimed(bench).version, KEEP)
    bench.admit(scored(0.9), post_id="p", text="Now with prices")
    again = claimed(bench, BOB)
    assert (again.id, again.text_version, again.text) == (item, 2, "Now with prices")
    bench.admit(CLEARED, post_id="p", text="Nothing to see here")
    row = bench.row(item)
    assert (row.state, row.lease_owner, row.text_version) == (State.CLEARED, None, 3)
    assert "Nothing to see" not in str(bench.events(item))


def test_an_edit_does_not_send_a_waiting_item_back_to_the_end(database: Database) -> None:
    bench = Bench(database)
    item = bench.admit(post_id="p").item_id
    before = bench.row(item)
    bench.clock.turn(days=5)
    bench.admit(post_id="p", text="Another text")
    after = bench.row(item)
    assert after.text_version == 2
    assert (after.queued_at, after.rank_age) == (before.queued_at, before.rank_age)


def test_what_was_reported_or_escalated_outlasts_an_edit(database: Database) -> None:
    bench = Bench(database)
    reported = bench.admit(CLEARED, post_id="r").item_id
    bench.notice("r")
    escalated = bench.admit(post_id="e").item_id
    bench.queue.escalate(ADA, escalated, bench.queue.claim(ADA, escalated).version)
    for post_id in ("r", "e"):
        bench.admit(CLEARED, post_id=post_id, text="Nothing to see here")
    assert bench.row(reported).state == State.OPEN
    assert bench.row(escalated).state == State.ESCALATED
    assert bench.row(escalated).sampling_probability == 1.0


def test_of_many_decisions_at_once_one_stands(database: Database) -> None:
    bench = Bench(database)
    item = bench.admit().item_id
    view = claimed(bench)
    barrier = threading.Barrier(8)

    def attempt(number: int) -> bool:
        barrier.wait()
        try:
            bench.queue.decide(ADA, item, view.version, REMOVE if number % 2 else KEEP)
        except ConflictError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(8))) == 1
    assert bench.kinds(item).count("decided") == 1


def test_a_person_who_looks_is_logged_and_nothing_changes(database: Database) -> None:
    bench = Bench(database)
    item = bench.admit().item_id
    version = bench.queue.view(ADA, item).version
    view = bench.queue.claim(BOB, item)
    assert view.version == version + 1
    bench.queue.view(BOB, item)
    bench.queue.view(PLATFORM, item)
    assert bench.kinds(item) == ["received", "queued", "viewed", "claimed"]
