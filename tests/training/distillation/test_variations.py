from __future__ import annotations

from dataclasses import replace

import numpy as np

from tests.training.screen.lessons import small_lesson
from training.distillation.variations import OWN_SHARE, vary

TEXTS = small_lesson().texts
VARIED = vary(TEXTS, 4_000, seed=3)


def test_a_variation_is_made_of_texts_of_its_fold_alone() -> None:
    np.testing.assert_array_equal(VARIED.folds, TEXTS.folds[VARIED.first])
    np.testing.assert_array_equal(VARIED.folds, TEXTS.folds[VARIED.second])
    for number in range(len(VARIED.rows)):
        sources = {*TEXTS.rows.row(VARIED.first[number]), *TEXTS.rows.row(VARIED.second[number])}
        assert set(VARIED.rows.row(number)) <= sources


def test_a_variation_fits_a_window_and_is_never_empty() -> None:
    assert VARIED.rows.lengths.min() == 1
    assert VARIED.rows.lengths.max() == TEXTS.room
    assert len(VARIED.rows.ids) == VARIED.rows.lengths.sum()


def test_variations_differ_from_what_they_are_made_of() -> None:
    alike = [
        np.array_equal(VARIED.rows.row(number), TEXTS.rows.row(VARIED.first[number]))
        for number in range(len(VARIED.rows))
    ]
    assert np.mean(alike) < 0.3
    two = VARIED.first != VARIED.second
    assert 0.3 < two.mean() < 0.5


def test_adverts_are_varied_more_often_than_public_posts() -> None:
    rare = replace(TEXTS, is_own=np.arange(len(TEXTS)) < 30)
    shares = rare.is_own[vary(rare, 4_000, seed=1).first]
    assert abs(shares.mean() - OWN_SHARE) < 0.05


def test_the_same_seed_makes_the_same_variations() -> None:
    again = vary(TEXTS, 4_000, seed=3)
    np.testing.assert_array_equal(again.rows.ids, VARIED.rows.ids)
    assert not np.array_equal(vary(TEXTS, 4_000, seed=4).rows.lengths, VARIED.rows.lengths)
