from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from classifier.word_table import BLOCK, BLOCK_BYTES, WordTable, pack, unpack


def random_rows(
    seed: int, rows: int = 5, width: int = 64
) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return np.random.default_rng(seed).normal(0, 1, (rows, width)).astype(np.float32)


def test_a_block_is_a_scale_and_two_values_a_byte() -> None:
    scale = np.array([0.5], np.float16).view(np.uint8)
    values = np.full(BLOCK // 2, 0xF0, np.uint8)  # low halves 0, high halves 15
    (row,) = unpack(np.concatenate([scale, values])[None])
    np.testing.assert_array_equal(row[: BLOCK // 2], (0 - 8) * 0.5)
    np.testing.assert_array_equal(row[BLOCK // 2 :], (15 - 8) * 0.5)


@given(st.integers(0, 1000))
def test_what_was_unpacked_packs_to_the_same_values(seed: int) -> None:
    once = unpack(pack(random_rows(seed)))
    np.testing.assert_array_equal(unpack(pack(once)), once)


def test_packing_is_off_by_at_most_a_step() -> None:
    rows = random_rows(1)
    blocks = pack(rows)
    assert blocks.shape == (len(rows), 64 // BLOCK * BLOCK_BYTES)
    step = np.abs(rows.reshape(len(rows), -1, BLOCK)).max(axis=2, keepdims=True) / 8
    error = np.abs(unpack(blocks) - rows).reshape(len(rows), -1, BLOCK)
    assert (error <= step * 1.01).all()


def test_rows_of_zeros_stay_zeros() -> None:
    zeros = np.zeros((2, 32), np.float32)
    np.testing.assert_array_equal(unpack(pack(zeros)), zeros)


def test_rows_are_looked_up_in_any_shape() -> None:
    table = WordTable(pack(random_rows(2)))
    whole = table.rows(np.arange(5))
    assert (len(table), table.width) == (5, 64)
    np.testing.assert_array_equal(table.rows(np.array([[4, 0], [4, 4]])), whole[[[4, 0], [4, 4]]])
    assert table.rows(np.zeros((2, 3), np.int64)).shape == (2, 3, 64)
