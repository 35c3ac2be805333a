from __future__ import annotations

import pytest

from serving.columns import columns, fit, pad, width


@pytest.mark.parametrize(
    ("text", "cells"),
    [("abc", 3), ("南美落地", 8), ("e\u0301", 1), ("می\u200cدهیم", 6), ("🌊", 2)],
)
def test_width_counts_terminal_cells(text: str, cells: int) -> None:
    assert width(text) == cells


def test_a_cut_text_never_exceeds_its_cells() -> None:
    for cells in range(1, 12):
        assert width(fit("南美 landed 落地有人接", cells)) <= cells


def test_a_text_becomes_one_line_without_control_characters() -> None:
    assert fit("one\n\ttwo\x1b[31m three\u202e", 80) == "one two [31m three"


def test_columns_are_as_wide_as_their_widest_cell() -> None:
    assert columns([("a", "b"), ("南美", "c")]) == ["a     b", "南美  c"]


def test_figures_can_stand_on_the_right() -> None:
    assert pad("0.5", 5, right=True) == "  0.5"
