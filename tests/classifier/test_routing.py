from __future__ import annotations

import pytest

from classifier.labels import LABELS, Label, Route
from classifier.routing import Thresholds, labels_at, route

SMUGGLING, JOB = LABELS
THRESHOLDS = {
    SMUGGLING: Thresholds(review=0.4, priority=0.8),
    JOB: Thresholds(review=0.6, priority=None),
}


@pytest.mark.parametrize(
    ("smuggling", "job", "labels", "expected"),
    [
        (0.0, 0.0, (), Route.CLEAR),
        (0.399, 0.599, (), Route.CLEAR),
        (0.4, 0.0, (SMUGGLING,), Route.REVIEW),
        (0.0, 0.6, (JOB,), Route.REVIEW),
        (0.5, 0.7, (SMUGGLING, JOB), Route.REVIEW),
        (0.799, 0.0, (SMUGGLING,), Route.REVIEW),
        (0.8, 0.0, (SMUGGLING,), Route.PRIORITY),
        (0.9, 0.9, (SMUGGLING, JOB), Route.PRIORITY),
        (0.0, 1.0, (JOB,), Route.REVIEW),  # without a priority threshold none is reached
        (1.0, 1.0, (SMUGGLING, JOB), Route.PRIORITY),
    ],
)
def test_scores_and_thresholds_alone_decide(
    smuggling: float, job: float, labels: tuple[Label, ...], expected: Route
) -> None:
    scores = {JOB: job, SMUGGLING: smuggling}
    assert labels_at(scores, THRESHOLDS) == labels
    assert route(scores, THRESHOLDS) is expected
