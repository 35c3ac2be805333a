"""The suite tells each family's error beside that of a perfect model."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from classifier.labels import Label
from data.records import write_examples
from data.splits import MANIFEST_NAME, split_path
from evaluation.predictions import Predictions
from evaluation.suites.calibration import CALIBRATION, SMALL_FAMILIES, by_family
from evaluation.workbench import Workbench
from tests.evaluation.examples import example


def test_overall_and_family_figures_are_there_for_both_labels(
    corpus_build: Path, tiny_model: Path
) -> None:
    report = CALIBRATION.run(Workbench(corpus_build, tiny_model, with_baseline=False))

    assert (report.absent, report.rows) == (None, 36)
    for label in ("smuggling_service", "fake_job"):
        overall = {
            figure.metric: figure.model
            for figure in report.figures
            if (figure.label, figure.dimension) == (label, "overall")
        }
        assert set(overall) == {
            "debiased_calibration_error",
            "perfect_model_calibration_error",
            "calibration_slope",
            "calibration_intercept",
            "coverage_risk_area",
            "risk_at_80%_coverage",
            "families_within_band",
        }
        assert overall["families_within_band"].n == 1
    families = {f.slice for f in report.figures if f.dimension == "family"}
    assert families == {SMALL_FAMILIES}


def test_small_families_are_gathered_and_every_row_is_in_one() -> None:
    languages = ["en"] * 70 + ["ru"] * 59 + ["sw"] * 3
    examples = [
        example(str(row), smuggling=row % 2 == 0, language=language)
        for row, language in enumerate(languages)
    ]
    predictions = Predictions(tuple(examples), np.full((len(examples), 2), 0.5))

    pieces = by_family(predictions, Label.SMUGGLING_SERVICE)

    assert [piece.name for piece in pieces] == ["all", "germanic", SMALL_FAMILIES]
    assert [len(piece.ranking.rows) for piece in pieces] == [132, 70, 62]
    assert len(pieces[2].groups) == 62


def test_a_build_without_the_corpus_is_absent(tmp_path: Path, tiny_model: Path) -> None:
    write_examples(split_path(tmp_path, "test"), [example("p", source="brighter")])
    (tmp_path / MANIFEST_NAME).write_text("{}", encoding="utf-8")

    report = CALIBRATION.run(Workbench(tmp_path, tiny_model, with_baseline=False))

    assert report.absent is not None
    assert "corpus" in report.absent
