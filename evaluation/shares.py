"""Shares of rows, and of whole sets of rows, on which every decision is right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifier.labels import LABELS
from data.records import Example
from evaluation.bootstrap import Resampled, difference, resample_ratio, summarise
from evaluation.contenders import Flags, negatives_of, positives_of
from evaluation.figures import Figure
from evaluation.metrics import Floats
from evaluation.slices import Slice


@dataclass(frozen=True, slots=True)
class Ratio:
    """A count for each row and whether the row is counted among those it is a share of, [n]."""

    counted: Floats
    among: NDArray[np.bool_]

    @property
    def rows(self) -> int:
        """How many rows it is a share of."""
        return int(self.among.sum())

    def resampled(self, groups: Sequence[str]) -> Resampled:
        return resample_ratio(self.counted * self.among, self.among.astype(np.float64), groups)


def ratio_figure(
    label: str,
    piece: tuple[str, str],
    metric: str,
    groups: Sequence[str],
    ours: Ratio,
    theirs: Ratio | None,
    *,
    of_positives: bool = True,
) -> Figure:
    """A share beside the baseline's, which may be among other rows; both share the resamples.

    `piece` is the dimension and the slice; `groups` [n] are the rows'.
    """
    found = ours.resampled(groups)
    model = summarise(found, ours.rows, ours.rows if of_positives else 0)
    if theirs is None:
        return Figure(label, *piece, metric, model)
    rival = theirs.resampled(groups)
    baseline = summarise(rival, theirs.rows, theirs.rows if of_positives else 0)
    return Figure(label, *piece, metric, model, baseline, difference(found, rival))


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
    n, where = len(groups), (piece.dimension, piece.name)
    found = _mean(ours, groups)
    model = summarise(found, n, positives)
    if theirs is None:
        return Figure(label, *where, metric, model)
    rival = _mean(theirs, groups)
    baseline = summarise(rival, n, positives)
    return Figure(label, *where, metric, model, baseline, difference(found, rival))


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


def _mean(values: NDArray[np.bool_] | Floats, groups: Sequence[str]) -> Resampled:
    return resample_ratio(values.astype(np.float64), np.ones(len(groups)), groups)
