"""What an attack may ask of a model: probabilities, nothing else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from classifier.text import normalise
from evaluation.metrics import Floats


class Victim(Protocol):
    """A model seen from outside."""

    def probabilities(self, texts: Sequence[str]) -> Floats:
        """Of texts as sent, [n, labels]."""
        ...


@dataclass(frozen=True, slots=True)
class NormalisedVictim:
    """A model that was fitted on normalised texts, given the same normalisation as the classifier.

    Without it the comparison would show what the normalisation is worth, not the model.
    """

    score: Callable[[Sequence[str]], Floats]

    def probabilities(self, texts: Sequence[str]) -> Floats:
        return self.score([normalise(text) for text in texts])
