"""What every baseline offers, and the rows that the fitted ones learn from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from data.records import Example
from evaluation.metrics import Floats

LABELLED_SOURCES = ("corpus", "emscad")
"""Sources made for the labels; the others are public benign posts, a hundred to one."""


class Baseline(Protocol):
    """Something simpler that a model should beat."""

    def probabilities(self, texts: Sequence[str]) -> Floats:
        """Of normalised texts, [n, labels]: good for ranking, not calibrated."""
        ...


def with_sampled_benign(examples: Sequence[Example], seed: int) -> list[Example]:
    """All rows of the labelled sources and every positive, with as many other rows at most.

    Unsampled, the public benign posts would drown them. The sample depends on the seed and on
    the rows alone; rows keep their order.
    """
    is_labelled = [
        example.source in LABELLED_SOURCES or any(example.labels.values()) for example in examples
    ]
    benign = [row for row, labelled in enumerate(is_labelled) if not labelled]
    limit = min(len(benign), sum(is_labelled))
    sampled = set(np.random.default_rng(seed).permutation(benign)[:limit].tolist())
    return [example for row, example in enumerate(examples) if is_labelled[row] or row in sampled]
