"""A queue over a real database, with posts whose scores a test chooses and a clock it turns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from classifier.labels import FACETS, LABELS, Facet, Label, Route, Stage
from classifier.records import Score
from classifier.routing import Thresholds, labels_at, route
from serving.actors import Actor
from serving.audit.log import AuditLog
from serving.audit.records import Draft
from serving.database import Database
from serving.policy import Role
from serving.review import repository
from serving.review.admission import Admission, Scored
from serving.review.arrivals import arrival_of
from serving.review.changes import changing, standing_of
from serving.review.derive import Standing
from serving.review.models import Item
from serving.review.notices import NoticeDesk
from serving.review.placement import Rules
from serving.review.queue import QueueService
from serving.review.records import Accepted, Decided, Judgement, Notice, Source, Submission
from serving.secret import Keyring
from serving.settings import Settings

SECRET = "a secret of the tests: 32 bytes."
START = datetime(2026, 9, 1, 12, tzinfo=UTC)
LANGUAGES = frozenset({"ar", "en", "fr", "hi", "hi-Latn", "sq", "zh"})
THRESHOLDS = {label: Thresholds(review=0.5, priority=0.9) for label in LABELS}
PLATFORM = Actor("key:aaaaaaaaaaaa", Role.PLATFORM, platform="example")
ADA = Actor("user:ada", Role.MODERATOR)
BOB = Actor("user:bob", Role.MODERATOR)
LEA = Actor("user:lea", Role.LEAD)

REMOVE = Judgement(
    labels={Label.SMUGGLING_SERVICE: True, Label.FAKE_JOB: False},
    action=Decided.REMOVE,
    reason="offers_crossing",
    facets={Facet.TRANSPORT: True},
)
KEEP = Judgement(
    labels={Label.SMUGGLING_SERVICE: False, Label.FAKE_JOB: False},
    action=Decided.NONE,
    reason="warns_or_reports",
)


class TurnedClock:
    """A clock that stands until it is turned."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def turn(self, **by: float) -> None:
        self.now += timedelta(**by)


def scored(
    smuggling: float = 0.7,
    job: float = 0.1,
    *,
    facets: Mapping[Facet, float] | None = None,
    language: str = "en",
    model: str = "m1",
) -> Score:
    """A score as the model would give it; explained, with all facets at 0.1 but those named."""
    scores = {Label.SMUGGLING_SERVICE: smuggling, Label.FAKE_JOB: job}
    return Score(
        id="1",
        scores=scores,
        labels=labels_at(scores, THRESHOLDS),
        route=route(scores, THRESHOLDS),
        language=language,
        stage=Stage.ENCODER,
        model=model,
        policy="1",
        facets={**dict.fromkeys(FACETS, 0.1), **(facets or {})},
        evidence=(),
    )


CLEARED = scored(0.01, 0.01)
assert CLEARED.route is Route.CLEAR


class Bench:
    """Everything that a test of the queue needs, on `database`."""

    def __init__(self, database: Database, *, share: float = 0.0, **settings: object) -> None:
        self.database = database
        self.clock = TurnedClock()
        self.keyring = Keyring((SECRET.encode(),))
        self.audit = AuditLog(self.keyring)
        self.settings = Settings.model_validate(
            {"database_url": "sqlite:///unused", "sample_share": share, **settings}
        )
        self.rules = Rules(THRESHOLDS, LANGUAGES, share)
        self.queue = QueueService(database, self.audit, self.keyring, self.settings, self.clock)
        self._posts = 0

    def admit(
        self,
        score: Score | None = None,
        *,
        post_id: str | None = None,
        text: str = "Boat on Saturday, three seats left.",
        source: Source = Source.VOLUNTARY,
        author: str | None = None,
        language: str | None = None,
        platform: str = "example",
        reach: int | None = None,
    ) -> Accepted:
        """Store a post that the model gave `score`."""
        self._posts += 1
        submission = Submission(
            platform=platform,
            post_id=post_id or f"post-{self._posts}",
            text=text,
            source=source,
            author=author,
            language=language,
            reach=reach,
        )
        arrival = arrival_of(submission, self.keyring)
        with changing(self.database, self.audit) as changes:
            admission = Admission(changes, PLATFORM.id, self.clock(), self.rules)
            (accepted,) = admission.admit([Scored(arrival, score or scored())])
        return accepted

    def notice(
        self, post_id: str, source: Source = Source.USER_NOTICE, note: str | None = None
    ) -> Accepted:
        desk = NoticeDesk(self.database, self.audit, self.keyring, self.clock)
        return desk.take(PLATFORM, Notice("example", post_id, source, note), None, self.rules)

    def row(self, item_id: str) -> Standing:
        """The item as its row has it."""
        with self.database.read() as session:
            item = session.get(Item, item_id)
            assert item is not None
            return standing_of(item)

    def events(self, item_id: str) -> list[Draft]:
        with self.database.read() as session:
            return list(repository.events(session, item_id))

    def kinds(self, item_id: str) -> list[str]:
        return [event.kind.value for event in self.events(item_id)]

    def item_ids(self) -> list[str]:
        with self.database.read() as session:
            return list(session.scalars(select(Item.id)))


def differences(one: Standing, other: Standing) -> dict[str, tuple[object, object]]:
    """The columns in which two standings differ."""
    return {
        field.name: (getattr(one, field.name), getattr(other, field.name))
        for field in fields(Standing)
        if getattr(one, field.name) != getattr(other, field.name)
    }
