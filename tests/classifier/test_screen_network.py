from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

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
    ScreenNetwork,
)
from classifier.word_table import BLOCK, WordTable, pack
from tests.builders import random_network

PIECES = 40
RNG = np.random.default_rng(8)
WORDS = WordTable(pack(RNG.normal(size=(PIECES, BLOCK)).astype(np.float32)))
TENSORS = random_network(RNG, BLOCK)
NETWORK = ScreenNetwork(TENSORS, WORDS)

Floats = npt.NDArray[np.float64]


def convolved(rows: Floats, weight: str, bias: str) -> Floats:
    beyond = np.zeros_like(rows[:1])
    framed = np.concatenate([beyond, rows, beyond])
    beside = [np.concatenate(framed[at : at + 3]) for at in range(len(rows))]
    found = np.stack(beside) @ TENSORS[weight].astype(float).T + TENSORS[bias]
    return np.asarray(np.maximum(found, 0))


def by_hand(ids: list[int]) -> Floats:
    rows = WORDS.rows(np.array(ids)).astype(float)
    projected = rows @ TENSORS[PROJECTION].astype(float).T + TENSORS[PROJECTION_BIAS]
    near = convolved(projected, NEAR, NEAR_BIAS)
    far = near + convolved(near, FAR, FAR_BIAS)
    pooled = np.concatenate([far.mean(axis=0), far.max(axis=0)])
    mixed = np.maximum(TENSORS[MIX].astype(float) @ pooled + TENSORS[MIX_BIAS], 0)
    return np.asarray(TENSORS[OUT] @ mixed + TENSORS[BIAS])


@pytest.mark.parametrize("length", [1, 2, 3, 60])
def test_a_window_is_read_by_two_convolutions_and_pooled(length: int) -> None:
    ids = RNG.integers(0, PIECES, length).tolist()
    np.testing.assert_allclose(NETWORK.logits([ids])[0], by_hand(ids), atol=1e-4)


def test_a_window_is_read_alike_alone_and_among_thousands_of_tokens() -> None:
    windows = [RNG.integers(0, PIECES, n).tolist() for n in RNG.integers(1, 250, 60)]
    together = NETWORK.logits(windows)
    alone = np.concatenate([NETWORK.logits([window]) for window in windows])
    np.testing.assert_allclose(together, alone, atol=1e-4)
    np.testing.assert_allclose(together, np.stack([by_hand(w) for w in windows]), atol=1e-4)
