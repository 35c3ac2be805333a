from __future__ import annotations

import numpy as np
import pytest
import torch

from classifier.calibration import UNCALIBRATED
from classifier.labels import LABELS, Label
from classifier.screen import SCRIPT, Screen, ScreenRule
from classifier.word_table import BLOCK, WordTable, pack
from data.records import Example
from evaluation.errors import TooFewRowsError
from evaluation.rare import estimate_rare
from tests.data.builders import example
from training.distil import HIGHEST_RISK, RISK, choose_rule
from training.screen import Lesson, fit_student, screen_tensors, scripts_of_pieces

PIECES = 60
RNG = np.random.default_rng(5)
WORDS = WordTable(pack(RNG.normal(size=(PIECES, BLOCK)).astype(np.float32)))


@pytest.fixture(scope="module")
def lesson() -> Lesson:
    """The teacher flags a text for the first label where piece 7 stands in it."""
    ids = [RNG.integers(4, PIECES, size=length).tolist() for length in RNG.integers(2, 20, 3_000)]
    means = np.stack([WORDS.rows(np.array(row)).mean(axis=0) for row in ids])
    flagged = np.array([7 in row for row in ids])
    excess = np.column_stack([np.where(flagged, 4.0, -4.0), np.full(len(ids), -4.0)])
    return Lesson(ids, means, excess)


def test_a_student_learns_what_its_teacher_looks_at_and_ships_it_in_int8(lesson: Lesson) -> None:
    rows = np.arange(2_500)
    student = fit_student(lesson, rows, PIECES, hidden=8, seed=1)
    rule = ScreenRule(0.0, ("none",), (), dict.fromkeys(LABELS, UNCALIBRATED), {})
    screen = Screen(screen_tensors(student, np.zeros(PIECES, np.uint8)), rule, WORDS)
    unseen = np.arange(2_500, 3_000)
    found = screen.logits([lesson.ids[row] for row in unseen.tolist()])
    with torch.no_grad():
        np.testing.assert_allclose(found, student(lesson, unseen).numpy(), atol=0.1)
    flagged = lesson.excess[unseen, 0] > 0
    assert found[flagged, 0].mean() > found[~flagged, 0].mean() + 0.1


def test_a_screen_is_fitted_alike_twice(lesson: Lesson) -> None:
    rows = np.arange(600)
    once, again = (
        screen_tensors(fit_student(lesson, rows, PIECES, 8, seed=2), np.zeros(PIECES, np.uint8))
        for _ in range(2)
    )
    for name, values in once.items():
        np.testing.assert_array_equal(values, again[name])
    assert once[SCRIPT].dtype == np.uint8


def test_pieces_are_of_the_script_of_their_first_letter() -> None:
    names, numbers = scripts_of_pieces(["<s>", "▁", "▁boat", "مركب", "船", "ふね", "フネ", "1 a"])
    assert [names[number] for number in numbers] == [
        *("latin", "none", "latin", "arabic", "cjk", "kana", "kana", "latin")
    ]
    assert names[0] == "none"


def labelled(count: int, per_group: int = 2) -> list[Example]:
    labels: list[dict[Label, bool | None]] = [dict.fromkeys(LABELS, flag) for flag in (True, False)]
    return [
        example(
            f"corpus:{n}",
            f"text {n}",
            labels=labels[n % 2],
            group=f"g{n // per_group}",
            source="corpus",
        )
        for n in range(count)
    ]


def test_the_cut_clears_no_more_of_the_flagged_than_it_may() -> None:
    rows = labelled(12_000)
    logits = RNG.normal(size=(len(rows), len(LABELS)))
    flagged = np.array([any(row.labels.values()) for row in rows])
    logits[flagged] += 3
    rule = choose_rule(logits, flagged, rows, ["latin"] * len(rows))
    lost = np.asarray((logits < rule.cut).all(axis=1))[flagged]
    groups = [row.group for row, is_flagged in zip(rows, flagged, strict=True) if is_flagged]
    found = estimate_rare(lost, groups)
    assert found.value is not None
    assert found.high is not None
    assert 0 < found.value <= RISK
    assert found.high <= HIGHEST_RISK
    assert rule.support["lost"] == lost.sum()
    assert rule.evidenced == ("latin",)


def test_a_script_with_few_flagged_rows_is_no_evidence_and_never_cleared() -> None:
    rows = labelled(4_000)
    logits = RNG.normal(size=(len(rows), len(LABELS)))
    flagged = np.array([any(row.labels.values()) for row in rows])
    scripts = ["thai" if n < 100 else "latin" for n in range(len(rows))]
    rule = choose_rule(logits, flagged, rows, scripts)
    assert rule.evidenced == ("latin",)
    assert rule.support["flagged"] == 2_000 - 50


def test_too_few_rows_promise_nothing() -> None:
    rows = labelled(60)
    flagged = np.array([any(row.labels.values()) for row in rows])
    with pytest.raises(TooFewRowsError, match="flagged rows"):
        choose_rule(np.zeros((60, 2)), flagged, rows, ["latin"] * 60)
