"""The comparison of ledger and database, on which the promise of exactly once rests."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import text

from benchmarks.queue.agreement import disagreements
from benchmarks.queue.ledger import Entry, Ledger, Operation
from serving.database import Database
from tests.serving.review.bench import ADA, PLATFORM, REMOVE, Bench

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def ledger(database: Database) -> Ledger:
    """One post, handed in, claimed, decided, undone and decided again, and what was answered."""
    bench, ledger = Bench(database), Ledger()
    item_id = bench.admit(post_id="post-1").item_id
    claimed = bench.queue.claim(ADA, item_id)
    first = bench.queue.decide(ADA, item_id, claimed.version, replace(REMOVE, note="one"))
    undone = bench.queue.undo(ADA, item_id)
    second = bench.queue.decide(ADA, item_id, undone.version, replace(REMOVE, note="two"))
    ledger.add(Entry(Operation.SUBMIT, PLATFORM.id, True, item_id, token="post-1"))
    ledger.add(Entry(Operation.CLAIM, ADA.id, True, item_id, claimed.version))
    ledger.add(Entry(Operation.DECIDE, ADA.id, True, item_id, first.version, "one"))
    ledger.add(Entry(Operation.UNDO, ADA.id, True, item_id, undone.version))
    ledger.add(Entry(Operation.DECIDE, ADA.id, True, item_id, second.version, "two"))
    return ledger


def without(ledger: Ledger, operation: Operation) -> Ledger:
    kept = Ledger()
    for other in Operation:
        for entry in ledger.answered(other):
            if other is not operation:
                kept.add(entry)
    return kept


def test_books_that_agree_have_nothing_to_say(ledger: Ledger, database: Database) -> None:
    assert disagreements(ledger, database) == ()


@pytest.mark.parametrize("operation", Operation)
def test_what_nobody_asked_for_is_seen(
    ledger: Ledger, database: Database, operation: Operation
) -> None:
    assert disagreements(without(ledger, operation), database)


@pytest.mark.parametrize("operation", Operation)
def test_what_was_asked_for_and_perhaps_done_is_no_disagreement(
    ledger: Ledger, database: Database, operation: Operation
) -> None:
    unsure = without(ledger, operation)
    for entry in ledger.answered(operation):
        unsure.add(replace(entry, answered=False, item_id=None, version=None))
    assert disagreements(unsure, database) == ()


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM post_texts",
        "DELETE FROM notes WHERE text = 'two'",
        "DELETE FROM events WHERE kind = 'received'",
        "DELETE FROM events WHERE kind = 'claimed'",
        "DELETE FROM events WHERE kind = 'decided'",
        "DELETE FROM events WHERE kind = 'undone'",
        "UPDATE events SET actor = 'user:other' WHERE kind = 'decided'",
        "UPDATE events SET actor = 'user:other' WHERE kind = 'claimed'",
        "UPDATE events SET item_version = 99 WHERE kind = 'claimed'",
        "UPDATE notes SET text = 'one'",
        "UPDATE items SET state = 'open'",
    ],
)
def test_what_was_answered_and_is_not_there_is_seen(
    ledger: Ledger, database: Database, damage: str
) -> None:
    with database.write() as session:
        session.execute(text(damage))
    assert disagreements(ledger, database)


def test_an_item_that_two_were_given_is_seen(ledger: Ledger, database: Database) -> None:
    (claim,) = ledger.answered(Operation.CLAIM)
    ledger.add(claim)
    assert any("given out 2 times" in found for found in disagreements(ledger, database))
