"""The errors that a model was surest of, for a person to read.

Only texts that come with the code are shown, the corpus and the functional cases. Public posts
belong to their authors.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from classifier.classifier import Classifier
from classifier.labels import Label
from classifier.records import Evidence, Post, Score
from data.records import Example
from evaluation.predictions import Predictions

SHOWN_SOURCES = frozenset({"corpus", "functional"})

MOST = 15
"""Of each kind of error and label."""


class Kind(StrEnum):
    """Which way a decision was wrong."""

    MISSED = "missed"
    FALSE_ALARM = "false alarm"


@dataclass(frozen=True, slots=True)
class HardError:
    """A row that was decided wrong at `cut`; `evidence` is the label's, by place in the text."""

    kind: Kind
    label: Label
    example: Example
    probability: float
    cut: float
    evidence: tuple[Evidence, ...]


def hardest_errors(
    predictions: Predictions, label: Label, cut: float, classifier: Classifier
) -> list[HardError]:
    """Missed rows with the lowest and false alarms with the highest probability, MOST of each.

    One of each group: twins fail for the same reason.
    """
    truths, probabilities = predictions.truths(label), predictions.of(label)
    order = np.argsort(probabilities, kind="stable").tolist()
    missed = [row for row in order if truths[row] is True and probabilities[row] < cut]
    alarms = [row for row in reversed(order) if truths[row] is False and probabilities[row] >= cut]
    chosen = [
        (kind, row)
        for kind, rows in ((Kind.MISSED, missed), (Kind.FALSE_ALARM, alarms))
        for row in _one_of_each_group(rows, predictions.examples)[:MOST]
    ]
    examples = [predictions.examples[row] for _, row in chosen]
    evidence = _evidence(classifier, examples, label)
    return [
        HardError(kind, label, example, float(probabilities[row]), cut, found)
        for (kind, row), example, found in zip(chosen, examples, evidence, strict=True)
    ]


def _one_of_each_group(rows: Iterable[int], examples: Sequence[Example]) -> list[int]:
    first: dict[str, int] = {}
    for row in rows:
        if examples[row].source in SHOWN_SOURCES:
            first.setdefault(examples[row].group, row)
    return list(first.values())


def _evidence(
    classifier: Classifier, examples: Sequence[Example], label: Label
) -> list[tuple[Evidence, ...]]:
    posts = [Post(example.id, example.text) for example in examples]
    answers = classifier.score(posts, explain=True)
    return [
        tuple(span for span in answer.evidence or () if span.label is label)
        if isinstance(answer, Score)
        else ()
        for answer in answers
    ]
