from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from classifier import artifact
from classifier.calibration import UNCALIBRATED
from classifier.labels import LABELS
from classifier.screen import SCRIPT, Screen, ScreenRule, pair_keys
from classifier.word_table import unpack
from tests.training.screen.lessons import PIECES, WORDS, small_lesson
from training.errors import CheckpointError
from training.screen import student as of_student
from training.screen.course import Course, prepare_course
from training.screen.fitting import Effort, Fitted, fit_screens, fit_student
from training.screen.student import StudentSize, screen_tensors

SIZE = StudentSize(projected=8, channels=8, mixed=8)
SCRIPTS = np.zeros(PIECES, np.uint8)
RULE = ScreenRule(0.0, ("none",), (), dict.fromkeys(LABELS, UNCALIBRATED), {})


@pytest.fixture(scope="module")
def course() -> Course:
    weights = {"word.blocks": WORDS._blocks}
    return prepare_course(small_lesson(4_000), weights, variations=0, seed=0)


def test_a_student_learns_what_its_teacher_looks_at_and_ships_it_in_int8(course: Course) -> None:
    lesson, unseen = small_lesson(4_000), np.arange(3_500, 4_000)
    student = fit_student(course, np.arange(3_500), SIZE, Effort(0, 6, 1, seed=1, batch=64))
    screen = Screen(screen_tensors(student, SCRIPTS), RULE, WORDS)
    found = screen.logits(
        [lesson.texts.rows.row(row)[: lesson.texts.room].tolist() for row in unseen.tolist()]
    )
    with torch.no_grad():
        expected = student(course.openings.padded(unseen)).numpy()
    np.testing.assert_allclose(found, expected, atol=0.1)
    flagged = lesson.logits[unseen, 0] > 0
    assert found[flagged, 0].mean() > found[~flagged, 0].mean() + 1


def test_a_student_is_fitted_alike_twice(course: Course) -> None:
    effort = Effort(0, epochs=1, repeats=1, seed=2)
    once, again = (
        screen_tensors(fit_student(course, np.arange(600), SIZE, effort), SCRIPTS) for _ in range(2)
    )
    for name, values in once.items():
        np.testing.assert_array_equal(values, again[name])
    assert once[SCRIPT].dtype == np.uint8


def test_pairs_have_the_same_keys_in_training_and_at_run_time() -> None:
    first, second = np.random.default_rng(1).integers(0, 250_000, (2, 1_000))
    found = of_student.pair_keys(torch.from_numpy(first), torch.from_numpy(second))
    np.testing.assert_array_equal(found.numpy(), pair_keys(first, second))


def test_a_variation_is_taught_with_what_the_teacher_leaves_out(tiny_model: Path) -> None:
    weights = load_file(tiny_model / artifact.WEIGHTS)
    lesson = small_lesson(300)
    course = prepare_course(lesson, weights, variations=200, seed=0)
    assert len(course.folds) == len(course.aims) == 500
    own = 1 / (1 + np.exp(-lesson.encoder.excess(lesson.logits)))
    np.testing.assert_allclose(course.aims[:300].numpy(), own, atol=1e-6)
    assert course.table.shape == unpack(weights["word.blocks"]).shape


def test_what_was_fitted_comes_back_from_its_file_and_scores_every_row_of_the_data(
    tmp_path: Path,
) -> None:
    lesson = small_lesson(300)
    weights = {"word.blocks": WORDS._blocks}
    fitted = fit_screens(lesson, weights, SCRIPTS, SIZE, Effort(0, epochs=1, repeats=1, seed=0))
    assert fitted.out_of_fold.shape == (lesson.examples, len(LABELS))
    assert (fitted.out_of_fold != 0).all()
    fitted.save(tmp_path / "fitted.safetensors", "one")
    found = Fitted.load(tmp_path / "fitted.safetensors", "one")
    np.testing.assert_array_equal(found.out_of_fold, fitted.out_of_fold)
    assert found.tensors.keys() == fitted.tensors.keys()
    with pytest.raises(CheckpointError, match="made for one, expected another"):
        Fitted.load(tmp_path / "fitted.safetensors", "another")
