"""Whether the corpus's test rows bear the probabilities out, by language family.

The baselines' probabilities are not calibrated, so none stands beside these figures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifier.labels import Label
from data.languages import family_of
from data.records import Example
from evaluation import abstention, panels, reliability
from evaluation.bootstrap import Estimate, estimate
from evaluation.figures import Figure
from evaluation.metrics import Ranking, rank
from evaluation.predictions import Predictions
from evaluation.slices import LANGUAGE_ROWS
from evaluation.suites.suite import Suite, SuiteReport, absent, measured
from evaluation.workbench import Workbench

NAME = "calibration"

SMALL_FAMILIES = "other families"
"""Families of fewer than LANGUAGE_ROWS rows, together."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """The rows of a family, or all, ranked by one label; `groups` are those of the input rows."""

    name: str
    ranking: Ranking
    groups: tuple[str, ...]


def run(bench: Workbench) -> SuiteReport:
    examples = rows(bench)
    if not examples:
        return absent(NAME, f"the test split in {bench.data} has no rows of the corpus")
    predictions = bench.predict(examples, NAME)
    figures: list[Figure] = []
    for label in panels.known_labels(predictions):
        whole, *families = by_family(predictions, label)
        of_families = [_errors(label, "family", piece) for piece in families]
        figures += [
            *_errors(label, "overall", whole),
            *_fits(label, "overall", whole),
            *_abstentions(label, whole),
            _within_band(label, of_families),
        ]
        for piece, errors in zip(families, of_families, strict=True):
            figures += [*errors, *_fits(label, "family", piece)]
    return measured(NAME, examples, figures)


def rows(bench: Workbench) -> list[Example]:
    return [example for example in bench.test if example.source == "corpus"]


def by_family(predictions: Predictions, label: Label) -> list[Ranked]:
    """All rows first, then each family in alphabetical order, the small ones together."""
    families = np.array([family_of(example.language) for example in predictions.examples])
    names, counts = np.unique(families, return_counts=True)
    large = {str(name) for name, count in zip(names, counts, strict=True) if count >= LANGUAGE_ROWS}
    named = np.array([name if name in large else SMALL_FAMILIES for name in families])
    pieces = [("all", np.arange(len(named)))]
    pieces += [(name, np.flatnonzero(named == name)) for name in sorted(set(named.tolist()))]
    return [_ranked(predictions, label, name, chosen) for name, chosen in pieces]


def _ranked(predictions: Predictions, label: Label, name: str, chosen: NDArray[np.intp]) -> Ranked:
    truths, groups = predictions.truths(label), predictions.groups
    return Ranked(
        name,
        rank(predictions.of(label)[chosen], [truths[row] for row in chosen]),
        tuple(groups[row] for row in chosen),
    )


def _errors(label: Label, dimension: str, piece: Ranked) -> tuple[Figure, Figure]:
    """The debiased error, and the one that a perfect model stays under in 95 of 100 draws."""
    found = reliability.debiased_calibration_error(piece.ranking, piece.groups)
    limit = reliability.perfect_model_error(piece.ranking)
    perfect = Estimate(None if np.isnan(limit) else limit, None, None, found.n, found.positives)
    return (
        Figure(label.value, dimension, piece.name, "debiased_calibration_error", found),
        Figure(label.value, dimension, piece.name, "perfect_model_calibration_error", perfect),
    )


def _fits(label: Label, dimension: str, piece: Ranked) -> list[Figure]:
    statistics = {
        "calibration_slope": reliability.calibration_slope,
        "calibration_intercept": reliability.calibration_intercept,
    }
    found = estimate(statistics, piece.ranking, piece.groups)
    return [
        Figure(label.value, dimension, piece.name, metric, value) for metric, value in found.items()
    ]


def _abstentions(label: Label, whole: Ranked) -> list[Figure]:
    share = panels.percent(abstention.COVERAGE)
    statistics = {
        "coverage_risk_area": abstention.area,
        f"risk_at_{share}_coverage": abstention.risk_at(abstention.COVERAGE),
    }
    found = estimate(statistics, whole.ranking, whole.groups)
    return [Figure(label.value, "overall", "all", metric, value) for metric, value in found.items()]


def _within_band(label: Label, families: Sequence[tuple[Figure, Figure]]) -> Figure:
    """The share of families whose error a perfect model could have; one in 20 falls out by chance.

    `n` counts families.
    """
    inside = [
        found.model.value <= limit.model.value
        for found, limit in families
        if found.model.value is not None and limit.model.value is not None
    ]
    share = sum(inside) / len(inside) if inside else None
    within = Estimate(share, None, None, len(inside), 0)
    return Figure(label.value, "overall", "all", "families_within_band", within)


CALIBRATION = Suite(NAME, "probabilities against what came true, by language family", run)
