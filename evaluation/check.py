"""Compares an evaluation with the committed figures, each within a stated tolerance."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from evaluation.errors import EvaluationError
from evaluation.figures import Figure
from evaluation.report import Report
from evaluation.suites.suite import SuiteReport

COMMITTED = Path(__file__).parent / "figures.json"

# By the end of the metric's name, first match. Loose enough for another processor's arithmetic,
# tight enough that a real change of the model or of the data shows.
_TOLERANCES = (
    ("_per_10000", 15.0),
    ("lowest_capability_accuracy", 0.07),
    ("_false_positive_gap", 0.03),
    ("_gap_by_chance", 0.03),
    ("probability_change", 0.005),
    ("calibration_slope", 0.1),
    ("calibration_intercept", 0.15),
    ("families_within_band", 0.1),
    ("drop_ratio", 0.5),
    ("drop_by_evidence", 0.1),
    ("drop_at_random", 0.05),
    ("log_loss", 0.02),
    ("calibration_error", 0.01),
)
_AVERAGE_PRECISION_TOLERANCE = 0.005
_RATE_TOLERANCE = 0.02

_WHOLE = ("overall", "attack")


@dataclass(frozen=True, slots=True)
class Committed:
    """A suite's figures by `label/metric` or `label/attack/metric`; the model and data build they
    were measured on.
    """

    model: str | None
    data: str
    figures: dict[str, float | None]


@dataclass(frozen=True, slots=True)
class Deviation:
    """A figure that is not what was committed; `found` is None where it has no value."""

    suite: str
    key: str
    committed: float | None
    found: float | None
    tolerance: float

    def __str__(self) -> str:
        return (
            f"{self.suite} {self.key}: committed {_shown(self.committed)}, "
            f"found {_shown(self.found)}, tolerance {self.tolerance:g}"
        )


def headline(suites: Sequence[SuiteReport]) -> dict[str, dict[str, float | None]]:
    """The figures that are committed: those over all rows of each suite that was measured, and
    those of each attack, which changes all rows.

    Slices are left out: on a few rows, one that falls on the other side of a threshold exceeds
    any useful tolerance.
    """
    return {
        suite.suite: {
            _key(figure): figure.model.to_dict()["value"]
            for figure in suite.figures
            if figure.dimension in _WHOLE
        }
        for suite in suites
        if suite.absent is None
    }


def _key(figure: Figure) -> str:
    whole = figure.dimension == "overall"
    return "/".join((figure.label, *(() if whole else (figure.slice,)), figure.metric))


def tolerance(metric: str) -> float:
    """How far a metric may be from what was committed, in its own unit."""
    if metric.startswith("average_precision"):
        return _AVERAGE_PRECISION_TOLERANCE
    return next((width for end, width in _TOLERANCES if metric.endswith(end)), _RATE_TOLERANCE)


def deviations(
    committed: Mapping[str, Committed], suites: Sequence[SuiteReport]
) -> list[Deviation]:
    """Every committed figure of these suites that is missing or out of tolerance.

    A suite that could not be measured deviates in all its figures: a check that passes for want
    of data would be worth nothing. Raises EvaluationError for a suite without committed figures.
    """
    found = headline(suites)
    deviating: list[Deviation] = []
    for name in (suite.suite for suite in suites):
        if name not in committed:
            raise EvaluationError(
                f"there is nothing to compare {name} with; "
                "`lurewatch evaluate --update` commits its figures"
            )
        for key, value in committed[name].figures.items():
            figure = found.get(name, {}).get(key)
            width = tolerance(key.rsplit("/", 1)[-1])
            if not _agree(value, figure, width):
                deviating.append(Deviation(name, key, value, figure, width))
    return deviating


def read_committed(path: Path = COMMITTED) -> dict[str, Committed]:
    """The committed figures by suite. Raises EvaluationError when there are none to read."""
    try:
        suites = json.loads(path.read_bytes())["suites"]
        return {name: Committed(**suite) for name, suite in suites.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise EvaluationError(
            f"{path} should hold the committed figures and cannot be read ({error!r}); "
            "`lurewatch evaluate --update` writes it"
        ) from error


def merged(committed: Mapping[str, Committed], report: Report) -> dict[str, Any]:
    """What `--update` writes: the new figures, and the old ones of suites not measured."""
    suites = {
        **committed,
        **{
            name: Committed(report.model, report.data, figures)
            for name, figures in headline(report.suites).items()
        },
    }
    return {"suites": {name: asdict(suites[name]) for name in sorted(suites)}}


def _agree(committed: float | None, found: float | None, width: float) -> bool:
    if committed is None or found is None:
        return committed is found
    # Both are rounded to four digits; a difference of exactly the tolerance passes.
    return abs(committed - found) <= width + 1e-9


def _shown(value: float | None) -> str:
    return "nothing" if value is None else f"{value:g}"
