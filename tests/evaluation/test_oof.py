"""Out-of-fold scores are taken only where they are held out, and compared fold by fold."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from data.records import Example
from evaluation.errors import PredictionsError
from evaluation.oof import (
    HeldOutScore,
    held_out_baseline,
    held_out_figures,
    join,
    read_held_out,
)
from tests.evaluation.examples import example


def _examples() -> list[Example]:
    rows = []
    for n in range(30):
        fold = n % 5
        rows += [
            example(f"s{n}", f"boat to the coast, seat {n}", smuggling=True, fold=fold),
            example(f"j{n}", f"register for a fee, place {n}", job=True, fold=fold),
            example(f"e{n}", f"the timetable of day {n}", fold=fold),
        ]
    return rows


def _scores(examples: list[Example]) -> list[HeldOutScore]:
    return [
        HeldOutScore(row.id, row.fold or 0, tuple(0.9 if value else 0.1 for value in labels))
        for row in examples
        for labels in (list(row.labels.values()),)
    ]


def _write(path: Path, *rows: dict[str, Any] | str) -> Path:
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


ROW = {"id": "corpus:a", "fold": 3, "smuggling_service": 0.9, "fake_job": 0.25}


def test_scores_are_read_in_the_order_of_the_labels(tmp_path: Path) -> None:
    (score,) = read_held_out(_write(tmp_path / "oof.jsonl", ROW))

    assert score == HeldOutScore("corpus:a", 3, (0.9, 0.25))


@pytest.mark.parametrize(
    "bad",
    [
        '{"id": "corpus:a", "fold": 3, "smug',
        "[]",
        {"id": "corpus:a", "fold": 3, "fake_job": 0.25},
        {**ROW, "fake_job": None},
        {**ROW, "fake_job": 1.5},
        {**ROW, "fake_job": float("nan")},
        {**ROW, "fold": "three"},
    ],
)
def test_a_bad_row_is_named_by_its_line(tmp_path: Path, bad: dict[str, Any] | str) -> None:
    path = _write(tmp_path / "oof.jsonl", ROW, bad)

    with pytest.raises(PredictionsError, match=r"oof\.jsonl:2"):
        read_held_out(path)


def test_a_file_that_is_not_there_is_an_error_of_ours(tmp_path: Path) -> None:
    with pytest.raises(PredictionsError, match="cannot be read"):
        read_held_out(tmp_path / "oof.jsonl")


def test_a_score_from_another_fold_is_refused() -> None:
    with pytest.raises(PredictionsError, match="fold 3"):
        join([HeldOutScore("corpus:a", 3, (0.5, 0.5))], [example("a", fold=2)])


def test_an_unknown_or_repeated_row_is_refused() -> None:
    score = HeldOutScore("corpus:a", 2, (0.5, 0.5))

    with pytest.raises(PredictionsError, match="not in this data build"):
        join([score], [example("b", fold=2)])
    with pytest.raises(PredictionsError, match="twice"):
        join([score, score], [example("a", fold=2)])


def test_the_baseline_of_a_fold_has_not_read_that_fold() -> None:
    examples = _examples()
    # The only rows of fold 0 with this word, so that a leak would show as certainty.
    told = example("told", "zanzibar zanzibar", smuggling=True, fold=0)
    twin = example("twin", "zanzibar zanzibar", smuggling=True, fold=0, group="told")

    probabilities = held_out_baseline([*examples, told, twin], [])
    smuggling = probabilities[:, 0]

    assert smuggling[0] > 0.5
    assert smuggling[-1] < smuggling[0] - 0.1


def test_figures_are_told_by_language_and_slice_beside_the_baseline() -> None:
    examples = _examples()

    figures = held_out_figures(_scores(examples), examples, np.full((len(examples), 2), 0.5))

    by_language = [
        figure
        for figure in figures
        if (figure.dimension, figure.metric) == ("language", "average_precision")
    ]
    assert [(figure.label, figure.slice) for figure in by_language] == [
        ("smuggling_service", "en"),
        ("fake_job", "en"),
    ]
    assert all(figure.model.value == 1.0 for figure in by_language)
    assert all(
        figure.baseline is not None and figure.baseline.value == pytest.approx(1 / 3)
        for figure in by_language
    )
