"""The baseline learns from known labels only, and the same way every time."""

from __future__ import annotations

import numpy as np
import pytest

from classifier.labels import Label
from data.records import Example
from evaluation.baselines.baseline import with_sampled_benign
from evaluation.baselines.tfidf import fit_tfidf
from evaluation.errors import TooFewRowsError
from tests.evaluation.examples import example


def _train() -> list[Example]:
    rows = []
    for n in range(12):
        rows.append(
            example(f"s{n}", f"boat to the coast, seat {n}, pay on arrival", smuggling=True)
        )
        rows.append(example(f"j{n}", f"typing work {n}, register for a fee", job=True))
        rows.append(example(f"e{n}", f"the ferry timetable changes on day {n}"))
    return rows


def test_the_baseline_ranks_what_it_has_read() -> None:
    baseline = fit_tfidf(_train())

    smuggling, job = baseline.probabilities(
        ["boat seat, pay on arrival", "work, register for a fee"]
    )

    assert smuggling[0] > 0.5 > smuggling[1]
    assert job[1] > 0.5 > job[0]


def test_two_fits_are_equal() -> None:
    texts = ["a boat", "a fee"]

    first, second = (fit_tfidf(_train(), _train()) for _ in range(2))

    assert first.inverse_penalties == second.inverse_penalties
    np.testing.assert_array_equal(first.probabilities(texts), second.probabilities(texts))


def test_a_row_of_unknown_label_teaches_that_label_nothing() -> None:
    unknown = [
        example(f"u{n}", "boat seat, pay on arrival", smuggling=None, source="emscad")
        for n in range(40)
    ]
    negative = [
        example(f"u{n}", "boat seat, pay on arrival", smuggling=False, source="emscad")
        for n in range(40)
    ]

    text = ["boat seat, pay on arrival"]
    with_unknown = fit_tfidf(_train() + unknown).probabilities(text)[0, 0]
    with_negative = fit_tfidf(_train() + negative).probabilities(text)[0, 0]

    assert with_unknown > 0.5
    assert with_negative < with_unknown - 0.1


def test_public_benign_rows_are_at_most_as_many_as_the_others() -> None:
    public = [example(f"p{n}", source="brighter") for n in range(500)]
    chat = [example("spam", source="tgspam", job=True)]

    sampled = with_sampled_benign(public + _train() + chat, seed=0)

    by_source = [row.source for row in sampled]
    assert by_source.count("corpus") == 36
    assert by_source.count("tgspam") == 1
    assert by_source.count("brighter") == 37
    assert sampled == with_sampled_benign(public + _train() + chat, seed=0)
    assert sampled != with_sampled_benign(public + _train() + chat, seed=1)


def test_a_label_without_positives_is_an_error_that_names_it() -> None:
    rows = [row for row in _train() if not row.labels[Label.FAKE_JOB]]

    with pytest.raises(TooFewRowsError, match="fake_job"):
        fit_tfidf(rows)
