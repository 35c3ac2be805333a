"""The loop: rows in, records out, a chunk at a time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from classifier.classifier import Classifier
from classifier.labels import Route
from classifier.records import Post, Rejection, Score
from serving.bulk.output import Sink
from serving.bulk.rows import Row

FIRST_CHUNK_ROWS = 64
MAX_CHUNK_ROWS = 2_048
MAX_CHUNK_CHARACTERS = 1_000_000

Chunk = list[Row]
Records = Sequence[Score | Rejection]
Engine = Callable[[Iterable[Chunk]], Iterator[Records]]
"""Gives the records of every chunk, a sequence for each, in the order of the chunks."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What has been done so far. `flagged` are the scored rows that are routed to a person."""

    scored: int = 0
    flagged: int = 0
    rejected: int = 0
    seconds: float = 0.0

    @property
    def rows(self) -> int:
        return self.scored + self.rejected

    @property
    def rows_per_second(self) -> float:
        return self.rows / self.seconds if self.seconds else 0.0


def score_stream(
    rows: Iterable[Row],
    classifier: Classifier,
    sink: Sink,
    *,
    explain: bool = False,
    report: Callable[[Tally], None] | None = None,
) -> Tally:
    """Write one record per row to `sink`, in order; `report` is called after each chunk."""
    engine = local_engine(classifier, explain=explain)
    return deliver(engine(chunked(rows)), sink, report=report)


def local_engine(classifier: Classifier, *, explain: bool = False) -> Engine:
    def run(chunks: Iterable[Chunk]) -> Iterator[Records]:
        return (score_chunk(chunk, classifier, explain=explain) for chunk in chunks)

    return run


def deliver(
    results: Iterable[Records],
    sink: Sink,
    *,
    report: Callable[[Tally], None] | None = None,
) -> Tally:
    """Write what an engine gives to `sink`, and count it."""
    start = time.monotonic()
    tally = Tally()
    for records in results:
        sink.write(records)
        scores = [record for record in records if isinstance(record, Score)]
        tally = Tally(
            scored=tally.scored + len(scores),
            flagged=tally.flagged + sum(score.route is not Route.CLEAR for score in scores),
            rejected=tally.rejected + len(records) - len(scores),
            seconds=time.monotonic() - start,
        )
        if report is not None:
            report(tally)
    return tally


def score_chunk(
    chunk: Chunk, classifier: Classifier, *, explain: bool = False
) -> list[Score | Rejection]:
    """Give one record per row."""
    posts = [row.item for row in chunk if isinstance(row.item, Post)]
    results = iter(classifier.score(posts, explain=explain))
    records: list[Score | Rejection] = []
    for row in chunk:
        record = next(results) if isinstance(row.item, Post) else row.item
        # The classifier knows posts, not the lines that they came from.
        records.append(replace(record, line=row.line) if isinstance(record, Rejection) else record)
    return records


def chunked(rows: Iterable[Row]) -> Iterator[Chunk]:
    """Cut the rows where they are scored together; the same rows are always cut alike."""
    # Texts are sorted by length inside a chunk, so large chunks waste little padding; small ones
    # come first so that the first records do not wait for thousands of rows.
    limit = FIRST_CHUNK_ROWS
    chunk: list[Row] = []
    characters = 0
    for row in rows:
        chunk.append(row)
        if isinstance(row.item, Post):
            characters += len(row.item.text) + len(row.item.title or "")
        if len(chunk) >= limit or characters >= MAX_CHUNK_CHARACTERS:
            yield chunk
            chunk, characters = [], 0
            limit = min(2 * limit, MAX_CHUNK_ROWS)
    if chunk:
        yield chunk
