"""False alarms on public posts that are no offers: what a queue would fill up with.

The corpus is half hard negatives by design, so its false positive rate says nothing about real
traffic. These rows are ordinary posts, news and phrases, and come nearer to it. Rows that a
keyword screen left in doubt are unknown and not counted, which flatters the figure.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from classifier.labels import LABELS, Route
from data.records import Example
from evaluation import metrics
from evaluation.baseline import LABELLED_SOURCES
from evaluation.bootstrap import Estimate, estimate
from evaluation.figures import Figure
from evaluation.metrics import Floats, Ranking, rank
from evaluation.predictions import Decisions
from evaluation.slices import Slice, cut
from evaluation.suites.suite import Suite, SuiteReport, absent, measured
from evaluation.workbench import Workbench

NAME = "benign-public"

ROWS_PER_SOURCE = 1_000
"""Small sources are used whole; the cap keeps the two largest from being all that is measured."""

PER = 10_000
"""False alarms are told per this many posts."""


def run(bench: Workbench) -> SuiteReport:
    examples = sample(bench.test)
    if not examples:
        return absent(
            NAME,
            f"the test split in {bench.data} has no public benign rows; "
            "`lurewatch data build --datasets DIR` takes them in",
        )
    decisions = bench.predict(examples, NAME)
    figures = [
        figure
        for piece in cut(examples, ("overall", "source", "language"))
        for figure in _alarms(decisions, piece)
    ]
    return measured(NAME, examples, figures)


def sample(test: Sequence[Example], *, seed: int = 0) -> list[Example]:
    """Rows known to be neither, at most ROWS_PER_SOURCE of each public source, in their order."""
    by_source: dict[str, list[int]] = {}
    for row, example in enumerate(test):
        is_benign = all(example.labels[label] is False for label in LABELS)
        if is_benign and example.source not in LABELLED_SOURCES:
            by_source.setdefault(example.source, []).append(row)
    chosen: list[int] = []
    for source in sorted(by_source):
        shuffled = np.random.default_rng(seed).permutation(by_source[source])
        chosen.extend(shuffled[:ROWS_PER_SOURCE].tolist())
    return [test[row] for row in sorted(chosen)]


def _alarms(decisions: Decisions, piece: Slice) -> list[Figure]:
    """How often any label sends a row to the queue; over all rows, also each label by itself."""
    queued = np.array([decisions.routes[row] is not Route.CLEAR for row in piece.rows])
    hurried = np.array([decisions.routes[row] is Route.PRIORITY for row in piece.rows])
    alarms = [("any", "review", queued), ("any", "priority", hurried)]
    if piece.dimension == "overall":
        for column, label in enumerate(LABELS):
            alarms.append((label.value, "review", decisions.flagged[piece.rows, column]))
    groups = [decisions.examples[row].group for row in piece.rows]
    return [
        Figure(label, piece.dimension, piece.name, f"{route}_per_{PER}", _rate(flagged, groups))
        for label, route, flagged in alarms
    ]


def _rate(flagged: NDArray[np.bool_], groups: Sequence[str]) -> Estimate:
    ranking = rank(flagged.astype(np.float64), [False] * len(flagged))
    return estimate({"alarms": _alarms_per}, ranking, groups)["alarms"]


def _alarms_per(ranking: Ranking, weights: Floats | None) -> Floats:
    return metrics.false_positive_rate(ranking, 1.0, weights) * PER


BENIGN_PUBLIC = Suite(NAME, "false alarms on public posts, news and phrases", run)
