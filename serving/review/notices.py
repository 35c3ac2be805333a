"""Notices: what puts a post in front of a person whatever its score."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from classifier.records import Post, Score
from serving.actors import Actor
from serving.audit.log import AuditLog
from serving.audit.records import EventKind
from serving.clock import Clock
from serving.database import Database
from serving.errors import NotFoundError
from serving.review import repository
from serving.review.admission import answers, score_row
from serving.review.arrivals import post_marks
from serving.review.changes import Change, Changes, changing
from serving.review.models import Item
from serving.review.placement import Rules, rank_columns, rescored, score_columns
from serving.review.records import Accepted, Notice, Source, State, stronger
from serving.review.score_json import as_stored, read_score
from serving.secret import Keyring


@dataclass(frozen=True, slots=True)
class Unexplained:
    """The current text of a cleared post, which has no evidence yet."""

    post: Post
    text_version: int


@dataclass(frozen=True, slots=True)
class Explained:
    """The score of such a text with facets and evidence."""

    score: Score
    text_version: int


class NoticeDesk:
    """Where notices are taken. What the model has to say of a post is brought by the caller."""

    def __init__(self, database: Database, audit: AuditLog, keyring: Keyring, clock: Clock) -> None:
        self._database = database
        self._audit = audit
        self._keyring = keyring
        self._clock = clock

    def unexplained(self, notice: Notice) -> Unexplained | None:
        """The text that has to be explained first, if any; raises `NotFoundError`."""
        with self._database.read() as session:
            item = self._find(session, notice, lock=False)
            if item.state != State.CLEARED:
                return None
            text = repository.texts(session, [item])[item.id]
            return Unexplained(Post(item.id, text.text, text.title), item.text_version)

    def take(
        self, actor: Actor, notice: Notice, explained: Explained | None, rules: Rules
    ) -> Accepted:
        """Write the notice down; raises `NotFoundError` where the text is gone by now."""
        with changing(self._database, self._audit) as changes:
            item = self._find(changes.session, notice, lock=True)
            at = self._clock()
            columns: dict[str, object] = {}
            if explained is not None and explained.text_version == item.text_version:
                columns = self._explain(changes, actor, item, explained.score, rules)
            source = stronger(Source(item.source), notice.source)
            columns |= self._ranks(changes.session, item, source, rules)
            body = {"source": source.value, "from": notice.source.value, "columns": columns}
            changes.apply(item, Change(EventKind.NOTICE, actor.id, at, body, notice.note))
            changes.session.flush()
            return answers(changes.session, [item])[item.id]

    def _explain(
        self, changes: Changes, actor: Actor, item: Item, score: Score, rules: Rules
    ) -> dict[str, object]:
        """Add what the explanation says to the score that stands; or take the newer model's."""
        session, at = changes.session, self._clock()
        score = as_stored(score, item.id)
        if (score.model, score.policy) == (item.model, item.policy):
            standing = self._score(session, item)
            score = replace(standing, facets=score.facets, evidence=score.evidence)
        else:
            body = rescored(item, score, rules)
            changes.apply(item, Change(EventKind.RESCORED, actor.id, at, body))
        repository.put_score(session, score_row(item, score, at))
        session.flush()
        return {"facet": score_columns(score)["facet"]}

    def _ranks(
        self, session: Session, item: Item, source: Source, rules: Rules
    ) -> dict[str, float]:
        return rank_columns(
            self._score(session, item),
            rules,
            source=source,
            reach=item.reach,
            characters=item.characters,
            waiting_since=item.queued_at or self._clock(),
        )

    def _score(self, session: Session, item: Item) -> Score:
        return read_score(repository.score_rows(session, [item])[item.id].record)

    def _find(self, session: Session, notice: Notice, *, lock: bool) -> Item:
        marks = post_marks(self._keyring, notice.platform, notice.post_id)
        look = repository.lock_with_marks if lock else repository.with_marks
        for item in look(session, marks):
            if item.erased_at is None:
                return item
        raise NotFoundError("this post's text is not held here. Send the post with the notice.")
