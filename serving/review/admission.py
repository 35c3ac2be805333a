"""Writing posts that were scored: a new item, a new text of one, or nothing at all."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from classifier.records import Score
from serving.audit.records import Draft, EventKind
from serving.review import repository
from serving.review.arrivals import Arrival, language_of
from serving.review.changes import Change, Changes
from serving.review.derive import after
from serving.review.models import Item
from serving.review.placement import (
    Rules,
    queued_for,
    rank_columns,
    sampling_probability,
    score_columns,
)
from serving.review.records import Accepted, QueuedFor, Source, State, stronger
from serving.review.score_json import as_stored, read_score
from serving.review.urgency import News, Urgency, is_larger_reach, is_notice


@dataclass(frozen=True, slots=True)
class Scored:
    """An arrival with a score of its text, explained where it was known to be queued."""

    arrival: Arrival
    score: Score


def find(items: Sequence[Item], arrival: Arrival) -> Item | None:
    """The item of `arrival` among `items`."""
    return next((item for item in items if item.post_mark in arrival.post_marks), None)


def holds(item: Item, arrival: Arrival) -> bool:
    """Whether `item` stands for the text that arrives, and still has it."""
    return item.text_mark in arrival.text_marks and item.erased_at is None


def says_more(item: Item, arrival: Arrival) -> bool:
    """Whether more than its text is known of the post by `arrival`, whose text `item` holds."""
    sent = arrival.submission
    return is_notice(item, sent.source) or is_larger_reach(item, sent.reach)


def answers(session: Session, items: Sequence[Item]) -> Mapping[str, Accepted]:
    """What is answered for items that are there already, by their id."""
    rows = repository.score_rows(session, items)
    return {item.id: _answer(item, read_score(rows[item.id].record)) for item in items}


def _answer(item: Item, score: Score) -> Accepted:
    return Accepted(
        item_id=item.id,
        text_version=item.text_version,
        queued_for=None if item.queued_for is None else QueuedFor(item.queued_for),
        score=score,
    )


class Admission:
    """Writes in the transaction of `changes`, in the name of `actor`, as of `at`."""

    def __init__(self, changes: Changes, actor: str, at: datetime, rules: Rules) -> None:
        self._changes = changes
        self._session = changes.session
        self._actor = actor
        self._at = at
        self._rules = rules
        self._urgency = Urgency(changes, actor, at, rules)
        self._answers: dict[str, Accepted] = {}

    def admit(self, scored: Sequence[Scored]) -> list[Accepted]:
        """One answer for each, in order; the same post twice is the same item."""
        marks = [mark for entry in scored for mark in entry.arrival.post_marks]
        items = list(repository.lock_with_marks(self._session, marks))
        self._answers |= answers(self._session, items)
        given: dict[int, Accepted] = {}
        # Two batches that make the same posts in different orders would wait for each other.
        for place in sorted(range(len(scored)), key=lambda n: scored[n].arrival.post_marks[0]):
            entry = scored[place]
            item = find(items, entry.arrival)
            if item is None:
                item = self._create(entry)
                items.append(item)
            if not holds(item, entry.arrival):
                self._renew(item, entry)
            elif says_more(item, entry.arrival):
                self._hasten(item, entry)
            given[place] = self._answers[item.id]
        return [given[place] for place in range(len(scored))]

    def _create(self, entry: Scored) -> Item:
        """The new item; or the one that another transaction has made since it was looked for."""
        sent, item_id = entry.arrival.submission, secrets.token_hex(12)
        score = as_stored(entry.score, item_id)
        reason = queued_for(score, sent.source, entry.arrival.draw, self._rules)
        received = Draft(
            EventKind.RECEIVED,
            self._actor,
            self._at,
            item_id,
            1,
            {
                "platform": sent.platform,
                "post_mark": entry.arrival.post_marks[0],
                "source": sent.source.value,
                **self._text_columns(entry, score, sent.source, sent.reach, self._at),
                "sampling_probability": sampling_probability(reason, self._rules),
            },
        )
        drafts = [received]
        if reason is not None:
            body = {"for": reason.value}
            drafts.append(Draft(EventKind.QUEUED, self._actor, self._at, item_id, 2, body))
        standing = after(None, received)
        for draft in drafts[1:]:
            standing = after(standing, draft)
        item = repository.insert_unless_there(self._session, item_id, standing)
        if item is None:
            marks = entry.arrival.post_marks
            (item,) = repository.lock_with_marks(self._session, marks, wait=False)
            self._answers |= answers(self._session, [item])
            return item
        self._store(item, entry, score)
        for draft in drafts:
            self._changes.log(draft)
        self._answers[item.id] = _answer(item, score)
        return item

    def _renew(self, item: Item, entry: Scored) -> None:
        """Give `item` the text that arrived.

        An edit does not send a waiting item back to the end, nor does a notice that nobody
        answered end with it: else an author could keep a post from ever being reached.
        """
        sent = entry.arrival.submission
        score = as_stored(entry.score, item.id)
        source = stronger(Source(item.source), sent.source)
        waits = item.state in (State.OPEN, State.ESCALATED)
        noticed = source if waits else sent.source
        since = (item.queued_at if waits else None) or self._at
        reason = queued_for(score, noticed, entry.arrival.draw, self._rules)
        kept = item.state == State.ESCALATED and reason is None  # for certain, not by chance
        reach = item.reach if sent.reach is None else sent.reach
        body = {
            **self._text_columns(entry, score, source, reach, since),
            "source": source.value,
            "author_mark": entry.arrival.author_mark or item.author_mark,
            "sampling_probability": 1.0 if kept else sampling_probability(reason, self._rules),
        }
        self._changes.apply(item, Change(EventKind.NEW_TEXT, self._actor, self._at, body))
        repository.forget_skips(self._session, item.id)
        self._store(item, entry, score)
        if reason is not None:
            why = {"for": reason.value, "since": since.isoformat()}
            self._changes.apply(item, Change(EventKind.QUEUED, self._actor, self._at, why))
        self._answers[item.id] = _answer(item, score)

    def _hasten(self, item: Item, entry: Scored) -> None:
        """Take what the arrival says of a text that `item` holds, which stays as it is."""
        sent, reach = entry.arrival.submission, entry.arrival.submission.reach
        if is_notice(item, sent.source):
            unexplained = item.state == State.CLEARED and entry.score.evidence is not None
            explained = entry.score if unexplained else None
            self._urgency.notice(item, News(sent.source, reach), explained)
        elif reach is not None:
            self._urgency.spread(item, reach)
        self._answers |= answers(self._session, [item])

    def _text_columns(
        self,
        entry: Scored,
        score: Score,
        source: Source,
        reach: int | None,
        waiting_since: datetime,
    ) -> dict[str, object]:
        sent = entry.arrival.submission
        posted_at = sent.created_at
        return {
            "kind": sent.kind.value,
            "reach": reach,
            "posted_at": None if posted_at is None else posted_at.isoformat(),
            "author_mark": entry.arrival.author_mark,
            "text_mark": entry.arrival.text_marks[0],
            "characters": entry.arrival.characters,
            "language": language_of(sent.language, self._rules.languages) or score.language,
            **score_columns(score),
            **rank_columns(
                score,
                self._rules,
                source=source,
                reach=reach,
                characters=entry.arrival.characters,
                waiting_since=waiting_since,
            ),
        }

    def _store(self, item: Item, entry: Scored, score: Score) -> None:
        sent = entry.arrival.submission
        repository.add_text(
            self._session,
            item,
            post_id=sent.post_id,
            title=sent.title,
            text=sent.text,
            url=sent.url,
        )
        repository.add_score(self._session, item, score, self._at)
