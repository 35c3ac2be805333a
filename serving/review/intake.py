"""How posts come in: scored, stored, and queued where their route, a notice or chance says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from starlette.concurrency import run_in_threadpool

from classifier.records import Post, Rejection, Score
from serving.actors import Actor
from serving.audit.log import AuditLog
from serving.clock import Clock, utc_now
from serving.database import Database, retried
from serving.errors import ForbiddenError
from serving.review import repository
from serving.review.admission import Admission, Scored, answers, find, holds, says_more
from serving.review.arrivals import Arrival, arrival_of
from serving.review.changes import changing
from serving.review.models import Item
from serving.review.notices import Explained, NoticeDesk
from serving.review.placement import Rules, queued_for
from serving.review.records import Accepted, Notice, Source, State, Submission, stronger
from serving.review.urgency import is_notice
from serving.scoring.engine import Engine
from serving.scoring.service import ScoringService
from serving.secret import Keyring
from serving.settings import Settings

POSTS_PER_TRANSACTION = 100
"""More would keep other writers of a SQLite file waiting for too long."""


@dataclass(frozen=True, slots=True)
class _Known:
    """An arrival and what is there of it: its answer, a score of its text, who asks for review.

    With a score but no answer its text is known, and it says more of the post.
    """

    arrival: Arrival
    source: Source
    answer: Accepted | None = None
    score: Score | None = None


class IntakeService:
    """Takes posts in. No database transaction is open while the model runs."""

    def __init__(
        self,
        database: Database,
        audit: AuditLog,
        keyring: Keyring,
        settings: Settings,
        scoring: ScoringService,
        engine: Engine,
        clock: Clock = utc_now,
    ) -> None:
        self._database = database
        self._audit = audit
        self._keyring = keyring
        self._settings = settings
        self._scoring = scoring
        self._engine = engine
        self._clock = clock

    async def submit(self, actor: Actor, submission: Submission) -> Accepted:
        """The item of this post. The same post again, by platform and post id, changes nothing.

        With another text the item gets a new version. With the same one it is a notice where
        someone who counts for more brought it up, and ranked anew where more people saw it. Raises
        the `InputError` of a text that cannot be scored, and `ForbiddenError` for another
        platform's post.
        """
        (result,) = await self.submit_many(actor, [submission])
        if isinstance(result, Rejection):
            raise result.error
        return result

    async def submit_many(
        self, actor: Actor, submissions: Sequence[Submission]
    ) -> list[Accepted | Rejection]:
        """One answer for each, in order; a rejection bears the post's id and its place, from 1."""
        for submission in submissions:
            _require_own(actor, submission.platform)
        known = await run_in_threadpool(self._look_up, submissions)
        new = [found for found in known if found.answer is None and found.score is None]
        scores = iter(await self._score(new))
        results: dict[int, Accepted | Rejection] = {}
        scored: list[tuple[int, Scored]] = []
        for place, found in enumerate(known):
            if found.answer is not None:
                results[place] = found.answer
                continue
            score = found.score or next(scores)
            if isinstance(score, Rejection):
                post_id = found.arrival.submission.post_id
                results[place] = replace(score, id=post_id, line=place + 1)
            else:
                scored.append((place, Scored(found.arrival, score)))
        for start in range(0, len(scored), POSTS_PER_TRANSACTION):
            part = scored[start : start + POSTS_PER_TRANSACTION]
            admitted = await run_in_threadpool(self._admit, actor, [entry for _, entry in part])
            results.update(
                (place, answer) for (place, _), answer in zip(part, admitted, strict=True)
            )
        return [results[place] for place in range(len(submissions))]

    async def notice(self, actor: Actor, notice: Notice) -> Accepted:
        """Put the post in front of a person whatever its score, and note who asked.

        A decision that a person has taken about the same text stands. Raises `NotFoundError` where
        the text is not held and the notice does not bring it.
        """
        _require_own(actor, notice.platform)
        if notice.post is not None:
            await self.submit(actor, replace(notice.post, source=Source.VOLUNTARY))
        desk = NoticeDesk(self._database, self._audit, self._keyring, self._clock)
        asked = await run_in_threadpool(desk.unexplained, notice)
        explained = None
        if asked is not None:
            (score,) = await self._explain([asked.post])
            if isinstance(score, Score):
                explained = Explained(score, asked.text_version)
        return await run_in_threadpool(desk.take, actor, notice, explained, self._rules())

    def _rules(self) -> Rules:
        return Rules.of(self._engine.classifier.manifest, self._settings.sample_share)

    def _look_up(self, submissions: Sequence[Submission]) -> list[_Known]:
        arrivals = [arrival_of(submission, self._keyring) for submission in submissions]
        marks = [mark for arrival in arrivals for mark in arrival.post_marks]
        with self._database.read() as session:
            items = repository.with_marks(session, marks)
            known = answers(session, items)
            return [_known(find(items, arrival), arrival, known) for arrival in arrivals]

    async def _score(self, new: Sequence[_Known]) -> list[Score | Rejection]:
        """Scores; with facets and evidence for those that will be queued."""
        posts = [found.arrival.post for found in new]
        scores = await self._scoring.score_many(posts, explain=False)
        rules = self._rules()
        queued = [
            place
            for place, score in enumerate(scores)
            if isinstance(score, Score)
            and queued_for(score, new[place].source, new[place].arrival.draw, rules)
        ]
        explained = await self._explain([posts[place] for place in queued])
        for place, other in zip(queued, explained, strict=True):
            score = scores[place]
            if isinstance(score, Score) and isinstance(other, Score):
                scores[place] = replace(score, facets=other.facets, evidence=other.evidence)
        return scores

    async def _explain(self, posts: Sequence[Post]) -> list[Score | Rejection]:
        return await self._engine.score(posts, explain=True) if posts else []

    def _admit(self, actor: Actor, scored: Sequence[Scored]) -> list[Accepted]:
        def transact() -> list[Accepted]:
            with changing(self._database, self._audit) as changes:
                return Admission(changes, actor.id, self._clock(), self._rules()).admit(scored)

        return retried(transact)


def _known(item: Item | None, arrival: Arrival, answered: Mapping[str, Accepted]) -> _Known:
    source = arrival.submission.source
    if item is None:
        return _Known(arrival, source)
    if holds(item, arrival):
        answer = answered[item.id]
        if not says_more(item, arrival):
            return _Known(arrival, source, answer=answer)
        if item.state == State.CLEARED and is_notice(item, source):
            return _Known(arrival, source)  # nobody has asked for its evidence yet
        return _Known(arrival, source, score=answer.score)
    # A new text of an item that waits: a notice that nobody answered still asks for a person.
    waits = item.state in (State.OPEN, State.ESCALATED)
    return _Known(arrival, stronger(Source(item.source), source) if waits else source)


def _require_own(actor: Actor, platform: str) -> None:
    if actor.platform not in (None, platform):
        raise ForbiddenError(f"this key hands in posts of {actor.platform} alone.")
