"""The team's figures, and how often the model was right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from classifier.labels import LABELS, Label
from serving.actors import PERSON
from serving.clock import Clock, utc_now
from serving.database import Database
from serving.review import repository_insights as sql
from serving.review.conditions import in_state
from serving.review.intervals import clopper_pearson
from serving.review.models import Item
from serving.review.recent import Recent
from serving.review.records import State
from serving.review.repository_insights import Weighted
from serving.users import repository as users
from serving.users.records import actor_id

MIN_DECISIONS = 200
"""Below that many decisions no share is stated."""

_FRESH_TEAM = timedelta(seconds=5)
_FRESH_PRECISION = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Share:
    """A share in [0, 1] with its 95 % interval; `count` is how many decisions stand behind it."""

    share: float
    low: float
    high: float
    count: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """Items that wait, and since when the one that waits longest does."""

    count: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class LabelDecisions:
    """How people judged one label."""

    true: int
    false: int
    cannot_tell: int


@dataclass(frozen=True, slots=True)
class Exposure:
    """What one person saw within a span: items claimed, decided, and decided with a label true."""

    actor: str
    name: str | None
    claimed: int
    decided: int
    harmful: int


@dataclass(frozen=True, slots=True)
class TeamFigures:
    """Of final decisions since `since`, and of what waits now: `passed_over` by someone's skip.

    `overturned` of the `flagged` decisions found no label true. `missed` is the share of cleared
    posts that carry a label, from the random sample; None before its first decision.
    """

    since: datetime
    open: Waiting
    escalated: Waiting
    unreadable: Mapping[str, Waiting]
    passed_over: Waiting
    decided: int
    decided_by_day: Mapping[date, int]
    decided_by_language: Mapping[str, int]
    decided_by_label: Mapping[Label, LabelDecisions]
    decided_by_action: Mapping[str, int]
    median_minutes_to_decision: float | None
    exposure: tuple[Exposure, ...]
    flagged: int
    overturned: int
    missed: Share | None


class InsightsService:
    """Reads only. Figures hold decisions that are final. Thread-safe; its methods block."""

    def __init__(self, database: Database, clock: Clock = utc_now) -> None:
        self._database = database
        self._clock = clock
        self._teams = Recent(self._read_team, _FRESH_TEAM, clock)
        self._precision = Recent(self._read_precision, _FRESH_PRECISION, clock)

    def team(self, days: int = 30) -> TeamFigures:
        """The figures of the last `days` days, up to 5 seconds old; days are those of UTC."""
        return self._teams.get(days)

    def _read_team(self, days: int, now: datetime) -> TeamFigures:
        since = now - timedelta(days=days)
        decided = sql.final(now, since)
        with self._database.read() as session:
            flagged, overturned = sql.flagged_and_overturned(session, decided)
            by_day = sql.decided_by(session, sql.day(session), decided)
            by_language = sql.decided_by(session, Item.language, decided)
            by_action = sql.decided_by(session, Item.action, decided)
            count = sum(number for _, number in by_language)
            skipped = sql.waiting(session, in_state(State.OPEN), sql.was_skipped())
            return TeamFigures(
                since=since,
                open=Waiting(*sql.waiting(session, in_state(State.OPEN))),
                escalated=Waiting(*sql.waiting(session, in_state(State.ESCALATED))),
                unreadable=_unreadable(session),
                passed_over=Waiting(*skipped),
                decided=count,
                decided_by_day={date.fromisoformat(day): number for day, number in by_day},
                decided_by_language=dict(by_language),
                decided_by_label={
                    label: LabelDecisions(*sql.judged(session, label, decided)) for label in LABELS
                },
                decided_by_action=dict(by_action),
                median_minutes_to_decision=_median_minutes(session, decided, count),
                exposure=_exposure(session, since, now),
                flagged=flagged,
                overturned=overturned,
                missed=share_of(sql.sampled(session, decided)),
            )

    def exposure(self, actor_id: str, hours: float = 8) -> Exposure:
        """What one person saw in the last `hours`, for the reminder to take a break."""
        now = self._clock()
        with self._database.read() as session:
            found = _exposure(session, now - timedelta(hours=hours), now, actor_id)
        return found[0] if found else Exposure(actor_id, None, 0, 0, 0)

    def precision_at(self, label: Label, probability: float) -> Share | None:
        """The share of posts scored in the same tenth as `probability` that carry `label`.

        From decided queue items, each weighted by the inverse of the probability that it was
        queued; None under 200 decisions. Up to a minute old.
        """
        return self._precision.get(label).get(min(int(probability * sql.BANDS), sql.BANDS - 1))

    def _read_precision(self, label: Label, now: datetime) -> Mapping[int, Share]:
        """By tenth of the score."""
        with self._database.read() as session:
            return {
                band: share
                for band, sums in sql.bands(session, label, sql.final(now)).items()
                if sums.count >= MIN_DECISIONS and (share := share_of(sums)) is not None
            }


def share_of(sums: Weighted) -> Share | None:
    """The weighted share and its interval, over as many decisions as the weights are worth.

    With equal weights that is the count itself, and the interval the exact one; with unequal ones
    Kish's effective size. None for no decision.
    """
    if sums.count == 0:
        return None
    share = sums.weight_true / sums.weight
    effective = sums.weight**2 / sums.weight_squared
    low, high = clopper_pearson(share * effective, effective)
    return Share(share, low, high, sums.count)


def _unreadable(session: Session) -> Mapping[str, Waiting]:
    read = sql.languages_read(session)
    if read is None:
        return {}
    return {
        language: Waiting(count, oldest)
        for language, count, oldest in sql.waiting_by_language(session)
        if language not in read
    }


def _median_minutes(session: Session, decided: ColumnElement[bool], count: int) -> float | None:
    if count == 0:
        return None
    middle = sql.minutes_to_decision(session, decided, (count - 1) // 2, 2 - count % 2)
    return sum(middle) / len(middle)


def _exposure(
    session: Session, since: datetime, now: datetime, actor: str | None = None
) -> tuple[Exposure, ...]:
    """By person, in the order of their ids."""
    claimed = sql.claims_by_actor(session, since, actor)
    decided = sql.decisions_by_actor(session, sql.final(now, since), actor)
    actors = sorted(claimed.keys() | decided.keys())
    people = users.with_ids(session, [who.removeprefix(PERSON) for who in actors])
    names = {actor_id(user.id): user.name for user in people}
    return tuple(
        Exposure(
            who,
            names.get(who),
            claimed.get(who, 0),
            *decided.get(who, (0, 0)),
        )
        for who in actors
    )
