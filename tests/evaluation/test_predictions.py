"""Predictions are the classifier's own scores, in the order of the examples."""

from __future__ import annotations

import numpy as np
import pytest

from classifier.classifier import Classifier
from classifier.labels import LABELS, Label, Route
from classifier.records import Score
from evaluation.errors import UnscorableExampleError
from evaluation.predictions import predict
from tests.evaluation.examples import example

TEXTS = ("a boat tonight", "work from home", "the ferry is late " * 9, "قارب الليلة")


def test_predictions_are_the_classifiers_scores_in_order(tiny_classifier: Classifier) -> None:
    examples = [example(str(number), text) for number, text in enumerate(TEXTS)]

    decisions = predict(tiny_classifier, examples)

    assert decisions.examples == tuple(examples)
    for row, text in enumerate(TEXTS):
        (score,) = tiny_classifier.score([text])
        assert isinstance(score, Score)
        for column, label in enumerate(LABELS):
            # Alone and in a batch agree within the contract's bound.
            assert decisions.of(label)[row] == pytest.approx(score.scores[label], abs=0.01)
            assert decisions.probabilities[row, column] == decisions.of(label)[row]
    thresholds = tiny_classifier.manifest.thresholds
    for column, label in enumerate(LABELS):
        np.testing.assert_array_equal(
            decisions.flagged[:, column], decisions.of(label) >= thresholds[label].review
        )
    assert [route is Route.CLEAR for route in decisions.routes] == [
        not flags.any() for flags in decisions.flagged
    ]


def test_no_examples_give_empty_arrays_of_the_right_shape(tiny_classifier: Classifier) -> None:
    decisions = predict(tiny_classifier, [])

    assert decisions.probabilities.shape == decisions.flagged.shape == (0, len(LABELS))


def test_unknown_truths_stay_unknown(tiny_classifier: Classifier) -> None:
    decisions = predict(tiny_classifier, [example("a", smuggling=None, job=True)])

    assert decisions.truths(Label.SMUGGLING_SERVICE) == [None]
    assert decisions.truths(Label.FAKE_JOB) == [True]


def test_a_row_that_cannot_be_scored_is_an_error_that_names_it(
    tiny_classifier: Classifier,
) -> None:
    with pytest.raises(UnscorableExampleError, match="corpus:blank"):
        predict(tiny_classifier, [example("a"), example("blank", "\u200b")])
