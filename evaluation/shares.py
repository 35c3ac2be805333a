"""Shares of rows, and of whole sets of rows, on which every decision is right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from classifier.labels import LABELS
from data.records import Example
from evaluation.bootstrap import Estimate, difference, estimate_ratio, resample_ratio
from evaluation.contenders import Flags, negatives_of, positives_of
from evaluation.figures import Figure
from evaluation.metrics import Floats
from evaluation.slices import Slice


def rows_right(flags: Flags, examples: Sequence[Example]) -> Flags:
    """Whether each label is decided right, [n, COLUMNS]; `any` asks for every label.

    A text flagged for the wrong reason misleads its reader. A label of unknown truth is right
    whatever is said.
    """
    missed = positives_of(examples) & ~flags
    false_alarms = negatives_of(examples) & flags
    labels = ~(missed | false_alarms)[:, : len(LABELS)]
    return np.column_stack([labels, labels.all(axis=1)])


def sets_right(right: NDArray[np.bool_], names: Sequence[str]) -> dict[str, bool]:
    """For each name, in alphabetical order, whether all rows that bear it are right."""
    distinct, members = np.unique(np.array(names, dtype=np.str_), return_inverse=True)
    wrong = np.bincount(members, weights=~right, minlength=len(distinct))
    return {str(name): count == 0 for name, count in zip(distinct, wrong.tolist(), strict=True)}


def mean_figure(
    label: str,
    piece: Slice,
    metric: str,
    groups: Sequence[str],
    ours: NDArray[np.bool_] | Floats,
    theirs: NDArray[np.bool_] | Floats | None = None,
    *,
    positives: int = 0,
) -> Figure:
    """The mean of a value for each row of a piece, with its interval by group.

    `groups`, `ours` and `theirs` [n] are those of the piece's rows; `theirs` is the baseline's,
    which shares the resamples. `positives` is told beside the number of rows.
    """
    rival = None if theirs is None else _mean(theirs, groups, positives)
    lead = None
    if theirs is not None:
        ones = np.ones(len(groups))
        lead = difference(
            resample_ratio(ours.astype(np.float64), ones, groups),
            resample_ratio(theirs.astype(np.float64), ones, groups),
        )
    found = _mean(ours, groups, positives)
    return Figure(label, piece.dimension, piece.name, metric, found, rival, lead)


def _mean(values: NDArray[np.bool_] | Floats, groups: Sequence[str], positives: int) -> Estimate:
    found = estimate_ratio(values.astype(np.float64), np.ones(len(groups)), groups)
    return replace(found, positives=positives)
