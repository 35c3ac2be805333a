from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.training.screen.lessons import ENCODER, small_lesson
from training.errors import CheckpointError
from training.screen.lesson import Lesson


def test_a_lesson_comes_back_from_its_file(tmp_path: Path) -> None:
    lesson = small_lesson()
    lesson.save(tmp_path / "lesson.npz", "model data 10")
    found = Lesson.load(tmp_path / "lesson.npz", "model data 10")
    assert found.encoder == lesson.encoder
    assert found.examples == lesson.examples
    for name in ("ids", "starts", "lengths"):
        np.testing.assert_array_equal(
            getattr(found.texts.rows, name), getattr(lesson.texts.rows, name)
        )
    for name in ("folds", "is_own"):
        np.testing.assert_array_equal(getattr(found.texts, name), getattr(lesson.texts, name))
    np.testing.assert_array_equal(found.logits, lesson.logits)
    assert [path.name for path in tmp_path.iterdir()] == ["lesson.npz"]


def test_a_lesson_of_another_model_is_refused(tmp_path: Path) -> None:
    small_lesson().save(tmp_path / "lesson.npz", "one")
    with pytest.raises(CheckpointError, match="made for one, expected another"):
        Lesson.load(tmp_path / "lesson.npz", "another")


def test_a_text_is_flagged_where_its_excess_is_no_less_than_zero() -> None:
    # Temperature 2 makes log odds of 2 x logit; a review threshold of 0.2 has log odds -1.386.
    excess = ENCODER.excess(np.array([[0.0, -0.6931472], [0.1, -0.7], [-0.1, 0.0]]))
    np.testing.assert_allclose(excess[0], [0, 0], atol=1e-6)
    assert (excess >= -1e-6).tolist() == [[True, True], [True, False], [False, True]]
