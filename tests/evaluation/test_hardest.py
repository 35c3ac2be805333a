"""The errors shown are the surest ones, of texts that may be shown."""

from __future__ import annotations

import numpy as np
import pytest

from classifier.classifier import Classifier
from classifier.labels import Label
from evaluation.hardest import MOST, HardError, Kind, hardest_errors
from evaluation.predictions import Predictions
from tests.evaluation.examples import example

_LABEL = Label.SMUGGLING_SERVICE


def _errors(
    classifier: Classifier, rows: list[tuple[bool | None, float, str, str]]
) -> list[HardError]:
    """Rows of truth, probability, group and source."""
    examples = [
        example(str(n), f"a boat for {n}", smuggling=truth, group=group, source=source)
        for n, (truth, _, group, source) in enumerate(rows)
    ]
    probabilities = np.array([[probability, 0.0] for _, probability, _, _ in rows])
    return hardest_errors(Predictions(tuple(examples), probabilities), _LABEL, 0.5, classifier)


def test_missed_come_first_lowest_first_then_false_alarms_highest_first(
    tiny_classifier: Classifier,
) -> None:
    found = _errors(
        tiny_classifier,
        [
            (True, 0.3, "a", "corpus"),
            (True, 0.1, "b", "corpus"),
            (True, 0.9, "c", "corpus"),
            (False, 0.6, "d", "functional"),
            (False, 0.8, "e", "corpus"),
            (False, 0.2, "f", "corpus"),
            (None, 0.9, "g", "corpus"),
        ],
    )

    assert [(error.kind, error.probability) for error in found] == [
        (Kind.MISSED, 0.1),
        (Kind.MISSED, 0.3),
        (Kind.FALSE_ALARM, 0.8),
        (Kind.FALSE_ALARM, 0.6),
    ]
    assert all(span.label is _LABEL for error in found for span in error.evidence)
    assert any(error.evidence for error in found)


def test_public_texts_are_never_shown_and_a_group_only_once(tiny_classifier: Classifier) -> None:
    found = _errors(
        tiny_classifier,
        [
            (False, 0.99, "p", "brighter"),
            (False, 0.9, "twins", "corpus"),
            (False, 0.8, "twins", "corpus"),
        ],
    )

    assert [error.probability for error in found] == [pytest.approx(0.9)]


def test_no_more_than_the_most_are_shown(tiny_classifier: Classifier) -> None:
    rows: list[tuple[bool | None, float, str, str]] = [
        (True, n / 100, str(n), "corpus") for n in range(MOST + 5)
    ]

    assert len(_errors(tiny_classifier, rows)) == MOST
