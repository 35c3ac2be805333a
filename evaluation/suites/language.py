"""How often the record names the language that the test rows are tagged with."""

from __future__ import annotations

import numpy as np

from classifier.records import Post, Score
from data.languages import language_of
from evaluation.bootstrap import estimate_ratio
from evaluation.figures import Figure
from evaluation.slices import cut
from evaluation.suites.suite import Suite, SuiteReport, absent, measured
from evaluation.workbench import Workbench

NAME = "language"


def run(bench: Workbench) -> SuiteReport:
    """Over test rows of every source, in the languages that the model offers as answers."""
    offered = set(bench.classifier.manifest.languages)
    examples = [e for e in bench.test if language_of(e.language, e.text) in offered]
    if not examples:
        return absent(NAME, f"the test split in {bench.data} has no row in the model's languages")
    answers = bench.classifier.score([Post(e.id, e.text) for e in examples])
    right = np.array(
        [
            isinstance(answer, Score) and answer.language == language_of(e.language, e.text)
            for answer, e in zip(answers, examples, strict=True)
        ],
        np.float64,
    )
    figures = []
    for piece in cut(examples, ("overall", "source", "language")):
        groups = [examples[row].group for row in piece.rows]
        found = estimate_ratio(right[piece.rows], np.ones(len(groups)), groups)
        figures.append(Figure("any", piece.dimension, piece.name, "language_accuracy", found))
    return measured(NAME, examples, figures)


LANGUAGE = Suite(NAME, "how often the record names the right language", run)
