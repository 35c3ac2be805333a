"""The loss: labels and facets at once, the unknown ones left out."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from classifier.labels import LABELS, OUTPUTS, Label
from data.records import Example

UNKNOWN_TARGET = math.nan


def targets(example: Example) -> list[float]:
    """One number for each of `OUTPUTS`: 1, 0, or NaN where the source says nothing."""
    values = [
        example.labels[output] if isinstance(output, Label) else example.facets[output]
        for output in OUTPUTS
    ]
    return [UNKNOWN_TARGET if value is None else float(value) for value in values]


def masked_loss(logits: Tensor, wanted: Tensor, facet_weight: float) -> Tensor:
    """Weighted binary cross-entropy over the known targets, per known label.

    `logits` and `wanted` are `[batch, len(OUTPUTS)]`; NaN in `wanted` is unknown.
    """
    known = ~torch.isnan(wanted)
    each = torch.nn.functional.binary_cross_entropy_with_logits(
        logits, torch.where(known, wanted, 0.0), reduction="none"
    )
    weight = logits.new_full((len(OUTPUTS),), facet_weight)
    weight[: len(LABELS)] = 1.0
    known_labels = known[:, : len(LABELS)].sum().clamp(min=1)
    return (each * known * weight).sum() / known_labels
