"""The ledger against the database: nothing that was answered is missing, nothing is there twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import func, select

from benchmarks.queue.ledger import Entry, Ledger, Operation
from serving.audit.models import Event
from serving.audit.records import EventKind
from serving.database import Database
from serving.review.models import Item, Note, PostText
from serving.review.records import State

Place = tuple[str | None, int | None]
"""An item and the version that an event gave it."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What the database says: the events of each kind by place, in order, and the rest."""

    actors: Mapping[EventKind, Mapping[Place, str]]
    order: Mapping[str, tuple[EventKind, ...]]
    repeated: tuple[Place, ...]
    notes: Mapping[str, tuple[Place, ...]]
    posts: Mapping[str, tuple[str, ...]]
    states: Mapping[str, State]


def disagreements(ledger: Ledger, database: Database) -> tuple[str, ...]:
    """A sentence for each fact on which the two differ, or that breaks a rule of the queue."""
    stored = _read(database)
    return (
        *(f"{place}: more than one event has this version" for place in stored.repeated),
        *_submissions(ledger, stored),
        *_decisions(ledger, stored),
        *_placed(ledger, stored, Operation.CLAIM, EventKind.CLAIMED),
        *_placed(ledger, stored, Operation.UNDO, EventKind.UNDONE),
        *_histories(stored),
    )


def unfinished(database: Database) -> int:
    """How many items wait for a decision."""
    with database.read() as session:
        waiting = select(func.count()).where(Item.state != State.DECIDED.value)
        return session.scalars(waiting).one()


def _read(database: Database) -> Stored:
    kinds = (EventKind.RECEIVED, EventKind.CLAIMED, EventKind.DECIDED, EventKind.UNDONE)
    actors: dict[EventKind, dict[Place, str]] = {kind: {} for kind in kinds}
    order: dict[str, list[EventKind]] = {}
    repeated: list[Place] = []
    notes: dict[str, list[Place]] = {}
    posts: dict[str, list[str]] = {}
    with database.read() as session:
        events = session.execute(
            select(Event.kind, Event.actor, Event.item_id, Event.item_version)
            .where(Event.kind.in_(kinds), Event.item_id.is_not(None))
            .order_by(Event.lane, Event.position)
        )
        for name, actor, item_id, version in events:
            kind, place = EventKind(name), (item_id, version)
            if place in actors[kind]:
                repeated.append(place)
            actors[kind][place] = actor
            order.setdefault(str(item_id), []).append(kind)
        for item_id, version, text in session.execute(
            select(Note.item_id, Note.version, Note.text)
        ):
            notes.setdefault(text, []).append((item_id, version))
        for item_id, post_id in session.execute(select(PostText.item_id, PostText.post_id)):
            posts.setdefault(post_id, []).append(item_id)
        states = {row.id: State(row.state) for row in session.execute(select(Item.id, Item.state))}
    return Stored(
        actors,
        {item_id: tuple(kinds) for item_id, kinds in order.items()},
        tuple(repeated),
        {text: tuple(places) for text, places in notes.items()},
        {post_id: tuple(items) for post_id, items in posts.items()},
        states,
    )


def _submissions(ledger: Ledger, stored: Stored) -> Iterator[str]:
    asked = {entry.token for entry in ledger.lost(Operation.SUBMIT)}
    for entry in ledger.answered(Operation.SUBMIT):
        asked.add(entry.token)
        if stored.posts.get(entry.token or "") != (entry.item_id,):
            yield (
                f"post {entry.token} was accepted as {entry.item_id}; "
                f"the database has it as {stored.posts.get(entry.token or '', ())}"
            )
    for post_id, items in stored.posts.items():
        if len(items) > 1:
            yield f"post {post_id} is there {len(items)} times: {items}"
        if post_id not in asked:
            yield f"post {post_id} was never handed in"
    for item_id in stored.states:
        received = stored.order.get(item_id, ()).count(EventKind.RECEIVED)
        if received != 1:
            yield f"item {item_id} was received {received} times"


def _decisions(ledger: Ledger, stored: Stored) -> Iterator[str]:
    decided = stored.actors[EventKind.DECIDED]
    possible = {entry.token: entry for entry in ledger.lost(Operation.DECIDE)}
    for entry in ledger.answered(Operation.DECIDE):
        possible[entry.token] = entry
        places = stored.notes.get(entry.token or "", ())
        if not any(decided.get(place) == entry.actor for place in places):
            yield f"decision {entry.token} of {entry.actor} on {entry.item_id} is lost"
    asked = Counter[Place]()
    for token, places in stored.notes.items():
        if len(places) > 1:
            yield f"decision {token} was carried out {len(places)} times: {places}"
        if token in possible:
            asked.update(places)
    for place, actor in decided.items():
        if asked[place] != 1:
            yield f"the decision of {actor} at {place} was asked for {asked[place]} times"


def _placed(ledger: Ledger, stored: Stored, operation: Operation, kind: EventKind) -> Iterator[str]:
    """Answers that name the event's own item and version; lost ones can be counted only."""
    there = stored.actors[kind]
    answers = list(ledger.answered(operation))
    yield from _twice(answers)
    for entry in answers:
        if there.get((entry.item_id, entry.version)) != entry.actor:
            yield (
                f"{operation} of {entry.item_id} at version {entry.version} by {entry.actor} "
                f"is lost"
            )
    spare = Counter(there.values())
    spare.subtract(entry.actor for entry in answers)
    spare.subtract(entry.actor for entry in ledger.lost(operation))
    for actor, more in spare.items():
        if more > 0:
            yield f"{actor} asked for {more} fewer of {operation} than there are"


def _twice(entries: Iterable[Entry]) -> Iterator[str]:
    for (item_id, version), times in Counter((e.item_id, e.version) for e in entries).items():
        if times > 1:
            yield f"item {item_id} at version {version} was given out {times} times"


def _histories(stored: Stored) -> Iterator[str]:
    """A decision follows a claim or an undo, never a decision; the state says what stands."""
    for item_id, kinds in stored.order.items():
        standing = False
        for kind in kinds:
            if kind is EventKind.DECIDED:
                if standing:
                    yield f"item {item_id} was decided again while a decision stood"
                standing = True
            elif kind is EventKind.UNDONE:
                standing = False
        if standing != (stored.states.get(item_id) is State.DECIDED):
            yield f"item {item_id} is {stored.states.get(item_id)}, its events say otherwise"
