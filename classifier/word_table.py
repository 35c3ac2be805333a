"""The word embedding table, held in 4-bit blocks outside the graph.

At 384 floats for each of some 100,000 pieces the table outweighs the whole encoder, yet a batch
touches a few hundred rows. So it stays packed and only the rows in use are unpacked. A block is
32 weights: a float16 scale, then 16 bytes of two 4-bit values (low halves first), each less 8.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

BLOCK = 32
BLOCK_BYTES = 2 + BLOCK // 2


class WordTable:
    """`blocks`: uint8 `[pieces, width // 32 * 18]`."""

    def __init__(self, blocks: npt.NDArray[np.uint8]) -> None:
        self._blocks = blocks
        self.width = blocks.shape[1] // BLOCK_BYTES * BLOCK

    def __len__(self) -> int:
        return len(self._blocks)

    def rows(self, ids: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        """The embeddings of `ids` (any shape), float32 `[*ids.shape, width]`."""
        unique, inverse = np.unique(ids, return_inverse=True)
        return unpack(self._blocks[unique])[inverse.reshape(ids.shape)]


def unpack(blocks: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """Blocks `[rows, n * 18]` to float32 `[rows, n * 32]`."""
    by_block = blocks.reshape(len(blocks), -1, BLOCK_BYTES)
    scale = by_block[:, :, :2].copy().view(np.float16).astype(np.float32)
    packed = by_block[:, :, 2:]
    values = np.concatenate([packed & 0x0F, packed >> 4], axis=2).astype(np.float32)
    return np.asarray((values - 8) * scale, np.float32).reshape(len(blocks), -1)


def pack(rows: npt.NDArray[np.float32]) -> npt.NDArray[np.uint8]:
    """Float32 `[rows, width]` to blocks; rows that came out of `unpack` lose nothing."""
    by_block = rows.reshape(len(rows), -1, BLOCK)
    extreme = np.take_along_axis(by_block, np.abs(by_block).argmax(axis=2, keepdims=True), axis=2)
    scale = (extreme / -8).astype(np.float16)
    divisor = np.where(scale == 0, 1, scale).astype(np.float32)
    values = np.clip(np.rint(by_block / divisor) + 8, 0, 15).astype(np.uint8)
    packed = values[:, :, : BLOCK // 2] | (values[:, :, BLOCK // 2 :] << 4)
    return np.concatenate([scale.view(np.uint8), packed], axis=2).reshape(len(rows), -1)
