from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.windows import WindowShape, window_starts

shapes = st.integers(3, 60).flatmap(
    lambda size: st.builds(WindowShape, st.just(size), st.integers(0, size - 3))
)


@given(st.integers(0, 500), shapes)
def test_windows_cover_every_token_and_end_with_the_text(tokens: int, shape: WindowShape) -> None:
    room = shape.size - 2
    starts = window_starts(tokens, shape)
    covered = {index for start in starts for index in range(start, min(start + room, tokens))}
    assert covered == set(range(tokens))
    assert starts[-1] == max(0, tokens - room)


@given(st.integers(0, 500), shapes)
def test_neighbours_overlap_as_asked_and_the_last_at_least_so(
    tokens: int, shape: WindowShape
) -> None:
    room = shape.size - 2
    starts = window_starts(tokens, shape)
    overlaps = [one + room - other for one, other in itertools.pairwise(starts)]
    assert all(overlap == shape.overlap for overlap in overlaps[:-1])
    assert all(shape.overlap <= overlap < room for overlap in overlaps[-1:])


def test_a_text_that_fits_has_one_window() -> None:
    shape = WindowShape(size=10, overlap=3)
    assert window_starts(0, shape) == (0,)
    assert window_starts(8, shape) == (0,)
    assert window_starts(9, shape) == (0, 1)


@pytest.mark.parametrize(("size", "overlap"), [(10, 8), (10, -1), (2, 0)])
def test_an_overlap_that_does_not_fit_is_refused(size: int, overlap: int) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        WindowShape(size, overlap)
