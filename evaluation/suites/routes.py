"""How many violating posts no person would see: what the guarantee of the routes is worth on test.

The review thresholds promise that at most 3 % are expected to be missed on data like the
calibration split. The labelled test rows are such data; by language family it is an observation,
not a promise.
"""

from __future__ import annotations

import numpy as np

from classifier.labels import LABELS, Route
from evaluation.figures import Figure
from evaluation.rare import estimate_rare
from evaluation.slices import cut
from evaluation.suites.suite import Suite, SuiteReport, absent, measured
from evaluation.workbench import Workbench

NAME = "routes"

SOURCES = ("corpus", "emscad")


def run(bench: Workbench) -> SuiteReport:
    examples = [
        example
        for example in bench.test
        if example.source in SOURCES and any(example.labels[label] for label in LABELS)
    ]
    if not examples:
        return absent(NAME, f"the test split in {bench.data} has no positives")
    decisions = bench.predict(examples, NAME)
    missed = np.array([where is Route.CLEAR for where in decisions.routes])
    figures = []
    for piece in cut(examples, ("overall", "family", "source", "slice", "evasion")):
        groups = [examples[row].group for row in piece.rows]
        found = estimate_rare(missed[piece.rows], groups)
        figures.append(Figure("any", piece.dimension, piece.name, "violating_missed", found))
    return measured(NAME, examples, figures)


ROUTES = Suite(NAME, "violating posts that the routes keep from people, by language family", run)
