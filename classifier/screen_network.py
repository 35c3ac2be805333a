"""The screen's network: two convolutions over the texts' word rows, pooled to a few numbers.

It reads three neighbours at a time, then three of those, hence phrases of five tokens, whatever
their language: the word rows carry meaning from one to another (Kim 2014, "Convolutional neural
networks for sentence classification"), and as nothing is below zero, mean and maximum of a text can
be had with zeros between the texts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from classifier.piece_table import PieceTable
from classifier.rows import end_to_end
from classifier.word_table import WordTable

PROJECTION, PROJECTION_BIAS, NEAR, NEAR_BIAS, FAR, FAR_BIAS, MIX, MIX_BIAS, OUT, BIAS = (
    "screen.projection",
    "screen.projection_bias",
    "screen.near",
    "screen.near_bias",
    "screen.far",
    "screen.far_bias",
    "screen.mix",
    "screen.mix_bias",
    "screen.out",
    "screen.bias",
)
"""Its tensors in a model folder's `screen.safetensors`."""

REACH = 3
"""Neighbouring rows that a convolution sees at once."""

_TOKENS_AT_ONCE = 1_024
"""So few that what is computed of them stays in a core's own cache."""

Floats = npt.NDArray[np.float32]
Windows = Sequence[Sequence[int]]


class ScreenNetwork:
    """`near` is `[channels, REACH * projected]`, `far` `[channels, REACH * channels]`, `mix`
    `[mixed, 2 * channels]` and `out` `[labels, mixed]`.

    Safe to call from several threads; what it says of a window depends on that window alone, but
    for the last digits of a product of matrices.
    """

    def __init__(self, tensors: Mapping[str, npt.NDArray[Any]], words: WordTable) -> None:
        def matrix(name: str) -> Floats:
            return np.ascontiguousarray(tensors[name].astype(np.float32).T)

        def bias(name: str) -> Floats:
            return tensors[name].astype(np.float32)

        self._projection = PieceTable(words, tensors[PROJECTION].astype(np.float32))
        self._projection_bias = bias(PROJECTION_BIAS)
        self._near, self._near_bias = matrix(NEAR), bias(NEAR_BIAS)
        self._far, self._far_bias = matrix(FAR), bias(FAR_BIAS)
        self._mix, self._mix_bias = matrix(MIX), bias(MIX_BIAS)
        self._out, self._bias = matrix(OUT), bias(BIAS)

    def logits(self, windows: Windows) -> Floats:
        """`[windows, labels]` of windows of one token at least."""
        pooled = np.concatenate([self._pooled(few) for few in _in_turn(windows)])
        mixed = np.maximum(pooled @ self._mix + self._mix_bias, 0)
        return np.asarray(mixed @ self._out + self._bias)

    def _pooled(self, windows: Windows) -> Floats:
        """`[windows, 2 * channels]`. A row of zeros stands before, between and after the windows:
        it keeps them apart, and as nothing is below zero it is never the greatest.
        """
        rows = end_to_end(windows)
        numbers = np.arange(len(rows))
        places = np.arange(len(rows.ids)) + np.repeat(numbers, rows.lengths) + 1
        gaps = np.append(rows.starts + numbers, len(rows.ids) + len(rows))
        projected = np.zeros(
            (len(rows.ids) + len(rows) + 1, len(self._projection_bias)), np.float32
        )
        projected[places] = self._projection.rows(rows.ids) + self._projection_bias
        near = _convolved(projected, self._near, self._near_bias, gaps)
        far = _convolved(near, self._far, self._far_bias, gaps)
        far += near
        starts = gaps[:-1]
        mean = np.add.reduceat(far, starts) / rows.lengths[:, None].astype(np.float32)
        return np.concatenate([mean, np.maximum.reduceat(far, starts)], axis=1)


def _convolved(rows: Floats, weight: Floats, bias: Floats, gaps: npt.NDArray[np.int64]) -> Floats:
    """Each row with its two neighbours through `weight`, below zero cut off; the gaps stay zero."""
    width = rows.shape[1]
    beside = np.zeros((len(rows), REACH * width), np.float32)
    beside[1:, :width] = rows[:-1]
    beside[:, width : 2 * width] = rows
    beside[:-1, 2 * width :] = rows[1:]
    found = beside @ weight
    found += bias
    np.maximum(found, 0, out=found)
    found[gaps] = 0
    return found


def _in_turn(windows: Windows) -> list[Windows]:
    """The windows, a few at a time, in order."""
    parts: list[Windows] = []
    first = tokens = 0
    for number, window in enumerate(windows):
        if tokens and tokens + len(window) > _TOKENS_AT_ONCE:
            parts.append(windows[first:number])
            first, tokens = number, 0
        tokens += len(window)
    return [*parts, windows[first:]]
