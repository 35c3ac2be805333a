from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.labels import LABELS
from classifier.ngrams import (
    BIAS,
    CHARACTER_ORDERS,
    KEYS,
    SCALE,
    TOKEN_ORDERS,
    WEIGHTS,
    NgramModel,
    features,
    occurrences,
)

TEXT, IDS, OFFSETS = "Boats, boats", [7, 9, 7], [(0, 5), (5, 7), (7, 12)]


def model_of(text: str, ids: list[int], share: float = 1.0) -> NgramModel:
    """A model with random weights for a part of the text's own n-grams."""
    keys, _ = features(text, ids)
    rng = np.random.default_rng(5)
    kept = keys[rng.random(len(keys)) < share]
    return NgramModel.from_tensors(
        {
            KEYS: kept,
            WEIGHTS: rng.integers(-127, 128, (len(kept), len(LABELS)), dtype=np.int8),
            SCALE: np.array([0.01, 0.02], np.float32),
            BIAS: np.array([-1.0, 0.5], np.float32),
        }
    )


def test_every_run_of_characters_and_tokens_is_an_occurrence() -> None:
    counts = [len(run.keys) for run in occurrences(TEXT, IDS)]
    framed = len(TEXT) + 2
    assert counts == [
        *(framed - order + 1 for order in CHARACTER_ORDERS),
        *(len(IDS) - order + 1 for order in TOKEN_ORDERS),
    ]


def test_case_and_line_ends_make_no_difference() -> None:
    one, two = features("Boat\nNOW", [1]), features("boat now", [1])
    np.testing.assert_array_equal(one[0], two[0])
    np.testing.assert_array_equal(one[1], two[1])


def test_characters_and_tokens_do_not_share_keys() -> None:
    """The code points of a text, given as token ids, are other n-grams."""
    of_characters: set[int] = set()
    of_tokens: set[int] = set()
    for run in occurrences("ab", [ord("a"), ord("b")]):
        (of_tokens if run.of_tokens else of_characters).update(run.keys.tolist())
    assert not of_characters & of_tokens


def test_the_values_of_a_text_have_length_one() -> None:
    _, values = features(TEXT, IDS)
    assert (values**2).sum() == pytest.approx(1)


def test_without_tensors_nothing_is_added() -> None:
    model = NgramModel.from_tensors({})
    assert model.logits(TEXT, IDS).tolist() == [0.0, 0.0]
    assert not model.shares(TEXT, IDS, OFFSETS).any()


def test_a_text_of_unknown_ngrams_gets_the_bias() -> None:
    assert model_of(TEXT, IDS).logits("zzz", [1]).tolist() == [-1.0, 0.5]


@pytest.mark.parametrize("share", [1.0, 0.5])
def test_shares_add_up_to_the_logit_less_the_bias(share: float) -> None:
    model = model_of(TEXT, IDS, share)
    shares = model.shares(TEXT, IDS, OFFSETS)
    assert shares.shape == (len(LABELS), len(TEXT))
    np.testing.assert_allclose(shares.sum(axis=1), model.logits(TEXT, IDS) - model.bias, atol=1e-9)


def test_a_character_far_from_all_known_ngrams_has_no_share() -> None:
    model = model_of("boat", [])
    shares = model.shares("boat " + "x" * 20, [], [])
    assert np.abs(shares[:, :4]).sum() > 0
    np.testing.assert_allclose(shares[:, 10:], 0, atol=1e-12)


@given(st.text(st.characters(codec=None), max_size=40), st.lists(st.integers(0, 2**20), max_size=9))
def test_no_text_raises(text: str, ids: list[int]) -> None:
    model = model_of(TEXT, IDS)
    offsets = [(0, min(1, len(text)))] * len(ids)
    assert np.isfinite(model.logits(text, ids)).all()
    shares = model.shares(text, ids, offsets)
    np.testing.assert_allclose(shares.sum(axis=1), model.logits(text, ids) - model.bias, atol=1e-6)
