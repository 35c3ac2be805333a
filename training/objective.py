"""The loss: labels and facets at once, the unknown ones left out, and what stands beside it."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from classifier.labels import LABELS, OUTPUTS, Label
from data.records import Example
from training.model import Scored
from training.recipe import Loss

UNKNOWN_TARGET = math.nan

_FOCAL_SCALE = 2.0
"""Keeps the gradient at a logit of 0 near cross-entropy's, for a focus of 2."""

_TEMPERATURE = 0.1
_OUT_OF_SIGHT = -1e4  # not infinity, whose gradient is undefined where a batch is one text


def targets(example: Example) -> list[float]:
    """One number for each of `OUTPUTS`: 1, 0, or NaN where the source says nothing."""
    values = [
        example.labels[output] if isinstance(output, Label) else example.facets[output]
        for output in OUTPUTS
    ]
    return [UNKNOWN_TARGET if value is None else float(value) for value in values]


def total_loss(
    scored: Scored, twin: Tensor | None, wanted: Tensor, groups: Tensor | None, weights: Loss
) -> Tensor:
    """The loss of a batch: the masked one, with the other parts as `weights` has them.

    `twin` are the logits of the same texts in another disguise: their masked loss counts as much,
    and the two are drawn to agree. `groups` `[batch]` numbers the contrast groups.
    """
    loss = masked_loss(scored.logits, wanted, weights)
    if twin is not None:
        loss = (loss + masked_loss(twin, wanted, weights)) / 2
        loss = loss + weights.consistency * disagreement(scored.logits, twin)
    if weights.pair_weight and groups is not None:
        loss = loss + weights.pair_weight * pair_loss(scored.logits, wanted, groups)
    if weights.contrast_weight:
        loss = loss + weights.contrast_weight * contrast_loss(scored.mean, wanted)
    return loss


def masked_loss(logits: Tensor, wanted: Tensor, weights: Loss) -> Tensor:
    """Weighted binary cross-entropy over the known targets, per known label.

    `logits` and `wanted` are `[batch, len(OUTPUTS)]`; NaN in `wanted` is unknown.
    `label_smoothing` is how far a target is drawn from 0 or 1 towards one half (Szegedy et al.
    2016). `focus` is the exponent of focal loss, by which what is already right counts less (Lin
    et al. 2017).
    """
    known = ~torch.isnan(wanted)
    smoothing = weights.label_smoothing
    aims = torch.where(known, wanted, 0.0) * (1 - smoothing) + smoothing / 2
    each = torch.nn.functional.binary_cross_entropy_with_logits(logits, aims, reduction="none")
    if weights.focus:
        probability = torch.sigmoid(logits)
        right = torch.where(aims > 0.5, probability, 1 - probability)
        each = each * (1 - right) ** weights.focus * _FOCAL_SCALE
    weight = logits.new_full((len(OUTPUTS),), weights.facet_weight)
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


def contrast_loss(mean: Tensor, wanted: Tensor) -> Tensor:
    """How far violating texts are from lying nearer to their own kind than to the rest.

    The supervised contrastive loss (Khosla et al. 2020) over cosines of `mean` `[batch, width]`.
    Texts of one kind carry the same labels; a text of unknown label is of none, and benign texts,
    which have nothing in common, attract nobody. 0 where no violating text meets its like.
    """
    labels = wanted[:, : len(LABELS)]
    direction = torch.nn.functional.normalize(mean, dim=1)
    itself = torch.eye(len(mean), dtype=torch.bool, device=mean.device)
    near = (direction @ direction.T / _TEMPERATURE).masked_fill(itself, _OUT_OF_SIGHT)
    # A comparison with NaN is never true: a text of unknown label is like none.
    alike = (labels.unsqueeze(0) == labels.unsqueeze(1)).all(dim=2) & ~itself
    anchors = (labels == 1).any(dim=1) & alike.any(dim=1)
    share = near - torch.logsumexp(near, dim=1, keepdim=True)
    each = -torch.where(alike, share, 0.0).sum(dim=1) / alike.sum(dim=1).clamp(min=1)
    return (each * anchors).sum() / anchors.sum().clamp(min=1)


def disagreement(logits: Tensor, others: Tensor) -> Tensor:
    """The symmetric Kullback-Leibler divergence of the labels' probabilities, on average."""
    one, other = logits[:, : len(LABELS)], others[:, : len(LABELS)]
    return ((torch.sigmoid(one) - torch.sigmoid(other)) * (one - other)).mean()
