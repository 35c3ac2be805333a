from __future__ import annotations

import pytest
import torch

from tests.training.depth.models import LAYERS, teacher
from training.depth.student import every_nth_layer
from training.errors import RecipeError

TEACHER = teacher()


@pytest.mark.parametrize(("layers", "taken"), [(1, [3]), (2, [1, 3]), (3, [0, 1, 3])])
def test_a_student_begins_with_layers_of_its_teacher_the_last_among_them(
    layers: int, taken: list[int]
) -> None:
    student = every_nth_layer(TEACHER, layers)
    assert len(student.encoder.encoder.layer) == layers
    for number, source in enumerate(taken):
        mine, theirs = (
            model.encoder.encoder.layer[place].state_dict()
            for model, place in ((student, number), (TEACHER, source))
        )
        torch.testing.assert_close(mine, theirs, rtol=0, atol=0)
    torch.testing.assert_close(student.head.weight, TEACHER.head.weight, rtol=0, atol=0)


def test_a_students_weights_are_its_own() -> None:
    student = every_nth_layer(TEACHER, 1)
    with torch.no_grad():
        student.head.weight.zero_()
    assert TEACHER.head.weight.abs().max() > 0


def test_no_student_is_as_deep_as_its_teacher() -> None:
    with pytest.raises(RecipeError, match=f"fewer than the {LAYERS} of the base, found {LAYERS}"):
        every_nth_layer(TEACHER, LAYERS)
