"""What a classifier says about examples, as arrays beside the examples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifier.classifier import Classifier
from classifier.labels import LABELS, Label, Route
from classifier.records import Post, Rejection, Score
from data.progress import Track, untracked
from data.records import Example
from evaluation.errors import UnscorableExampleError
from evaluation.metrics import Floats, Truths

# Rows handed over at once: enough for the runtime to sort by length, few enough to show progress.
_CHUNK = 512


@dataclass(frozen=True, slots=True)
class Predictions:
    """Examples [n] and their probabilities [n, labels], in the order of LABELS."""

    examples: tuple[Example, ...]
    probabilities: Floats

    @property
    def groups(self) -> list[str]:
        return [example.group for example in self.examples]

    def truths(self, label: Label) -> Truths:
        return [example.labels[label] for example in self.examples]

    def of(self, label: Label) -> Floats:
        """The label's probabilities, [n]."""
        return self.probabilities[:, LABELS.index(label)]


@dataclass(frozen=True, slots=True)
class Decisions(Predictions):
    """Predictions with what a model's thresholds make of them.

    `flagged` [n, labels] says which labels a row carries; `routes` [n] where it goes.
    """

    flagged: NDArray[np.bool_]
    routes: tuple[Route, ...]


def predict(
    classifier: Classifier,
    examples: Sequence[Example],
    track: Track = untracked,
    step: str = "Scoring",
) -> Decisions:
    """Score examples as a user would. Raises UnscorableExampleError if any is rejected."""
    chunks = [examples[start : start + _CHUNK] for start in range(0, len(examples), _CHUNK)]
    scores: list[Score] = []
    for chunk in track(chunks, step):
        posts = [Post(id=example.id, text=example.text) for example in chunk]
        scores.extend(_scored(result) for result in classifier.score(posts))
    return Decisions(
        examples=tuple(examples),
        probabilities=np.array(
            [[score.scores[label] for label in LABELS] for score in scores], dtype=np.float64
        ).reshape(-1, len(LABELS)),
        flagged=np.array(
            [[label in score.labels for label in LABELS] for score in scores], dtype=np.bool_
        ).reshape(-1, len(LABELS)),
        routes=tuple(score.route for score in scores),
    )


def _scored(result: Score | Rejection) -> Score:
    if isinstance(result, Rejection):
        raise UnscorableExampleError(
            f"example {result.id} of the data build was rejected ({result.error}); "
            "run `lurewatch data check` and build the data again"
        )
    return result
