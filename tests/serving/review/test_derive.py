"""An item's row is what follows from its events, whatever happens to it in whatever order."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable
from dataclasses import replace

import pytest

from classifier.records import Post, Score
from serving.actors import SYSTEM, Actor
from serving.audit.records import Draft, EventKind
from serving.database import Database
from serving.errors import ConflictError, ForbiddenError, NotFoundError
from serving.review import repository
from serving.review.changes import Change, changing
from serving.review.derive import after, fold
from serving.review.ranking import Slot
from serving.review.records import Source, State
from serving.review.rescore import StoredText, put_scores
from serving.review.rescore_report import Tally
from tests.serving.review.bench import (
    ADA,
    BOB,
    CLEARED,
    KEEP,
    LEA,
    REMOVE,
    START,
    Bench,
    differences,
    scored,
)

STEPS = 250
KINDS_OF_ITEMS = {
    EventKind.RECEIVED,
    EventKind.QUEUED,
    EventKind.NOTICE,
    EventKind.REACH,
    EventKind.CLAIMED,
    EventKind.RELEASED,
    EventKind.SKIPPED,
    EventKind.DECIDED,
    EventKind.UNDONE,
    EventKind.ESCALATED,
    EventKind.RESCORED,
    EventKind.NEW_TEXT,
    EventKind.ERASED,
}


class Life:
    """Two posts, three people, and everything that can happen; what may not be is refused."""

    def __init__(self, bench: Bench, seed: int) -> None:
        self.bench = bench
        self.random = random.Random(seed)
        self.ids = [bench.admit(scored(0.8), post_id=str(number)).item_id for number in range(2)]
        self.models = self.reach = 0
        self.moves: dict[Callable[[int, Actor], object], float] = {
            self.submit: 2,
            self.notice: 1,
            self.spread: 1,
            self.claim_next: 4,
            self.claim: 6,
            self.heartbeat: 1,
            self.release: 2,
            self.skip: 1,
            self.decide: 6,
            self.undo: 4,
            self.escalate: 3,
            self.rescore: 2,
            self.erase: 0.5,
            self.wait: 3,
        }

    def step(self) -> str:
        """Try one move, and return the id of an item that it may have changed."""
        place = self.random.randrange(2)
        (move,) = self.random.choices(list(self.moves), list(self.moves.values()))
        with contextlib.suppress(ConflictError, ForbiddenError, NotFoundError):
            move(place, self._actor(self.ids[place]))
        return self.ids[place]

    def _actor(self, item_id: str) -> Actor:
        """Mostly who has to do with the item: chance alone would seldom hit on him."""
        row = self.bench.row(item_id)
        involved = [who for who in (ADA, BOB, LEA) if who.id in (row.lease_owner, row.decided_by)]
        at_random = not involved or self.random.random() < 0.3
        return self.random.choice((ADA, BOB, LEA)) if at_random else involved[0]

    def _score(self) -> Score:
        return self.random.choice((scored(0.95), scored(0.6), CLEARED))

    def _version(self, place: int) -> int:
        return self.bench.row(self.ids[place]).version - (self.random.random() < 0.1)

    def submit(self, place: int, actor: Actor) -> None:
        text = self.random.choice(("one", "two", "three"))
        accepted = self.bench.admit(self._score(), post_id=str(place), text=text)
        assert accepted.item_id == self.ids[place]

    def notice(self, place: int, actor: Actor) -> None:
        source = self.random.choice((Source.USER_NOTICE, Source.TRUSTED_FLAGGER))
        self.bench.notice(str(place), source, "a notice")

    def spread(self, place: int, actor: Actor) -> None:
        self.reach += 1
        self.bench.admit(self._score(), post_id=str(place), text="one", reach=self.reach)

    def claim_next(self, place: int, actor: Actor) -> None:
        slot = self.random.choice((Slot.HARM, Slot.DOUBT, Slot.AGE))
        self.bench.queue.claim_next(actor, slot=slot)

    def claim(self, place: int, actor: Actor) -> None:
        self.bench.queue.claim(actor, self.ids[place])

    def heartbeat(self, place: int, actor: Actor) -> None:
        self.bench.queue.heartbeat(actor, self.ids[place])

    def release(self, place: int, actor: Actor) -> None:
        self.bench.queue.release(actor, self.ids[place])

    def skip(self, place: int, actor: Actor) -> None:
        self.bench.queue.skip(actor, self.ids[place])

    def decide(self, place: int, actor: Actor) -> None:
        judgement = self.random.choice((KEEP, REMOVE))
        self.bench.queue.decide(actor, self.ids[place], self._version(place), judgement)

    def undo(self, place: int, actor: Actor) -> None:
        self.bench.queue.undo(actor, self.ids[place])

    def escalate(self, place: int, actor: Actor) -> None:
        self.bench.queue.escalate(actor, self.ids[place], self._version(place), "please look")

    def rescore(self, place: int, actor: Actor) -> None:
        self.models += 1
        score = scored(*self._score().scores.values(), model=f"model {self.models}")
        text_version = self.bench.row(self.ids[place]).text_version
        text = StoredText(Post(self.ids[place], "any"), text_version, draw=0.5)
        with changing(self.bench.database, self.bench.audit) as changes:
            tally = Tally(score.model, score.policy, dry_run=False)
            now = self.bench.clock()
            put_scores(changes, SYSTEM, now, [(text, score)], self.bench.rules, tally)

    def erase(self, place: int, actor: Actor) -> None:
        with changing(self.bench.database, self.bench.audit) as changes:
            row = repository.lock(changes.session, self.ids[place])
            assert row is not None
            changes.apply(row, Change(EventKind.ERASED, SYSTEM, self.bench.clock()))

    def wait(self, place: int, actor: Actor) -> None:
        self.bench.clock.turn(seconds=self.random.choice((1, 9, 11, 601)))


@pytest.mark.parametrize("seed", [1, 3])
def test_the_row_is_what_its_events_say(database: Database, seed: int) -> None:
    bench = Bench(database)
    life = Life(bench, seed)
    for _ in range(STEPS):
        check(bench, life.step())
    for item_id in life.ids:
        check(bench, item_id)
    happened = {event.kind for item_id in life.ids for event in bench.events(item_id)}
    assert happened == KINDS_OF_ITEMS


def check(bench: Bench, item_id: str) -> None:
    row, events = bench.row(item_id), bench.events(item_id)
    told = fold(events)
    if row.lease_until is not None and told.lease_until is not None:
        assert row.lease_until >= told.lease_until  # a heartbeat leaves no event, and renews
        told = replace(told, lease_until=row.lease_until)
    assert differences(row, told) == {}
    versions = [event.item_version for event in events if event.item_version is not None]
    assert versions == list(range(1, row.version + 1))
    assert (row.state == State.DECIDED) == (row.decided_by is not None)
    standing = 0
    for event in events:
        standing += event.kind is EventKind.DECIDED
        standing *= event.kind not in (EventKind.UNDONE, EventKind.NEW_TEXT)
        assert standing <= 1  # a decision is never decided over


def test_an_item_begins_with_being_received() -> None:
    queued = Draft(EventKind.QUEUED, SYSTEM, START, "0" * 24, 1, {"for": "score"})
    with pytest.raises(ValueError, match="first event"):
        after(None, queued)
    with pytest.raises(ValueError, match="without events"):
        fold([])
