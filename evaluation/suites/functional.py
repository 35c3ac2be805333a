"""Single skills, a handful of hand-written cases each: where a model fails, and not only how often.

A case is right when both labels are decided right at the review thresholds, a pair when all its
members are. The baseline is cut where it raises no more false alarms on these cases.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from data.records import Example
from evaluation import panels
from evaluation.bootstrap import Estimate
from evaluation.contenders import COLUMNS, line_up, positives_of
from evaluation.figures import Figure
from evaluation.predictions import Predictions
from evaluation.sets.functional import Case, read_functional
from evaluation.shares import mean_figure, rows_right, sets_right
from evaluation.slices import Slice, cut
from evaluation.suites.suite import Suite, SuiteReport, measured
from evaluation.workbench import Workbench

NAME = "functional"

# A capability is the slice of its examples.
_DIMENSIONS = ("overall", "language", "slice")

_ANY = COLUMNS.index("any")


def run(bench: Workbench) -> SuiteReport:
    cases = read_functional()
    examples = [case.example for case in cases]
    model, baseline = line_up(bench, examples, NAME)
    ours = rows_right(model.before, examples)[:, _ANY]
    theirs = None if baseline is None else rows_right(baseline.before, examples)[:, _ANY]
    pieces = cut(examples, _DIMENSIONS)
    accuracies = [_accuracy(examples, piece, ours, theirs) for piece in pieces]
    figures = [
        *accuracies,
        _lowest(accuracies),
        *(_pairs(cases, piece, ours, theirs) for piece in pieces),
        *panels.by_slice(
            Predictions(tuple(examples), model.clean),
            panels.Cut("review", model.cuts),
            None if baseline is None else baseline.clean,
            _DIMENSIONS,
        ),
    ]
    return measured(NAME, examples, figures)


def _accuracy(
    examples: Sequence[Example],
    piece: Slice,
    ours: NDArray[np.bool_],
    theirs: NDArray[np.bool_] | None,
) -> Figure:
    chosen = [examples[row] for row in piece.rows]
    return mean_figure(
        "any",
        piece,
        "accuracy",
        [example.group for example in chosen],
        ours[piece.rows],
        None if theirs is None else theirs[piece.rows],
        positives=int(positives_of(chosen)[:, _ANY].sum()),
    )


def _lowest(accuracies: Iterable[Figure]) -> Figure:
    """The capability that does worst, with its own rows and interval; each its own worst."""
    capabilities = [figure for figure in accuracies if figure.dimension == "slice"]
    rivals = [figure.baseline for figure in capabilities if figure.baseline is not None]
    return Figure(
        "any",
        "overall",
        "all",
        "lowest_capability_accuracy",
        min((figure.model for figure in capabilities), key=_value),
        min(rivals, key=_value, default=None),
    )


def _value(estimate: Estimate) -> float:
    return 0.0 if estimate.value is None else estimate.value


def _pairs(
    cases: Sequence[Case],
    piece: Slice,
    ours: NDArray[np.bool_],
    theirs: NDArray[np.bool_] | None,
) -> Figure:
    """The share of a piece's pairs that are right; without a value where it has none."""
    paired = [row for row in piece.rows if cases[row].pair is not None]
    names = [cases[row].example.group for row in paired]
    whole = sets_right(ours[paired], names)
    return mean_figure(
        "any",
        piece,
        "pairs_right",
        list(whole),
        np.array(list(whole.values()), dtype=np.bool_),
        None
        if theirs is None
        else np.array(list(sets_right(theirs[paired], names).values()), dtype=np.bool_),
        positives=len(whole),
    )


FUNCTIONAL = Suite(NAME, "single skills on hand-written cases, both labels right", run)
