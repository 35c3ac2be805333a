"""The student: the screen with float weights, as `classifier.screen` computes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from classifier.labels import LABELS
from classifier.screen import (
    PAIR_BITS,
    PAIR_MIX,
    PAIR_SCALE,
    PAIRS,
    SCRIPT,
    TOKEN_SCALE,
    TOKENS,
)
from classifier.screen_network import (
    BIAS,
    FAR,
    FAR_BIAS,
    MIX,
    MIX_BIAS,
    NEAR,
    NEAR_BIAS,
    OUT,
    PROJECTION,
    PROJECTION_BIAS,
    REACH,
)
from training.distillation.padding import Padded

Tensors = Mapping[str, npt.NDArray[Any]]


@dataclass(frozen=True, slots=True)
class StudentSize:
    """Widths: of the projected word rows, of the convolutions, of what is mixed of the pooled."""

    projected: int
    channels: int
    mixed: int


class Student(nn.Module):
    """`table` `[pieces, width]` are the encoder's word rows, which stay as they are."""

    def __init__(self, table: Tensor, size: StudentSize) -> None:
        super().__init__()
        outputs = len(LABELS)
        self.tokens = nn.Embedding(len(table), outputs)
        self.pairs = nn.Embedding(1 << PAIR_BITS, outputs)
        nn.init.zeros_(self.tokens.weight)
        nn.init.zeros_(self.pairs.weight)
        self.spread = float(table.std())
        self.table: Tensor
        self.register_buffer("table", table / self.spread, persistent=False)
        self.projection = nn.Linear(table.shape[1], size.projected)
        self.near = nn.Conv1d(size.projected, size.channels, REACH, padding=REACH // 2)
        self.far = nn.Conv1d(size.channels, size.channels, REACH, padding=REACH // 2)
        self.mix = nn.Linear(2 * size.channels, size.mixed)
        self.out = nn.Linear(size.mixed, outputs)

    def forward(self, batch: Padded) -> Tensor:
        """Logits `[texts, labels]`."""
        mask, lengths = batch.mask[:, :, None].float(), batch.lengths[:, None].float()
        counted = (self.tokens(batch.ids) * mask).sum(dim=1)
        pairs = pair_keys(batch.ids[:, :-1], batch.ids[:, 1:])
        counted = counted + (self.pairs(pairs) * mask[:, 1:]).sum(dim=1)
        projected = (self.projection(self.table)[batch.ids] * mask).transpose(1, 2)
        mask = mask.transpose(1, 2)
        near = torch.relu(self.near(projected)) * mask
        far = near + torch.relu(self.far(near)) * mask
        pooled = torch.cat([far.sum(dim=2) / lengths, far.amax(dim=2)], dim=1)
        meant: Tensor = self.out(torch.relu(self.mix(pooled)))
        logits: Tensor = meant + counted / torch.sqrt(lengths + 2)
        return logits

    def parts(self) -> tuple[list[nn.Parameter], list[nn.Parameter]]:
        """The weights of the network, and those of the tables."""
        network: list[nn.Parameter] = []
        tables: list[nn.Parameter] = []
        for name, weight in self.named_parameters():
            (tables if name.startswith(("tokens", "pairs")) else network).append(weight)
        return network, tables


def pair_keys(first: Tensor, second: Tensor) -> Tensor:
    """As `classifier.screen.pair_keys`; torch multiplies 64 bits without a sign alike."""
    mixed = first * _signed(PAIR_MIX[0]) + second * _signed(PAIR_MIX[1])
    keys: Tensor = (mixed >> (64 - PAIR_BITS)) & ((1 << PAIR_BITS) - 1)
    return keys


def screen_tensors(student: Student, scripts: npt.NDArray[np.uint8]) -> Tensors:
    """What `classifier.screen` reads: the tables in int8, the matrices in float16."""
    tokens, token_scale = _int8(student.tokens.weight)
    pairs, pair_scale = _int8(student.pairs.weight)
    return {
        TOKENS: tokens,
        TOKEN_SCALE: token_scale,
        PAIRS: pairs,
        PAIR_SCALE: pair_scale,
        PROJECTION: _float16(student.projection.weight / student.spread),
        PROJECTION_BIAS: _float32(student.projection.bias),
        NEAR: _float16(_laid_out(student.near.weight)),
        NEAR_BIAS: _float32(student.near.bias),
        FAR: _float16(_laid_out(student.far.weight)),
        FAR_BIAS: _float32(student.far.bias),
        MIX: _float16(student.mix.weight),
        MIX_BIAS: _float32(student.mix.bias),
        OUT: _float32(student.out.weight),
        BIAS: _float32(student.out.bias),
        SCRIPT: scripts,
    }


def _laid_out(weight: Tensor) -> Tensor:
    """`[out, in, reach]` to `[out, reach * in]`, as neighbouring rows lie beside each other."""
    return weight.permute(0, 2, 1).reshape(len(weight), -1)


def _signed(value: int) -> int:
    return value - (1 << 64) if value >> 63 else value


def _float16(values: Tensor | None) -> npt.NDArray[np.float16]:
    return _float32(values).astype(np.float16)


def _float32(values: Tensor | None) -> npt.NDArray[np.float32]:
    assert values is not None
    return np.asarray(values.detach().cpu().numpy(), np.float32)


def _int8(table: Tensor) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float32]]:
    values = _float32(table)
    scale = np.maximum(np.abs(values).max(axis=0) / 127, 1e-12)
    return np.rint(values / scale).astype(np.int8), scale.astype(np.float32)
