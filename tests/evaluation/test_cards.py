"""Cards say what the report says, between their markers and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from classifier.artifact import CARD
from classifier.classifier import shipped_model
from evaluation.bootstrap import Estimate
from evaluation.cards import DATASHEET, model_block, rewrite_cards
from evaluation.errors import EvaluationError
from evaluation.failures import FEWEST_ROWS, MOST, known_failures
from evaluation.figures import Beside, Figure
from evaluation.markers import BEGIN, END, empty_block, replace_block
from evaluation.report import Report
from evaluation.suites.suite import SuiteReport, absent


def _report(*figures: Figure) -> Report:
    overall = Figure(
        *("fake_job", "overall", "all", "average_precision"),
        Estimate(0.96, 0.95, 0.97, 1_000, 40),
        baselines={"tfidf": Beside(Estimate(0.8, 0.7, 0.9, 1_000, 40))},
    )
    suites = [
        SuiteReport("corpus-test", 1_000, 300, (overall, *figures)),
        absent("emscad-test", "no rows of emscad"),
    ]
    return Report("a-model", "1", {}, "0123456789abcdef", suites)


def _recall(name: str, value: float, rows: int = 50) -> Figure:
    found = Estimate(value, value - 0.1, value + 0.1, rows, rows)
    return Figure("fake_job", "slice", name, "review_recall", found)


def test_the_model_card_has_figures_failures_and_absent_suites() -> None:
    block = model_block(_report(_recall("fake_job_mule", 0.6)))

    assert (
        "| corpus-test | average precision | fake job | 0.960 [0.950, 0.970] "
        "| tfidf 0.800 [0.700, 0.900] | 1,000 |"
    ) in block
    assert (
        "- It misses 40 % of the fake jobs in `fake_job_mule` (50 rows, interval 0.500 to 0.700)."
    ) in block
    assert "- emscad-test: no rows of emscad" in block


def test_failures_are_the_worst_slices_that_have_enough_rows() -> None:
    slices = [_recall(f"s{n}", 0.8 - n / 100) for n in range(MOST + 2)]
    thin = _recall("thin", 0.1, FEWEST_ROWS - 1)
    good = _recall("good", 0.95)

    told = known_failures(_report(*slices, thin, good).suites)

    assert len(told) == MOST
    assert f"`s{MOST + 1}`" in told[0]
    assert not any("thin" in sentence or "good" in sentence for sentence in told)


def test_only_what_stands_between_the_markers_changes(tmp_path: Path) -> None:
    path = tmp_path / CARD
    path.write_text(f"# a-model\n\n{empty_block()}\n## Known limits\n", encoding="utf-8")

    replace_block(path, "new figures\n")
    replace_block(path, "newer figures\n")

    expected = f"# a-model\n\n{BEGIN}\nnewer figures\n\n{END}\n\n## Known limits\n"
    assert path.read_text(encoding="utf-8") == expected


def test_a_card_without_markers_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / CARD
    path.write_text("# a-model\n", encoding="utf-8")

    with pytest.raises(EvaluationError, match="figures: begin"):
        replace_block(path, "figures")

    assert path.read_text(encoding="utf-8") == "# a-model\n"


def test_both_cards_are_written_from_one_report(tmp_path: Path) -> None:
    for name in (CARD, "DATASHEET.md"):
        (tmp_path / name).write_text(empty_block(), encoding="utf-8")
    counts = {"rows": 9_000, "groups": 300}
    labels = {label: {"1": 7} for label in ("smuggling_service", "fake_job")}
    manifest = {"counts": {"test": {**counts, **labels}}}

    rewrite_cards(_report(), manifest, tmp_path, tmp_path / "DATASHEET.md")

    card = (tmp_path / CARD).read_text(encoding="utf-8")
    datasheet = (tmp_path / "DATASHEET.md").read_text(encoding="utf-8")
    assert "0.960 [0.950, 0.970]" in card
    assert "| test | 9,000 | 300 | 7 | 7 |" in datasheet
    assert "| corpus-test | 1,000 | 300 |" in datasheet
    assert "functional.jsonl" in datasheet


@pytest.mark.parametrize("path", [DATASHEET, shipped_model() / CARD])
def test_the_shipped_cards_have_their_markers(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert (text.count(BEGIN), text.count(END)) == (1, 1)
    assert text.index(BEGIN) < text.index(END)
