"""The loop: rows in, records out, a chunk at a time.

    rows -> chunks -> an engine -> deliver -> sink

An engine is what turns chunks into their records, in order. `local_engine` scores in this process.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Protocol

from classifier.classifier import Classifier
from classifier.records import Post, Rejection, Score
from serving.bulk.rows import Row
from serving.bulk.tally import NOTHING_DONE, Tally, tally_of

FIRST_CHUNK_ROWS = 64
MAX_CHUNK_ROWS = 4_096
MAX_CHUNK_CHARACTERS = 1_000_000

Chunk = list[Row]
Records = Sequence[Score | Rejection]
Engine = Callable[[Iterable[Chunk]], Iterator[Records]]
"""Gives the records of every chunk, a sequence for each, in the order of the chunks. It takes the
next chunk only when it needs it, so that memory does not grow with the input."""


class Sink(Protocol):
    """Takes records in order, those of one chunk at a time."""

    def write(self, records: Records) -> None: ...


def local_engine(classifier: Classifier, *, explain: bool = False) -> Engine:
    def run(chunks: Iterable[Chunk]) -> Iterator[Records]:
        return (score_chunk(chunk, classifier, explain=explain) for chunk in chunks)

    return run


def score_stream(
    rows: Iterable[Row],
    engine: Engine,
    sink: Sink,
    *,
    report: Callable[[Tally], None] | None = None,
    done: Tally = NOTHING_DONE,
) -> Tally:
    """Write one record per row to `sink`, in order, and count them.

    `report` is called after each chunk. `done` is what the sink already holds of the rows before
    the first of `rows`.
    """
    start = time.monotonic()
    tally = done
    for records in engine(chunked(rows, done.chunks)):
        sink.write(records)
        tally = replace(tally.plus(tally_of(records)), seconds=time.monotonic() - start)
        if report is not None:
            report(tally)
    return tally


def score_chunk(
    chunk: Chunk, classifier: Classifier, *, explain: bool = False
) -> list[Score | Rejection]:
    """Give one record per row. The same chunk gives the same records, to the last digit."""
    posts = [row.item for row in chunk if isinstance(row.item, Post)]
    results = iter(classifier.score(posts, explain=explain))
    records: list[Score | Rejection] = []
    for row in chunk:
        record = next(results) if isinstance(row.item, Post) else row.item
        # The classifier knows posts, not the lines that they came from.
        records.append(replace(record, line=row.line) if isinstance(record, Rejection) else record)
    return records


def chunked(rows: Iterable[Row], before: int = 0) -> Iterator[Chunk]:
    """Cut rows into chunks, the first of which is number `before`, counted from 0.

    Where a chunk ends depends on the rows alone: a run that begins after any of them cuts the rest
    as the run from the start did. A text's last digit may depend on its neighbours in a chunk.
    """
    # Texts are sorted by length inside a chunk, so large chunks waste little padding; small ones
    # come first so that the first records do not wait for thousands of rows.
    limit = min(FIRST_CHUNK_ROWS << min(before, 16), MAX_CHUNK_ROWS)
    chunk: Chunk = []
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
