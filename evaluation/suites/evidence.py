"""Faithfulness of the evidence on the positives of the test split."""

from __future__ import annotations

import numpy as np

from classifier.labels import LABELS, Label
from data.records import Example
from evaluation.bootstrap import Estimate, estimate_ratio
from evaluation.deletion import Drops, measure_drops
from evaluation.figures import Figure
from evaluation.slices import Slice, cut
from evaluation.suites.suite import Suite, SuiteReport, absent, measured
from evaluation.workbench import Workbench

NAME = "evidence"


def run(bench: Workbench) -> SuiteReport:
    positives = {
        label: [example for example in bench.test if example.labels[label]] for label in LABELS
    }
    if not any(positives.values()):
        return absent(NAME, f"the test split in {bench.data} has no positives")
    figures: list[Figure] = []
    examples: dict[str, Example] = {}
    for label, rows in positives.items():
        drops = measure_drops(bench.classifier, rows, label, track=bench.track)
        examples |= {example.id: example for example in drops.examples}
        for piece in cut(drops.examples, ("overall", "source", "language")):
            figures += _figures(label, drops, piece)
    return measured(NAME, list(examples.values()), figures)


def _figures(label: Label, drops: Drops, piece: Slice) -> list[Figure]:
    groups = [drops.examples[row].group for row in piece.rows]
    by_evidence, at_random = drops.by_evidence[piece.rows], drops.at_random[piece.rows]
    texts = np.ones(len(groups))
    estimates: dict[str, Estimate] = {
        "logit_drop_by_evidence": estimate_ratio(by_evidence, texts, groups),
        "logit_drop_at_random": estimate_ratio(at_random, texts, groups),
        "logit_drop_ratio": estimate_ratio(by_evidence, at_random, groups),
    }
    return [
        Figure(label.value, piece.dimension, piece.name, metric, found)
        for metric, found in estimates.items()
    ]


EVIDENCE = Suite(NAME, "what deleting the evidence does to the score of test positives", run)
