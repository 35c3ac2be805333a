"""What two runs of one model are compared by."""

from __future__ import annotations

import numpy as np
import pytest

from classifier.labels import Label, Route
from data.records import Example
from evaluation.errors import PredictionsError
from evaluation.parity import compare
from evaluation.predictions import Decisions
from tests.evaluation.examples import example

EXAMPLES = (
    example("a", smuggling=True),
    example("b", smuggling=False),
    example("c", smuggling=None),
)


def _decisions(
    smuggling: list[float], *, threshold: float = 0.5, examples: tuple[Example, ...] = EXAMPLES
) -> Decisions:
    probabilities = np.column_stack([smuggling, [0.1] * len(smuggling)])
    flagged = probabilities >= threshold
    return Decisions(
        examples=examples,
        probabilities=probabilities,
        flagged=flagged,
        routes=tuple(Route.REVIEW if row.any() else Route.CLEAR for row in flagged),
    )


def test_a_run_agrees_with_itself() -> None:
    parity = compare(_decisions([0.9, 0.2, 0.4]), _decisions([0.9, 0.2, 0.4]))

    smuggling, job = parity.labels
    assert (smuggling.largest, smuggling.mean, smuggling.flips) == (0.0, 0.0, 0)
    assert smuggling.average_precision_change == 0.0
    assert job.average_precision_change is None
    assert parity.route_flips == 0


def test_differences_flips_and_the_change_of_average_precision_are_counted() -> None:
    parity = compare(_decisions([0.9, 0.2, 0.4]), _decisions([0.45, 0.55, 0.4]))

    smuggling = parity.labels[0]
    assert smuggling.label is Label.SMUGGLING_SERVICE
    assert smuggling.largest == pytest.approx(0.45)
    assert smuggling.mean == pytest.approx((0.45 + 0.35) / 3)
    assert smuggling.flips == 2
    assert smuggling.average_precision_change == pytest.approx(-0.5)
    assert parity.route_flips == 2
    assert "largest difference 0.4500" in parity.lines()[0]
    assert parity.to_dict()["labels"]["smuggling_service"]["flips"] == 2


def test_runs_over_other_examples_are_not_compared() -> None:
    other = _decisions([0.9, 0.2, 0.4], examples=(EXAMPLES[1], EXAMPLES[0], EXAMPLES[2]))

    with pytest.raises(PredictionsError, match="same order"):
        compare(_decisions([0.9, 0.2, 0.4]), other)
