from __future__ import annotations

import numpy as np

from classifier.piece_table import PieceTable
from classifier.word_table import BLOCK, WordTable, pack

RNG = np.random.default_rng(2)
WORDS = WordTable(pack(RNG.normal(size=(40, BLOCK)).astype(np.float32)))
WEIGHT = RNG.normal(size=(5, BLOCK)).astype(np.float32)


def test_the_mean_of_the_maps_is_the_map_of_the_mean_row() -> None:
    ids = [RNG.integers(0, 40, size=length).tolist() for length in (1, 7, 3, 20)]
    means = [WORDS.rows(np.array(row)).mean(axis=0) for row in ids]
    found = PieceTable(WORDS, WEIGHT).means(ids)
    np.testing.assert_allclose(found, np.stack(means) @ WEIGHT.T, atol=1e-5)


def test_a_text_is_mapped_as_it_is_alone_whatever_was_met_before() -> None:
    ids = [RNG.integers(0, 40, size=9).tolist() for _ in range(30)]
    table = PieceTable(WORDS, WEIGHT)
    together = table.means(ids)
    for row, expected in zip(ids, together, strict=True):
        np.testing.assert_allclose(table.means([row])[0], expected, atol=1e-6)
        np.testing.assert_allclose(PieceTable(WORDS, WEIGHT).means([row])[0], expected, atol=1e-5)


def test_no_texts_have_no_means() -> None:
    assert PieceTable(WORDS, WEIGHT).means([]).shape == (0, 5)
