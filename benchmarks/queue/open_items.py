"""A queue as full as a large platform's, written straight into PostgreSQL's tables."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from psycopg import Cursor
from sqlalchemy import text

from classifier.labels import FACETS, LABELS, POLICY_VERSION, Label, Stage
from classifier.records import Score
from classifier.routing import Thresholds, labels_at, route
from serving.database import Database
from serving.review.models import Item, PostText, ScoreRow
from serving.review.ranking import ranks, strongest_facet
from serving.review.records import PostKind, QueuedFor, Source, State
from serving.review.score_json import write_score

_TAGS = "ar en fr tr fa ur es ru vi sq ku so ps bn am hi pt ro ti uk zh id my th sw ha wo az ka ne"

LANGUAGES = tuple(_TAGS.split())
"""The most frequent first. The n-th has 1/n^1.2 of the share of the first."""

DAYS = 90
MODEL = "benchmark"

_SKEW = 1.2
_CHUNK = 20_000
_TEXT = "Boat Saturday from the usual beach, three seats left, pay on arrival. Write to me. "
_SAMPLED = 0.02
_SOURCES = {Source.VOLUNTARY: 0.9, Source.USER_NOTICE: 0.08, Source.TRUSTED_FLAGGER: 0.02}
_KINDS = {
    PostKind.POST: 0.55,
    PostKind.ADVERT: 0.25,
    PostKind.JOB_ADVERT: 0.15,
    PostKind.MESSAGE: 0.05,
}
_LANGUAGES = {language: n**-_SKEW for n, language in enumerate(LANGUAGES, start=1)}
_THRESHOLDS = {label: Thresholds(review=0.4, priority=0.9) for label in LABELS}


_Choice = TypeVar("_Choice")


@dataclass(frozen=True, slots=True)
class Filed:
    """One post in the queue: a row for each of the three tables."""

    item: dict[str, object]
    text: dict[str, object]
    score: dict[str, object]


def fill(database: Database, items: int, progress: Callable[[str], None], seed: int = 0) -> None:
    """Put `items` open items into an empty PostgreSQL, received over the last 90 days.

    Their ranks are by the formula that is in use. The tables are vacuumed and analysed, as a
    server that has run for a while has them.
    """
    rng = random.Random(seed)
    done = 0
    while done < items:
        chunk = [_file(rng) for _ in range(min(_CHUNK, items - done))]
        with database.connect() as connection:
            cursor = connection.connection.cursor()
            assert isinstance(cursor, Cursor)
            _copy(cursor, Item.__tablename__, [filed.item for filed in chunk])
            _copy(cursor, PostText.__tablename__, [filed.text for filed in chunk])
            _copy(cursor, ScoreRow.__tablename__, [filed.score for filed in chunk])
        done += len(chunk)
        progress(f"{done:,} of {items:,} items filed")
    progress("vacuum and analyse")
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
        connection.execute(text("CHECKPOINT"))


def _copy(cursor: Cursor[object], table: str, rows: Sequence[dict[str, object]]) -> None:
    columns = list(rows[0])
    with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN".encode()) as copy:
        for row in rows:
            copy.write_row([row[column] for column in columns])


def _file(rng: random.Random) -> Filed:
    item_id = rng.randbytes(12).hex()
    received_at = datetime.now(UTC) - timedelta(days=rng.uniform(0, DAYS))
    source = _pick(rng, _SOURCES)
    sampled = source is Source.VOLUNTARY and rng.random() < _SAMPLED
    queued_for = QueuedFor.SAMPLE if sampled else QueuedFor.SCORE
    if source is not Source.VOLUNTARY:
        queued_for = QueuedFor.NOTICE
    score = _score(rng, item_id, sampled=sampled)
    reach = int(rng.lognormvariate(5, 2)) if rng.random() < 0.8 else None
    post = _TEXT * rng.randint(1, 11)
    standing = ranks(
        score,
        _THRESHOLDS,
        source=source,
        reach=reach,
        characters=len(post),
        waiting_since=received_at,
    )
    key = {"item_id": item_id, "text_version": 1}
    return Filed(
        item={
            "id": item_id,
            "platform": "example",
            "post_mark": rng.randbytes(32).hex(),
            "author_mark": rng.randbytes(32).hex(),
            "kind": _pick(rng, _KINDS),
            "source": source,
            "reach": reach,
            "received_at": received_at,
            "text_version": 1,
            "text_mark": rng.randbytes(32).hex(),
            "characters": len(post),
            "version": 2,
            "state": State.OPEN,
            "queued_for": queued_for,
            "queued_at": received_at,
            "sampling_probability": 0.002 if sampled else 1.0,
            "language": score.language,
            "smuggling_service": score.scores[Label.SMUGGLING_SERVICE],
            "fake_job": score.scores[Label.FAKE_JOB],
            "flagged_smuggling_service": Label.SMUGGLING_SERVICE in score.labels,
            "flagged_fake_job": Label.FAKE_JOB in score.labels,
            "route": score.route,
            "facet": strongest_facet(score),
            "model": MODEL,
            "policy": POLICY_VERSION,
            "rank_harm": standing.harm,
            "rank_doubt": standing.doubt,
            "rank_age": standing.age,
        },
        text={**key, "post_id": item_id, "text": post},
        score={
            **key,
            "model": MODEL,
            "policy": POLICY_VERSION,
            "scored_at": received_at,
            "record": write_score(score),
        },
    )


def _score(rng: random.Random, post_id: str, *, sampled: bool) -> Score:
    """One label above its threshold, unless the model cleared the post."""
    review = _THRESHOLDS[LABELS[0]].review
    strong = rng.uniform(0, review) if sampled else rng.uniform(review, 1)
    probabilities = [strong, rng.uniform(0, review)]
    rng.shuffle(probabilities)
    scores = dict(zip(LABELS, probabilities, strict=True))
    return Score(
        id=post_id,
        scores=scores,
        labels=labels_at(scores, _THRESHOLDS),
        route=route(scores, _THRESHOLDS),
        language=_pick(rng, _LANGUAGES),
        stage=Stage.ENCODER,
        model=MODEL,
        policy=POLICY_VERSION,
        facets={facet: rng.random() for facet in FACETS},
        evidence=(),
    )


def _pick(rng: random.Random, weights: Mapping[_Choice, float]) -> _Choice:
    (choice,) = rng.choices(list(weights), list(weights.values()))
    return choice
