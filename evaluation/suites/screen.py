"""What the screen costs and what it saves, on rows that it was never shown.

Lost is a labelled row that the encoder would flag and the screen clears. What it saves is the share
of ordinary public posts that never reach the encoder.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from classifier.labels import Route, Stage
from classifier.records import Post, Score
from data.records import Example
from evaluation.figures import Figure
from evaluation.rare import estimate_rare
from evaluation.slices import cut
from evaluation.suites import benign
from evaluation.suites.suite import Suite, SuiteReport, absent, measured
from evaluation.workbench import Workbench

NAME = "screen"

SOURCES = ("corpus", "emscad")


def run(bench: Workbench) -> SuiteReport:
    if bench.classifier.manifest.screen is None:
        return absent(
            NAME, "the model has no screen; `lurewatch train RECIPE --screen DIR` adds one"
        )
    labelled = [example for example in bench.test if example.source in SOURCES]
    if not labelled:
        return absent(NAME, f"the test split in {bench.data} has no labelled rows")
    decisions = bench.predict(labelled, NAME)
    flagged = [row for row, where in enumerate(decisions.routes) if where is not Route.CLEAR]
    at_risk = [labelled[row] for row in flagged]
    figures = _shares(bench, at_risk, "flagged_lost", ("overall", "family", "source", "slice"))
    ordinary = benign.sample(bench.test)
    if ordinary:
        figures += _shares(bench, ordinary, "benign_cleared", ("overall", "source", "family"))
    return measured(NAME, [*labelled, *ordinary], figures)


def _shares(
    bench: Workbench, examples: Sequence[Example], metric: str, dimensions: Sequence[str]
) -> list[Figure]:
    cleared = _cleared(bench, examples)
    return [
        Figure(
            "any",
            piece.dimension,
            piece.name,
            metric,
            estimate_rare(cleared[piece.rows], [examples[row].group for row in piece.rows]),
        )
        for piece in cut(examples, dimensions)
    ]


def _cleared(bench: Workbench, examples: Sequence[Example]) -> NDArray[np.bool_]:
    answers = bench.screened.score([Post(example.id, example.text) for example in examples])
    return np.array(
        [isinstance(answer, Score) and answer.stage is Stage.SCREEN for answer in answers]
    )


SCREEN = Suite(NAME, "what the screen loses of the encoder's flags, and what it saves", run)
