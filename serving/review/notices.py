"""Notices: what puts a post in front of a person whatever its score."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from classifier.records import Post, Score
from serving.actors import Actor
from serving.audit.log import AuditLog
from serving.clock import Clock
from serving.database import Database
from serving.errors import NotFoundError
from serving.review import repository
from serving.review.admission import answers
from serving.review.arrivals import post_marks
from serving.review.changes import changing
from serving.review.models import Item
from serving.review.placement import Rules
from serving.review.records import Accepted, Notice, State
from serving.review.urgency import News, Urgency
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
            fits = explained is not None and explained.text_version == item.text_version
            score = explained.score if explained is not None and fits else None
            urgency = Urgency(changes, actor.id, self._clock(), rules)
            urgency.notice(item, News(notice.source, note=notice.note), score)
            return answers(changes.session, [item])[item.id]

    def _find(self, session: Session, notice: Notice, *, lock: bool) -> Item:
        marks = post_marks(self._keyring, notice.platform, notice.post_id)
        look = repository.lock_with_marks if lock else repository.with_marks
        for item in look(session, marks):
            if item.erased_at is None:
                return item
        raise NotFoundError("this post's text is not held here. Send the post with the notice.")
