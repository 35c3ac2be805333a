"""Logistic regression over a base encoder's mean embeddings: what fine-tuning is worth.

The encoder comes in as a callable, since loading a base belongs to training, which stands above
this package.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from data.records import Example
from evaluation.baselines.baseline import LABELLED_SOURCES, with_sampled_benign
from evaluation.baselines.regression import Regressions, fit_regressions
from evaluation.metrics import Floats
from evaluation.sampling import sampled

Embedder: TypeAlias = Callable[[Sequence[str]], Floats]
"""Normalised texts to embeddings [n, width] of length 1."""

BENIGN_ROWS = 2_000
"""Public rows that are learnt from: on two cores each thousand takes some ten seconds."""

INVERSE_PENALTIES = (100.0, 10.0, 1_000.0)
"""Embeddings of length 1 are small numbers and want a weaker penalty than TF-IDF."""


@dataclass(frozen=True, slots=True)
class FrozenBaseline:
    """An encoder as it came, and regressions over its embeddings."""

    embed: Embedder
    regressions: Regressions

    def probabilities(self, texts: Sequence[str]) -> Floats:
        """Uncalibrated probabilities, [n, labels]."""
        return self.regressions.probabilities(self.embed(texts))


def fit_frozen(
    train: Sequence[Example], validation: Sequence[Example], embed: Embedder, *, seed: int = 0
) -> FrozenBaseline:
    """Fit on the labelled rows and BENIGN_ROWS others, with C chosen on validation.

    Raises TooFewRowsError when a label has no positive or no negative to learn from.
    """
    rows, held_out = _rows(train, seed), _rows(validation, seed)
    # Without rows to choose by, one empty matrix stands for their features.
    held_out_features = embed([example.text for example in held_out]) if held_out else np.empty(0)
    features = embed([example.text for example in rows])
    return FrozenBaseline(
        embed, fit_regressions(features, rows, held_out_features, held_out, INVERSE_PENALTIES)
    )


def _rows(examples: Sequence[Example], seed: int) -> list[Example]:
    rows = with_sampled_benign(examples, seed)
    benign = [
        example
        for example in rows
        if example.source not in LABELLED_SOURCES and not any(example.labels.values())
    ]
    dropped = {example.id for example in benign} - {
        example.id for example in sampled(benign, BENIGN_ROWS, "frozen")
    }
    return [example for example in rows if example.id not in dropped]
