"""The frozen base gives each text one embedding, whatever is asked beside it."""

from __future__ import annotations

import numpy as np
import pytest

from training.base import BaseModel, load_base
from training.frozen import LONGEST, FrozenBase
from training.recipe import TINY_BASE

TEXTS = ["a boat to the coast", "typing work", "the ferry leaves late"]


LETTERS = sorted({letter for text in [*TEXTS, "query: "] for letter in text})


@pytest.fixture(scope="module")
def base() -> BaseModel:
    return load_base(TINY_BASE, 0, LETTERS)


@pytest.fixture(scope="module")
def frozen(base: BaseModel) -> FrozenBase:
    return FrozenBase(base)


def test_embeddings_are_of_length_one_and_do_not_hang_on_the_others(
    base: BaseModel, frozen: FrozenBase
) -> None:
    together = frozen(TEXTS)
    alone = np.concatenate([FrozenBase(base)([text]) for text in TEXTS])

    assert together.shape == (3, 64)
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, rtol=1e-5)
    np.testing.assert_allclose(together, alone, atol=0.02)


def test_a_text_asked_for_twice_has_one_embedding(frozen: FrozenBase) -> None:
    first = frozen(TEXTS)

    np.testing.assert_array_equal(frozen([TEXTS[1], TEXTS[1]]), first[[1, 1]])


def test_texts_that_differ_have_embeddings_that_differ(frozen: FrozenBase) -> None:
    first, second, _ = frozen(TEXTS)

    assert np.abs(first - second).max() > 0.01


def test_a_long_text_is_read_to_its_limit(frozen: FrozenBase) -> None:
    long, longer = frozen(["a" * 2 * LONGEST, "a" * 3 * LONGEST])

    np.testing.assert_allclose(long, longer, atol=0.02)
