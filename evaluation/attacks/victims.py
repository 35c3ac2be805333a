"""What an attack may ask of a model: probabilities, nothing else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from classifier.classifier import Classifier
from classifier.labels import LABELS
from classifier.records import Rejection
from classifier.text import normalise
from evaluation.errors import UnscorableExampleError
from evaluation.metrics import Floats


class Victim(Protocol):
    """A model seen from outside."""

    def probabilities(self, texts: Sequence[str]) -> Floats:
        """Of texts as sent, [n, labels]."""
        ...


@dataclass(frozen=True, slots=True)
class ClassifierVictim:
    """The classifier as a user meets it."""

    classifier: Classifier

    def probabilities(self, texts: Sequence[str]) -> Floats:
        """Raises UnscorableExampleError when an attack left nothing to score."""
        scores = []
        for answer in self.classifier.score(texts):
            if isinstance(answer, Rejection):
                raise UnscorableExampleError(
                    f"a disguised text was rejected ({answer.error}); an attack must leave words"
                )
            scores.append([answer.scores[label] for label in LABELS])
        return np.array(scores, dtype=np.float64).reshape(-1, len(LABELS))


@dataclass(frozen=True, slots=True)
class NormalisedVictim:
    """A model that was fitted on normalised texts, given the same normalisation as the classifier.

    Without it the comparison would show what the normalisation is worth, not the model.
    """

    score: Callable[[Sequence[str]], Floats]

    def probabilities(self, texts: Sequence[str]) -> Floats:
        return self.score([normalise(text) for text in texts])
