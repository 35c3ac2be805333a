from __future__ import annotations

from collections.abc import Iterator, Sequence

from classifier.classifier import Classifier
from classifier.errors import MalformedRowError
from classifier.labels import FACETS, Route
from classifier.records import MAX_TEXT_CHARACTERS, Post, Rejection, Score
from serving.bulk.rows import Row, rejected
from serving.bulk.scoring import (
    FIRST_CHUNK_ROWS,
    MAX_CHUNK_CHARACTERS,
    chunked,
    local_engine,
    score_chunk,
    score_stream,
)
from serving.bulk.tally import Tally


class ListSink:
    """Keeps every record, and the size of each call."""

    def __init__(self) -> None:
        self.records: list[Score | Rejection] = []
        self.calls: list[int] = []

    def write(self, records: Sequence[Score | Rejection]) -> None:
        self.records += records
        self.calls.append(len(records))


def post_row(line: int, text: str) -> Row:
    return Row(line, Post(f"p{line}", text))


def mixed_rows(count: int) -> Iterator[Row]:
    for line in range(1, count + 1):
        if line % 7 == 3:
            yield rejected(MalformedRowError("Broken."), line)
        elif line % 11 == 5:
            yield post_row(line, "  ")
        else:
            yield post_row(line, f"boat seat number {line} " * (1 + line % 5))


def test_one_record_per_row_in_the_order_of_the_rows(classifier: Classifier) -> None:
    sink = ListSink()
    tally = score_stream(mixed_rows(300), local_engine(classifier), sink)
    assert [record.id for record in sink.records] == [
        str(line) if line % 7 == 3 else f"p{line}" for line in range(1, 301)
    ]
    assert tally.rows == 300
    assert tally.scored == sum(isinstance(record, Score) for record in sink.records)


def test_a_rejected_post_gets_the_line_that_it_came_from(classifier: Classifier) -> None:
    sink = ListSink()
    long = "x" * (MAX_TEXT_CHARACTERS + 1)
    score_stream(
        [post_row(4, "hello"), post_row(9, ""), post_row(12, long)], local_engine(classifier), sink
    )
    errors = [record for record in sink.records if isinstance(record, Rejection)]
    assert [(error.line, error.error.code) for error in errors] == [
        (9, "empty_text"),
        (12, "text_too_long"),
    ]


def test_the_first_records_do_not_wait_for_the_last_rows(classifier: Classifier) -> None:
    sink = ListSink()

    def rows() -> Iterator[Row]:
        for line in range(FIRST_CHUNK_ROWS):
            yield post_row(line, "hello")
        yield post_row(FIRST_CHUNK_ROWS, "the first chunk must have been written by now")
        assert len(sink.records) == FIRST_CHUNK_ROWS

    score_stream(rows(), local_engine(classifier), sink)
    assert sink.calls == [FIRST_CHUNK_ROWS, 1]


def test_long_texts_make_smaller_chunks(classifier: Classifier) -> None:
    sink = ListSink()
    rows = [post_row(line, " " * (MAX_TEXT_CHARACTERS - 1)) for line in range(60)]
    score_stream(rows, local_engine(classifier), sink)
    assert max(sink.calls) * MAX_TEXT_CHARACTERS < 1_100_000


def test_the_tally_grows_with_every_chunk(classifier: Classifier) -> None:
    tallies: list[Tally] = []
    sink = ListSink()
    last = score_stream(mixed_rows(200), local_engine(classifier), sink, report=tallies.append)
    assert [tally.rows for tally in tallies] == [64, 192, 200]
    assert tallies[-1] == last
    scores = [record for record in sink.records if isinstance(record, Score)]
    assert last.flagged == sum(score.route is not Route.CLEAR for score in scores)


def test_facets_and_evidence_come_with_explain_only(classifier: Classifier) -> None:
    plain, explained = ListSink(), ListSink()
    rows = [post_row(1, "two seats in the boat on friday")]
    score_stream(rows, local_engine(classifier), plain)
    score_stream(rows, local_engine(classifier, explain=True), explained)
    (first,), (second,) = plain.records, explained.records
    assert isinstance(first, Score)
    assert isinstance(second, Score)
    assert first.facets is None
    assert second.facets is not None
    assert set(second.facets) == set(FACETS)
    assert second.evidence is not None


def test_no_rows_are_no_records(classifier: Classifier) -> None:
    sink = ListSink()
    assert score_stream([], local_engine(classifier), sink).rows == 0
    assert sink.calls == []


def test_the_rest_after_any_chunk_is_cut_and_scored_as_in_a_run_from_the_start(
    classifier: Classifier,
) -> None:
    rows = [*mixed_rows(500), post_row(501, " " * (MAX_CHUNK_CHARACTERS + 1)), *mixed_rows(700)]
    whole = list(chunked(rows))
    results = [score_chunk(chunk, classifier) for chunk in whole]
    for before in range(len(whole)):
        done = sum(map(len, whole[:before]))
        rest = list(chunked(rows[done:], before))
        assert rest == whole[before:]
    sink = ListSink()
    score_stream(
        rows[sum(map(len, whole[:3])) :], local_engine(classifier), sink, done=Tally(chunks=3)
    )
    expected = [record.to_dict() for result in results[3:] for record in result]
    assert [record.to_dict() for record in sink.records] == expected
