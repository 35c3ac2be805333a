"""The student at its beginning: some of its teacher's layers, and all the rest of it."""

from __future__ import annotations

import copy
import re

from training.errors import RecipeError
from training.model import LureModel

_LAYER = re.compile(r"(?<=\.layer\.)\d+(?=\.)")


def expect_fewer(layers: int, found: int) -> None:
    """Raises RecipeError where `layers` are not fewer than the `found` of the base."""
    if layers >= found:
        raise RecipeError(
            f"[depth] layers should be fewer than the {found} of the base, found {layers}; 0 "
            "leaves the encoder as deep as it is"
        )


def every_nth_layer(teacher: LureModel, layers: int) -> LureModel:
    """A model of `layers` of the teacher's layers, evenly spread, the last among them.

    Raises RecipeError where the teacher has not more than that.
    """
    config = copy.deepcopy(teacher.encoder.config)
    found = config.num_hidden_layers
    expect_fewer(layers, found)
    config.num_hidden_layers = layers
    student = LureModel(config, teacher.word, dropout=0.0)
    sources = [(number + 1) * found // layers - 1 for number in range(layers)]
    known = teacher.state_dict()
    taken = {
        name: known[_LAYER.sub(lambda layer: str(sources[int(layer[0])]), name)]
        for name in student.state_dict()
    }
    student.load_state_dict(taken)
    return student
