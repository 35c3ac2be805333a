from __future__ import annotations

import random

import numpy as np
import pytest

from data.leaks import cross_pairs
from data.shingles import jaccard, shingles_of


@pytest.mark.parametrize("threshold", [0.5, 0.6, 0.8])
def test_the_check_finds_exactly_the_pairs_that_brute_force_finds(threshold: float) -> None:
    random_ = random.Random(7)
    words = ["boat", "harbour", "ticket", "cook", "night", "money", "road", "paper", "sea"]
    texts = ["".join(random_.choices(words, k=random_.randint(1, 9))) for _ in range(60)]
    texts += [text[: random_.randint(3, len(text))] for text in texts] + texts[:5]
    shingles = [shingles_of(text) for text in texts]
    sides = np.array([random_.randrange(3) for _ in texts])
    expected = [
        (i, j)
        for i in range(len(texts))
        for j in range(i + 1, len(texts))
        if sides[i] != sides[j] and jaccard(shingles[i], shingles[j]) >= threshold
    ]
    assert expected
    assert cross_pairs(shingles, sides, threshold=threshold) == expected
