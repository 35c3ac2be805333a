"""Batches of texts as rectangles of token ids, cut from texts that lie end to end on a device."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from classifier.rows import Rows
from classifier.tokenizer import BOS, EOS, PAD

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Padded:
    """`ids` `[texts, longest]`, `mask` of the same shape, true where a token is, and `lengths`."""

    ids: Tensor
    mask: Tensor
    lengths: Tensor

    def framed(self) -> Tensor:
        """The ids `[texts, longest + 2]` between the special tokens of a window."""
        texts, longest = self.ids.shape
        ids = torch.full((texts, longest + 2), PAD, device=self.ids.device)
        ids[:, 0] = BOS
        ids[:, 1:-1] = torch.where(self.mask, self.ids, PAD)
        return ids.scatter_(1, self.lengths[:, None] + 1, EOS)


class Openings:
    """The first `room` tokens of each text, kept on `device`."""

    def __init__(self, rows: Rows, room: int, device: torch.device) -> None:
        self.lengths = np.minimum(rows.lengths, room)
        self._ids = torch.from_numpy(rows.ids.astype(np.int32)).to(device)
        self._starts = torch.from_numpy(rows.starts).to(device)
        self._lengths = torch.from_numpy(self.lengths).to(device)
        self._device = device

    def padded(self, texts: Integers) -> Padded:
        chosen = torch.from_numpy(texts).to(self._device)
        lengths = self._lengths[chosen]
        places = torch.arange(int(self.lengths[texts].max()), device=self._device)
        mask = places < lengths[:, None]
        at = torch.where(mask, self._starts[chosen][:, None] + places, 0)
        return Padded(torch.where(mask, self._ids[at].long(), PAD), mask, lengths)

    def by_length(self, texts: Integers, tokens: int) -> Iterator[Integers]:
        """`texts`, the shortest first, in batches of at most `tokens` with their padding."""
        order = texts[np.argsort(self.lengths[texts], kind="stable")]
        batch: list[int] = []
        for text in order.tolist():
            if batch and (len(batch) + 1) * int(self.lengths[text]) > tokens:
                yield np.array(batch)
                batch = []
            batch.append(text)
        if batch:
            yield np.array(batch)
