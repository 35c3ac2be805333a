"""Teaches an encoder of fewer layers what a fine-tuned one says of texts and their variations.

As in DistilBERT (Sanh et al. 2019) it begins with some of its teacher's layers; as in TinyBERT
(Jiao et al. 2020) it learns the hidden states of every token beside the logits, of many more texts
than were labelled. The token shares that explain a score come from these states.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from rich.console import Console
from rich.progress import track
from torch import Tensor, nn

from classifier.labels import LABELS
from classifier.rows import joined
from training.depth.checkpoint import Checkpoint
from training.depth.student import every_nth_layer
from training.distillation.padding import Openings
from training.distillation.texts import Texts
from training.distillation.variations import vary
from training.fit import has_fast_bf16
from training.model import Encoded, LureModel
from training.recipe import DepthPlan

_WARM_UP = 0.03
_WEIGHT_DECAY = 0.01
_FACET_WEIGHT = 0.3
_LEAST_VARIANCE = 1e-3
_SORTED_TOGETHER = 64
"""Batches whose texts are sorted by length together, so that little is padded."""

Rng = np.random.Generator


def fewer_layers(
    teacher: LureModel,
    texts: Texts,
    plan: DepthPlan,
    seed: int,
    checkpoint: Checkpoint | None = None,
) -> LureModel:
    """A student of `plan.layers` layers, in evaluation mode, on a GPU where torch finds one.

    It goes on from `checkpoint`, and is kept there after each epoch.
    """
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    teacher = teacher.to(device).eval()
    student = every_nth_layer(teacher, plan.layers).to(device).train()
    matrices = [p for p in student.parameters() if p.ndim > 1]
    others = [p for p in student.parameters() if p.ndim <= 1]
    optimiser = torch.optim.AdamW(
        [
            {"params": matrices, "weight_decay": _WEIGHT_DECAY},
            {"params": others, "weight_decay": 0.0},
        ],
        lr=plan.rate,
        fused=True,
    )
    first = checkpoint.restore(student, optimiser) if checkpoint else 0
    for epoch in range(first, plan.epochs):
        varied = vary(texts, plan.variations, seed + epoch * plan.variations)
        openings = Openings(joined([texts.rows, varied.rows]), texts.room, device)
        batches = _batches(openings, plan.batch_tokens, np.random.default_rng([seed, epoch]))
        telling = f"teaching {plan.layers} layers, {epoch + 1} of {plan.epochs}"
        for number, batch in enumerate(track(batches, telling, console=Console(stderr=True))):
            done = (epoch + number / len(batches)) / plan.epochs
            for group in optimiser.param_groups:
                group["lr"] = _rate(done, plan)
            ids = openings.padded(batch).framed()
            with torch.autocast(device.type, torch.bfloat16, enabled=has_fast_bf16()):
                with torch.no_grad():
                    wanted = teacher.encode(ids)
                found = student.encode(ids)
                loss = distance(student, found, teacher, wanted)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(student.parameters(), 1.0)
            optimiser.step()
        if checkpoint:
            checkpoint.save(epoch + 1, student, optimiser)
    return student.eval()


def distance(student: LureModel, found: Encoded, teacher: LureModel, wanted: Encoded) -> Tensor:
    """How far the student's states and logits are from the teacher's, each as a share of the
    variance that the teacher's have in the batch.
    """
    words = wanted.are_words
    of_states = _unexplained(found.states[words].float(), wanted.states[words].float())
    said, aims = student.score(found).logits, teacher.score(wanted).logits
    of_logits = _unexplained(said, aims)
    labels = len(LABELS)
    return of_states.mean() + of_logits[:labels].mean() + _FACET_WEIGHT * of_logits[labels:].mean()


def _unexplained(found: Tensor, wanted: Tensor) -> Tensor:
    """Mean squared difference `[columns]` over the variance of what was wanted."""
    variance = wanted.var(dim=0, correction=0).clamp(min=_LEAST_VARIANCE)
    return (found - wanted).square().mean(dim=0) / variance


def _rate(done: float, plan: DepthPlan) -> float:
    """The learning rate when this share of all epochs is `done`, with warm restarts as in SGDR
    (Loshchilov and Hutter 2017).
    """
    since = done * (plan.restarts + 1) % 1
    return plan.rate * min(since / _WARM_UP, (1 - since) / (1 - _WARM_UP))


def _batches(openings: Openings, tokens: int, rng: Rng) -> list[npt.NDArray[np.int64]]:
    """All texts once in random order, those of a batch about equally long."""
    shuffled = rng.permutation(len(openings.lengths))
    together = max(1, _SORTED_TOGETHER * tokens // max(1, int(openings.lengths.mean())))
    batches = [
        batch
        for at in range(0, len(shuffled), together)
        for batch in openings.by_length(shuffled[at : at + together], tokens)
    ]
    return [batches[number] for number in rng.permutation(len(batches))]
