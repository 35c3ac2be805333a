"""From examples to the tensors of a batch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor
from torch.utils.data import Dataset

from classifier.tokenizer import BOS, EOS, PAD
from classifier.windows import WindowShape, window_starts
from data.records import Example
from training.augment import disguise, vary_stops
from training.objective import targets
from training.sampling import Draw

Batch = dict[str, Tensor]


def token_ids(tokenizer: Tokenizer, texts: Sequence[str]) -> list[list[int]]:
    encoded = tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
    return [encoding.ids for encoding in encoded]


def pad(rows: Sequence[Sequence[int]]) -> Tensor:
    """Rows of token ids, framed by the special tokens and padded to the longest."""
    longest = max(map(len, rows)) + 2
    padded = np.full((len(rows), longest), PAD, np.int64)
    for index, row in enumerate(rows):
        padded[index, : len(row) + 2] = [BOS, *row, EOS]
    return torch.from_numpy(padded)


class PlannedBatches(Dataset[Batch]):
    """The whole run's batches in order, each built when asked for.

    What a draw looks like (its disguise, its window of a long text) follows from seed, epoch, row
    and copy alone: a resumed run sees just what an undisturbed one would have. With `twins` a
    batch also holds the opening of each text in another disguise, as `twin_ids`.
    """

    def __init__(
        self,
        examples: Sequence[Example],
        plan: Sequence[Sequence[Draw]],
        tokenizer: Tokenizer,
        window: WindowShape,
        evasion: float,
        seed: int,
        *,
        twins: bool = False,
    ) -> None:
        self._examples = examples
        self._plan = plan
        self._tokenizer = tokenizer
        self._window = window
        self._evasion = evasion
        self._seed = seed
        self._twins = twins
        names = sorted({example.group for example in examples})
        numbers = {name: number for number, name in enumerate(names)}
        self._groups = [numbers[example.group] for example in examples]

    def __len__(self) -> int:
        return len(self._plan)

    def __getitem__(self, index: int) -> Batch:
        draws = self._plan[index]
        rngs = [
            np.random.default_rng([self._seed, draw.epoch, draw.row, draw.copy]) for draw in draws
        ]
        texts = []
        for draw, rng in zip(draws, rngs, strict=True):
            text = vary_stops(self._examples[draw.row].text, rng)
            texts.append(disguise(text, rng) if rng.random() < self._evasion else text)
        ids = [
            self._one_window(row, rng)
            for row, rng in zip(token_ids(self._tokenizer, texts), rngs, strict=True)
        ]
        wanted = [targets(self._examples[draw.row]) for draw in draws]
        groups = [self._groups[draw.row] for draw in draws]
        batch = {
            "input_ids": pad(ids),
            "labels": torch.tensor(wanted),
            "groups": torch.tensor(groups),
        }
        if self._twins:
            disguised = [
                disguise(self._examples[draw.row].text, rng) or text
                for draw, rng, text in zip(draws, rngs, texts, strict=True)
            ]
            room = self._window.size - 2
            batch["twin_ids"] = pad([row[:room] for row in token_ids(self._tokenizer, disguised)])
        return batch

    def _one_window(self, row: list[int], rng: np.random.Generator) -> list[int]:
        """A long text shows its opening half of the time, else any of its windows."""
        starts = window_starts(len(row), self._window)
        start = 0 if rng.random() < 0.5 else int(rng.choice(starts))
        return row[start : start + self._window.size - 2]


class FixedBatches(Dataset[Batch]):
    """Each example's opening window, without disguise, sorted by length: for evaluation."""

    def __init__(
        self, examples: Sequence[Example], tokenizer: Tokenizer, window: WindowShape, batch: int
    ) -> None:
        room = window.size - 2
        ids = [row[:room] for row in token_ids(tokenizer, [e.text for e in examples])]
        order = sorted(range(len(ids)), key=lambda index: -len(ids[index]))
        self._batches: list[Batch] = [
            {
                "input_ids": pad([ids[index] for index in order[at : at + batch]]),
                "labels": torch.tensor([targets(examples[i]) for i in order[at : at + batch]]),
            }
            for at in range(0, len(order), batch)
        ]

    def __len__(self) -> int:
        return len(self._batches)

    def __getitem__(self, index: int) -> Batch:
        return self._batches[index]
