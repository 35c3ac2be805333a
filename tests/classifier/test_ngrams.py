from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier import ngrams
from classifier.labels import LABELS
from classifier.ngrams import (
    BIAS,
    CHARACTER_ORDERS,
    KEYS,
    SCALE,
    TOKEN_ORDERS,
    WEIGHTS,
    Keys,
    NgramModel,
    features,
    features_all,
    occurrences,
)

any_text = st.text(st.characters(codec=None), max_size=40)
any_ids = st.lists(st.integers(0, 2**20), max_size=9)

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


@given(any_text, any_ids)
def test_no_text_raises(text: str, ids: list[int]) -> None:
    model = model_of(TEXT, IDS)
    offsets = [(0, min(1, len(text)))] * len(ids)
    assert np.isfinite(model.logits(text, ids)).all()
    shares = model.shares(text, ids, offsets)
    if text:  # of none there is no character to bear a share, and none is ever scored
        expected = model.logits(text, ids) - model.bias
        np.testing.assert_allclose(shares.sum(axis=1), expected, atol=1e-6)


def counted_one_by_one(text: str, ids: list[int]) -> tuple[Keys, np.ndarray]:
    """The features of one text, counted from its occurrences."""
    keys = np.concatenate([run.keys for run in occurrences(text, ids)])
    distinct, counts = np.unique(keys, return_counts=True)
    values = 1 + np.log(counts)
    return distinct, values / np.sqrt((values**2).sum())


@given(st.lists(st.tuples(any_text, any_ids), min_size=1, max_size=6))
def test_features_of_many_texts_are_those_of_each(rows: list[tuple[str, list[int]]]) -> None:
    found = features_all([text for text, _ in rows], [ids for _, ids in rows])
    assert found.bounds[0] == 0
    assert found.bounds[-1] == len(found.keys) == len(found.values)
    for index, (text, ids) in enumerate(rows):
        keys, values = counted_one_by_one(text, ids)
        own = slice(found.bounds[index], found.bounds[index + 1])
        np.testing.assert_array_equal(found.keys[own], keys)
        np.testing.assert_allclose(found.values[own], values, rtol=1e-12)


@given(
    st.lists(st.tuples(st.sampled_from([TEXT, "Boots", "", "İİ"]) | any_text, any_ids), max_size=6)
)
def test_a_batch_gives_each_text_what_it_gets_alone(rows: list[tuple[str, list[int]]]) -> None:
    model = model_of(TEXT, IDS, share=0.5)
    texts, ids = [text for text, _ in rows], [ids for _, ids in rows]
    together = model.logits_all(texts, ids)
    assert together.shape == (len(rows), len(LABELS))
    for row, text, tokens in zip(together, texts, ids, strict=True):
        np.testing.assert_array_equal(row, model.logits(text, tokens))
        keys, values = counted_one_by_one(text, tokens)
        known = np.isin(keys, model.keys)
        weights = model.weights[np.searchsorted(model.keys, keys[known])]
        np.testing.assert_allclose(row, values[known] @ weights + model.bias, atol=1e-6)


def test_texts_past_the_size_of_a_batch_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    model = model_of(TEXT, IDS)
    texts, ids = [TEXT, "", TEXT * 3, "boat", TEXT] * 3, [IDS, [], IDS, [7], [9]] * 3
    at_once = model.logits_all(texts, ids)
    monkeypatch.setattr(ngrams, "BATCH_CHARACTERS", 20)
    np.testing.assert_array_equal(model.logits_all(texts, ids), at_once)


def test_keys_that_crowd_together_are_found() -> None:
    """Neighbours share their upper bits, the last and the first key among them."""
    keys = np.array([0, 1, 2, 3, 5, 2**31, 2**32 - 2, 2**32 - 1], np.uint32)
    model = NgramModel(keys, np.ones((len(keys), len(LABELS)), np.float32), np.zeros(len(LABELS)))
    places, known = model.find(np.array([0, 3, 4, 5, 6, 2**31, 2**32 - 3, 2**32 - 1], np.uint32))
    assert known.tolist() == [True, True, False, True, False, True, False, True]
    assert keys[places[known]].tolist() == [0, 3, 5, 2**31, 2**32 - 1]
