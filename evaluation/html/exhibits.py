"""What the page shows besides figures: curves and the hardest errors, from scores already had."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from classifier.labels import LABELS, Label
from data.records import Example
from evaluation import panels
from evaluation.errors import EvaluationError
from evaluation.hardest import HardError, hardest_errors
from evaluation.html.plots import Line, coverage_risk_points, precision_recall_points
from evaluation.metrics import Ranking, rank
from evaluation.predictions import Predictions
from evaluation.reliability import Curve, reliability_curve
from evaluation.sets.functional import read_functional
from evaluation.suites import calibration, functional
from evaluation.suites.ranked import CORPUS_TEST
from evaluation.suites.suite import SuiteReport
from evaluation.workbench import Workbench

_CURVED = {CORPUS_TEST.name, calibration.NAME}


@dataclass(frozen=True, slots=True)
class Exhibits:
    """By label: precision over recall of model and best baseline, reliability over all rows and
    by family, and coverage-risk, each of the corpus's test rows; and errors.
    """

    precision_recall: tuple[tuple[Label, tuple[Line, ...]], ...] = ()
    reliability: tuple[tuple[Label, str, Curve], ...] = ()
    coverage_risk: tuple[tuple[Label, Line], ...] = ()
    errors: tuple[HardError, ...] = ()


def gather(bench: Workbench, suites: Sequence[SuiteReport]) -> Exhibits:
    """Exhibits of the suites that were measured; empty where none of them has any."""
    measured = {suite.suite: suite for suite in suites if suite.absent is None}
    curves = bench.predict(calibration.rows(bench), "Plots") if measured.keys() & _CURVED else None
    return Exhibits(
        precision_recall=_precision_recalls(curves, measured.get(CORPUS_TEST.name), bench),
        reliability=_reliabilities(curves) if calibration.NAME in measured else (),
        coverage_risk=_coverage_risks(curves) if calibration.NAME in measured else (),
        errors=_errors(bench, measured),
    )


def _precision_recalls(
    predictions: Predictions | None, suite: SuiteReport | None, bench: Workbench
) -> tuple[tuple[Label, tuple[Line, ...]], ...]:
    if predictions is None or suite is None:
        return ()
    return tuple(
        (label, _precision_recall(label, predictions, suite, bench))
        for label in panels.known_labels(predictions)
    )


def _reliabilities(predictions: Predictions | None) -> tuple[tuple[Label, str, Curve], ...]:
    if predictions is None:
        return ()
    return tuple(
        (label, piece.name, reliability_curve(piece.ranking))
        for label in panels.known_labels(predictions)
        for piece in calibration.by_family(predictions, label)
    )


def _coverage_risks(predictions: Predictions | None) -> tuple[tuple[Label, Line], ...]:
    if predictions is None:
        return ()
    return tuple(
        (label, Line("model", coverage_risk_points(_ranking(label, predictions))))
        for label in panels.known_labels(predictions)
    )


def _precision_recall(
    label: Label, predictions: Predictions, suite: SuiteReport, bench: Workbench
) -> tuple[Line, ...]:
    model = Line("model", precision_recall_points(_ranking(label, predictions)))
    best = _best_baseline(label, suite)
    if best is None:
        return (model,)
    try:
        scores = bench.against(best).baseline(predictions.examples)
    except EvaluationError:  # one that knows too few of the texts was left out of the figures too
        return (model,)
    if scores is None:
        return (model,)
    ranking = rank(scores[:, LABELS.index(label)], predictions.truths(label))
    return model, Line(best, precision_recall_points(ranking))


def _best_baseline(label: Label, suite: SuiteReport) -> str | None:
    """By average precision over all rows."""
    figures = (
        figure
        for figure in suite.figures
        if (figure.label, figure.dimension, figure.metric)
        == (label.value, "overall", "average_precision")
    )
    return next((figure.best_baseline for figure in figures), None)


def _errors(bench: Workbench, measured: Collection[str]) -> tuple[HardError, ...]:
    examples: list[Example] = []
    if CORPUS_TEST.name in measured:
        examples += [example for example in bench.test if example.source == "corpus"]
    if functional.NAME in measured:
        examples += [case.example for case in read_functional()]
    if not examples:
        return ()
    predictions = bench.predict(examples, "Hardest errors")
    return tuple(
        error
        for label in LABELS
        for error in hardest_errors(
            predictions, label, bench.thresholds[label].review, bench.classifier
        )
    )


def _ranking(label: Label, predictions: Predictions) -> Ranking:
    return rank(predictions.of(label), predictions.truths(label))
