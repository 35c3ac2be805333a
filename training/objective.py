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


def masked_loss(
    logits: Tensor, wanted: Tensor, facet_weight: float, label_smoothing: float = 0.0
) -> Tensor:
    """Weighted binary cross-entropy over the known targets, per known label.

    `logits` and `wanted` are `[batch, len(OUTPUTS)]`; NaN in `wanted` is unknown.
    `label_smoothing` is how far a target is drawn from 0 or 1 towards one half (Szegedy et al.
    2016).
    """
    known = ~torch.isnan(wanted)
    aims = torch.where(known, wanted, 0.0) * (1 - label_smoothing) + label_smoothing / 2
    each = torch.nn.functional.binary_cross_entropy_with_logits(logits, aims, reduction="none")
    weight = logits.new_full((len(OUTPUTS),), facet_weight)
    weight[: len(LABELS)] = 1.0
    known_labels = known[:, : len(LABELS)].sum().clamp(min=1)
    return (each * known * weight).sum() / known_labels


def pair_loss(logits: Tensor, wanted: Tensor, groups: Tensor) -> Tensor:
    """How far positives are from standing above the negatives of their own contrast group.

    The mean over such pairs of log(1 + exp(negative - positive)), the pairwise logistic loss of
    RankNet (Burges et al. 2005), over the labels; 0 where the batch holds no pair. `groups`
    `[batch]` numbers the groups.
    """
    together = groups.unsqueeze(0) == groups.unsqueeze(1)
    total, count = logits.new_zeros(()), logits.new_zeros(())
    for label in range(len(LABELS)):
        positive, negative = wanted[:, label] == 1, wanted[:, label] == 0
        pairs = together & positive.unsqueeze(1) & negative.unsqueeze(0)
        score = logits[:, label]
        each = torch.nn.functional.softplus(score.unsqueeze(0) - score.unsqueeze(1))
        total = total + (each * pairs).sum()
        count = count + pairs.sum()
    return total / count.clamp(min=1)
