"""Distils the screen from the encoder of a published model.

What it learns is not the label but whether the encoder would flag: its logit less the one of the
review threshold. A linear student over tokens and pairs with a small network over the mean word
row is fitted by cross-entropy on the encoder's soft answers (Hinton, Vinyals and Dean 2015).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from classifier.labels import LABELS
from classifier.screen import (
    BIAS,
    HIDDEN,
    HIDDEN_BIAS,
    OUT,
    PAIR_BITS,
    PAIR_SCALE,
    PAIRS,
    SCRIPT,
    TOKEN_SCALE,
    TOKENS,
    pair_keys,
)

Tensors = Mapping[str, npt.NDArray[Any]]

_EPOCHS = 6
_BATCH = 256
_RATE = 3e-3
_TABLE_RATE = 6e-3
_DECAY = 1e-4

_MERGED_SCRIPTS = {
    "HIRAGANA": "KANA",
    "KATAKANA": "KANA",
    "KATAKANA-HIRAGANA": "KANA",
}


@dataclass(frozen=True, slots=True)
class Lesson:
    """What the student sees and what its teacher says.

    `ids` are the token ids of each text's opening window, `means` `[texts, width]` its mean word
    rows, `excess` `[texts, labels]` the encoder's logits less those of the review thresholds.
    """

    ids: Sequence[Sequence[int]]
    means: npt.NDArray[np.float32]
    excess: npt.NDArray[np.float64]


class Student(nn.Module):
    """The screen with float weights; `classifier.screen.Screen` computes the same from int8."""

    def __init__(self, pieces: int, width: int, hidden: int, spread: float) -> None:
        super().__init__()
        outputs = len(LABELS)
        self.tokens = nn.EmbeddingBag(pieces, outputs, mode="sum")
        self.pairs = nn.EmbeddingBag(1 << PAIR_BITS, outputs, mode="sum")
        nn.init.zeros_(self.tokens.weight)
        nn.init.zeros_(self.pairs.weight)
        self.hidden = nn.Linear(width, hidden)
        self.out = nn.Linear(hidden, outputs)
        self.spread = spread

    def forward(self, lesson: Lesson, rows: npt.NDArray[np.intp]) -> Tensor:
        ids = [np.asarray(lesson.ids[row], np.int64) for row in rows]
        neighbours = [pair_keys(one[:-1], one[1:]) for one in ids]
        counted = self.tokens(*_bags(ids)) + self.pairs(*_bags(neighbours))
        lengths = torch.tensor([len(one) for one in ids]).unsqueeze(1)
        means = torch.from_numpy(lesson.means[rows]) / self.spread
        meant: Tensor = self.out(torch.relu(self.hidden(means)))
        logits: Tensor = meant + counted / torch.sqrt(lengths + 2)
        return logits


def fit_student(
    lesson: Lesson, rows: npt.NDArray[np.intp], pieces: int, hidden: int, seed: int
) -> Student:
    """Learn from `rows` of the lesson; a minute for 60,000 texts on two cores."""
    torch.manual_seed(seed)
    spread = float(lesson.means[rows].std())
    student = Student(pieces, lesson.means.shape[1], hidden, spread)
    tables = [student.tokens.weight, student.pairs.weight]
    network = [*student.hidden.parameters(), *student.out.parameters()]
    optimiser = torch.optim.AdamW(
        [
            {"params": tables, "lr": _TABLE_RATE, "weight_decay": _DECAY},
            {"params": network, "lr": _RATE, "weight_decay": 100 * _DECAY},
        ]
    )
    batches = _EPOCHS * -(-len(rows) // _BATCH)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: 1 - step / batches)
    aims = torch.from_numpy(1 / (1 + np.exp(-lesson.excess))).float()
    rng = np.random.default_rng(seed)
    for _ in range(_EPOCHS):
        shuffled = rng.permutation(rows)
        for at in range(0, len(shuffled), _BATCH):
            batch = shuffled[at : at + _BATCH]
            loss = nn.functional.binary_cross_entropy_with_logits(
                student(lesson, batch), aims[batch]
            )
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            schedule.step()
    return student.eval()


def screen_tensors(student: Student, scripts: npt.NDArray[np.uint8]) -> Tensors:
    """What `classifier.screen` reads: the tables in int8, the network in float16."""
    tokens, token_scale = _int8(student.tokens.weight)
    pairs, pair_scale = _int8(student.pairs.weight)
    return {
        TOKENS: tokens,
        TOKEN_SCALE: token_scale,
        PAIRS: pairs,
        PAIR_SCALE: pair_scale,
        HIDDEN: (student.hidden.weight / student.spread).detach().numpy().astype(np.float16),
        HIDDEN_BIAS: student.hidden.bias.detach().numpy(),
        OUT: student.out.weight.detach().numpy(),
        BIAS: student.out.bias.detach().numpy(),
        SCRIPT: scripts,
    }


def scripts_of_pieces(pieces: Sequence[str]) -> tuple[tuple[str, ...], npt.NDArray[np.uint8]]:
    """The names of the script groups, the first of which has no letters, and each piece's number.

    A letter's script is the first word of its Unicode name; the two Kana are merged.
    """
    names = ["none"]
    numbers = []
    for piece in pieces:
        script = _script(piece)
        if script not in names:
            names.append(script)
        numbers.append(names.index(script))
    return tuple(names), np.array(numbers, np.uint8)


def _script(piece: str) -> str:
    for letter in piece:
        if letter.isalpha() and letter != "▁":
            first = unicodedata.name(letter, "none").split(" ")[0]
            return _MERGED_SCRIPTS.get(first, first).lower()
    return "none"


def _bags(rows: Sequence[npt.NDArray[np.int64]]) -> tuple[Tensor, Tensor]:
    lengths = np.array([len(row) for row in rows])
    return torch.from_numpy(np.concatenate(rows)), torch.from_numpy(np.cumsum(lengths) - lengths)


def _int8(table: Tensor) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float32]]:
    values = table.detach().numpy()
    scale = np.maximum(np.abs(values).max(axis=0) / 127, 1e-12)
    return np.rint(values / scale).astype(np.int8), scale.astype(np.float32)
