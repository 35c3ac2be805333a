from __future__ import annotations

import numpy as np
import pytest
from tokenizers import Tokenizer

from classifier.labels import LABELS, OUTPUTS, Label
from classifier.ngrams import KEYS, WEIGHTS, NgramModel
from classifier.tokenizer import SPECIAL_PIECES, build_tokenizer
from data.records import Example
from evaluation.metrics import average_precision, rank
from tests.data.builders import example
from training.encode import token_ids
from training.ngrams import SAYS, choose_says, fit_ngrams, ngram_logits, with_says
from training.recipe import Ngrams

SETTINGS = Ngrams(size=400, public_rows=10, inverse_penalty=16.0)
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    special = [(piece, 0.0) for piece in SPECIAL_PIECES]
    return build_tokenizer([*special, ("▁", -2.0), *((letter, -8.0) for letter in LETTERS)])


def rows(start: int, count: int) -> list[Example]:
    """Boats are an offer, typing is a fake job, the rest is neither."""
    made = []
    for n in range(start, start + count):
        for text, smuggling, job in (
            (f"a seat in the boat number {n}", True, False),
            (f"typing work from home number {n}", False, True),
            (f"the weather on day number {n}", False, False),
        ):
            labels: dict[Label, bool | None] = {
                Label.SMUGGLING_SERVICE: smuggling,
                Label.FAKE_JOB: job,
            }
            made.append(example(f"corpus:{n}-{text[:3]}", text, source="corpus", labels=labels))
    return made


def test_the_ngrams_of_the_training_texts_rank_unseen_texts(tokenizer: Tokenizer) -> None:
    tensors = fit_ngrams(rows(0, 30), tokenizer, SETTINGS, seed=1)
    assert len(tensors[KEYS]) == SETTINGS.size
    assert tensors[WEIGHTS].dtype == np.int8
    unseen = rows(100, 10)
    texts = [e.text for e in unseen]
    logits = ngram_logits(tensors, texts, token_ids(tokenizer, texts))
    for index, label in enumerate(LABELS):
        ranking = rank(logits[:, index], [e.labels[label] for e in unseen])
        assert float(average_precision(ranking)) == 1.0


def test_the_same_rows_and_seed_give_the_same_tensors(tokenizer: Tokenizer) -> None:
    first, second = (fit_ngrams(rows(0, 30), tokenizer, SETTINGS, seed=1) for _ in range(2))
    assert first.keys() == second.keys()
    assert all((first[name] == second[name]).all() for name in first)


def test_a_size_of_none_fits_nothing(tokenizer: Tokenizer) -> None:
    nothing = Ngrams(size=0, public_rows=0, inverse_penalty=1.0)
    assert fit_ngrams(rows(0, 3), tokenizer, nothing, seed=1) == {}
    assert with_says({}, (1.0, 1.0)) == {}


def test_a_right_encoder_leaves_the_ngrams_no_say_and_a_blind_one_gives_them_all(
    tokenizer: Tokenizer,
) -> None:
    tensors = fit_ngrams(rows(0, 30), tokenizer, SETTINGS, seed=1)
    unseen = rows(100, 10)
    ids = token_ids(tokenizer, [e.text for e in unseen])
    right = np.zeros((len(unseen), len(OUTPUTS)))
    for index, label in enumerate(LABELS):
        right[:, index] = [100.0 if e.labels[label] else -100.0 for e in unseen]
    assert choose_says(tensors, right, unseen, ids) == (0.0, 0.0)
    blind = np.zeros_like(right)
    assert choose_says(tensors, blind, unseen, ids) == (SAYS[1], SAYS[1])


def test_the_say_multiplies_what_is_added(tokenizer: Tokenizer) -> None:
    tensors = fit_ngrams(rows(0, 30), tokenizer, SETTINGS, seed=1)
    text = "a seat in the boat"
    (ids,) = token_ids(tokenizer, [text])
    once = NgramModel.from_tensors(tensors).logits(text, ids)
    half = NgramModel.from_tensors(with_says(tensors, (0.5, 2.0))).logits(text, ids)
    np.testing.assert_allclose(half, once * [0.5, 2.0], rtol=1e-5)
