"""Each suite measures what it says, and says when its data are not there."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from classifier.classifier import Classifier
from classifier.errors import UsageError
from classifier.labels import Route, Stage
from evaluation.suites import DEFAULT_SUITES, SUITES
from evaluation.suites.suite import SuiteReport
from evaluation.workbench import Workbench
from tests.builders import random_screen
from training.screen.distil import add_screen


def _values(report: SuiteReport, label: str, dimension: str, name: str) -> dict[str, float | None]:
    return {
        figure.metric: figure.model.value
        for figure in report.figures
        if (figure.label, figure.dimension, figure.slice) == (label, dimension, name)
    }


def test_the_default_suites_need_nothing_but_a_build_and_a_model() -> None:
    assert set(DEFAULT_SUITES) < set(SUITES)
    assert {"corpus-test", "emscad-test", "benign", "functional", "evasion"} < set(DEFAULT_SUITES)
    assert all(SUITES[name].name == name for name in SUITES)


def test_the_corpus_suite_has_both_labels_slices_and_the_baseline(
    corpus_build: Path, tiny_model: Path
) -> None:
    report = SUITES["corpus-test"].run(Workbench(corpus_build, tiny_model))

    assert (report.absent, report.rows, report.groups) == (None, 36, 36)
    for label in ("smuggling_service", "fake_job"):
        overall = {
            figure.metric: figure
            for figure in report.figures
            if (figure.label, figure.dimension) == (label, "overall")
        }
        assert overall["average_precision"].model.positives == 12
        baseline = overall["average_precision"].baseline
        assert baseline is not None
        assert baseline.value == 1.0
        assert overall["calibration_error"].baseline is None
        assert overall["review_recall"].model.low is not None
    negatives = _values(report, "fake_job", "slice", "smuggling_transport")
    assert negatives["average_precision"] is None
    assert negatives["review_recall"] is None
    assert negatives["review_false_positive_rate"] is not None
    assert set(_values(report, "fake_job", "evasion", "any")) == set(negatives)


def test_the_baseline_can_be_declined(corpus_build: Path, tiny_model: Path) -> None:
    bench = Workbench(corpus_build, tiny_model, with_baseline=False)

    report = SUITES["corpus-test"].run(bench)

    assert all(figure.baseline is None for figure in report.figures)


@pytest.mark.parametrize("name", ["emscad-test", "benign", "benign-sib200", "doubt"])
def test_a_suite_whose_data_are_absent_says_so(
    corpus_build: Path, tiny_model: Path, name: str
) -> None:
    report = SUITES[name].run(Workbench(corpus_build, tiny_model))

    assert report.figures == ()
    assert report.absent is not None
    assert "lurewatch data build --datasets" in report.absent


def test_the_evidence_suite_compares_deletions_on_positives(
    corpus_build: Path, tiny_model: Path
) -> None:
    report = SUITES["evidence"].run(Workbench(corpus_build, tiny_model))

    overall = _values(report, "fake_job", "overall", "all")
    assert report.rows == 24
    assert overall["logit_drop_by_evidence"] is not None
    assert overall["logit_drop_at_random"] is not None
    assert overall["logit_drop_ratio"] == pytest.approx(
        overall["logit_drop_by_evidence"] / overall["logit_drop_at_random"]
    )


def test_the_language_suite_covers_the_languages_that_the_model_offers(
    public_build: Path, tiny_model: Path
) -> None:
    report = SUITES["language"].run(Workbench(public_build, tiny_model))

    # The build is in English and Swahili; the tiny model offers English of the two.
    assert report.rows == 36
    accuracy = _values(report, "any", "overall", "all")["language_accuracy"]
    assert accuracy is not None
    assert 0 <= accuracy <= 1


def test_the_out_of_fold_suite_asks_for_its_scores(corpus_build: Path) -> None:
    with pytest.raises(UsageError, match="--predictions"):
        SUITES["oof"].run(Workbench(corpus_build))


def test_the_routes_suite_counts_the_positives_that_no_person_sees(
    corpus_build: Path, tiny_model: Path
) -> None:
    bench = Workbench(corpus_build, tiny_model)
    report = SUITES["routes"].run(bench)
    positives = [example for example in bench.test if any(example.labels.values())]
    (whole,) = [figure for figure in report.figures if figure.dimension == "overall"]
    routes = bench.predict(positives, "again").routes
    assert report.rows == whole.model.n == len(positives)
    assert whole.model.value == sum(route is Route.CLEAR for route in routes) / len(positives)
    assert whole.model.high is not None
    assert whole.model.value is not None
    assert whole.model.low is not None
    assert whole.model.low <= whole.model.value <= whole.model.high


def test_the_screen_suite_counts_what_the_screen_clears_of_the_flagged(
    corpus_build: Path, tiny_model: Path, tmp_path: Path
) -> None:
    assert SUITES["screen"].run(Workbench(corpus_build, tiny_model)).absent is not None
    folder = tmp_path / "screened"
    shutil.copytree(tiny_model, folder)
    bench = Workbench(corpus_build, folder)
    texts = [example.text for example in bench.test]
    add_screen(folder, *random_screen(folder, texts))

    report = SUITES["screen"].run(Workbench(corpus_build, folder))

    flagged = [
        text
        for text, where in zip(texts, bench.predict(bench.test, "once").routes, strict=True)
        if where is not Route.CLEAR
    ]
    stages = [score.stage for score in Classifier.load(folder).score(flagged)]  # type: ignore[union-attr]
    (whole,) = [
        figure.model
        for figure in report.figures
        if (figure.metric, figure.dimension) == ("flagged_lost", "overall")
    ]
    assert whole.n == len(flagged)
    assert whole.value == pytest.approx(stages.count(Stage.SCREEN) / len(flagged))
