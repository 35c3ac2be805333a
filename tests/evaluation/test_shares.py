"""A row is right when every label is, a set when every row is."""

from __future__ import annotations

import numpy as np

from evaluation.shares import mean_figure, rows_right, sets_right
from evaluation.slices import Slice
from tests.evaluation.examples import example


def test_a_row_is_right_only_when_every_label_is() -> None:
    examples = [
        example("found", smuggling=True),
        example("missed", smuggling=True),
        example("wrong label", smuggling=True),
        example("clear"),
        example("alarm"),
    ]
    flags = np.array(
        [
            [True, False, True],
            [False, False, False],
            [True, True, True],
            [False, False, False],
            [False, True, True],
        ]
    )

    right = rows_right(flags, examples)

    assert right[:, 0].tolist() == [True, False, True, True, True]
    assert right[:, 1].tolist() == [True, True, False, True, False]
    assert right[:, 2].tolist() == [True, False, False, True, False]


def test_an_unknown_label_is_right_whatever_is_said() -> None:
    unknown = [example("row", job=None)] * 2
    flags = np.array([[False, True, True], [False, False, False]])

    assert rows_right(flags, unknown).all()


def test_a_set_is_right_only_when_every_row_is() -> None:
    right = np.array([True, False, True, True])

    assert sets_right(right, ["b", "b", "a", "a"]) == {"a": True, "b": False}
    assert sets_right(np.zeros(0, dtype=np.bool_), []) == {}


def test_a_mean_stands_beside_the_baseline_with_its_lead() -> None:
    piece = Slice("overall", "all", np.arange(4))
    ours, theirs = np.array([True, True, True, False]), np.array([True, False, False, False])

    figure = mean_figure("any", piece, "accuracy", list("abcd"), ours, theirs, positives=3)

    assert (figure.model.value, figure.model.n, figure.model.positives) == (0.75, 4, 3)
    assert figure.baseline is not None
    assert figure.baseline.value == 0.25
    assert figure.lead is not None
    assert figure.lead.value == 0.5


def test_a_mean_of_nothing_has_no_value() -> None:
    nothing = np.zeros(0, dtype=np.bool_)

    figure = mean_figure("any", Slice("overall", "all", np.arange(0)), "accuracy", [], nothing)

    assert (figure.model.value, figure.model.n, figure.lead) == (None, 0, None)
