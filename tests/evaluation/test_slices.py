"""Which rows belong to which slice."""

from __future__ import annotations

from evaluation.slices import LANGUAGE_ROWS, cut
from tests.evaluation.examples import example


def test_a_thin_language_is_told_within_its_family() -> None:
    rows = [example(f"en{n}", language="en-GB") for n in range(LANGUAGE_ROWS)]
    rows += [example("nl", language="nl"), example("hi", language="hi-Latn")]

    by_name = {piece.name: len(piece.rows) for piece in cut(rows, ("language",))}

    assert by_name == {"en": LANGUAGE_ROWS, "other germanic": 1, "other indic": 1}


def test_evasion_is_told_by_kind_and_together() -> None:
    rows = [example("a", evasion="leet"), example("b", evasion="spacing"), example("c")]

    by_name = {piece.name: piece.rows.tolist() for piece in cut(rows, ("evasion",))}

    assert by_name == {"any": [0, 1], "leet": [0], "none": [2], "spacing": [1]}


def test_every_row_lies_in_one_slice_of_each_other_dimension() -> None:
    rows = [
        example("a", "x" * 99),
        example("b", "x" * 100, language="sq", slice_name="neg_news"),
        example("c", "x" * 5_000, source="emscad"),
    ]

    for dimension in ("overall", "language", "family", "slice", "source", "length"):
        pieces = cut(rows, (dimension,))
        assert sorted(row for piece in pieces for row in piece.rows.tolist()) == [0, 1, 2]
        assert {piece.dimension for piece in pieces} == {dimension}


def test_length_is_told_in_characters() -> None:
    rows = [example("a", "x" * 99), example("b", "x" * 100), example("c", "x" * 1_000)]

    assert [piece.name for piece in cut(rows, ("length",))] == [
        "100 to 299",
        "1000 and over",
        "under 100",
    ]
