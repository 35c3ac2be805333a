from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.training.depth.models import teacher, texts
from training.depth.distil import _rate, distance, fewer_layers
from training.depth.student import every_nth_layer
from training.distillation.padding import Openings
from training.model import LureModel
from training.recipe import DepthPlan

TEACHER = teacher()
UNSEEN = texts(seed=6)
PLAN = DepthPlan(
    layers=2, public_rows=0, variations=300, epochs=3, restarts=0, batch_tokens=512, rate=3e-3
)


def apart(student: LureModel) -> float:
    """How far a student is from the teacher on texts that it has not seen."""
    openings = Openings(UNSEEN.rows, UNSEEN.room, torch.device("cpu"))
    ids = openings.padded(np.arange(len(UNSEEN))).framed()
    with torch.no_grad():
        return float(distance(student, student.encode(ids), TEACHER, TEACHER.encode(ids)))


@pytest.fixture(scope="module")
def student() -> LureModel:
    return fewer_layers(TEACHER, texts(), PLAN, seed=1)


def test_a_teacher_is_at_no_distance_from_itself() -> None:
    assert apart(TEACHER) == 0


def test_a_student_says_of_unseen_texts_what_its_teacher_says(student: LureModel) -> None:
    assert apart(student) < 0.5 * apart(every_nth_layer(TEACHER, PLAN.layers))


def test_a_student_comes_ready_to_score(student: LureModel) -> None:
    assert not student.training
    assert len(student.encoder.encoder.layer) == PLAN.layers


def test_the_same_seed_teaches_the_same_student(student: LureModel) -> None:
    again = fewer_layers(TEACHER, texts(), PLAN, seed=1)
    torch.testing.assert_close(again.state_dict(), student.state_dict())


def test_the_learning_rate_rises_and_falls_once_and_again_at_each_restart() -> None:
    plan = replace(PLAN, restarts=1)
    rates = np.array([_rate(done, plan) for done in np.linspace(0, 1, 1_000, endpoint=False)])
    np.testing.assert_allclose(rates[:500], rates[500:])
    assert rates[0] == 0
    assert rates.max() == pytest.approx(PLAN.rate, rel=0.1)
    top = int(rates[:500].argmax())
    assert (np.diff(rates[: top + 1]) > 0).all()
    assert (np.diff(rates[top:500]) < 0).all()
