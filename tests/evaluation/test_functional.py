"""The functional suite: shares of cases and of pairs, and the capability that is worst."""

from __future__ import annotations

from pathlib import Path

import pytest

from evaluation.sets.functional import read_functional
from evaluation.suites.functional import FUNCTIONAL
from evaluation.suites.suite import SuiteReport
from evaluation.workbench import Workbench


@pytest.fixture(scope="module")
def report(corpus_build: Path, tiny_model: Path) -> SuiteReport:
    return FUNCTIONAL.run(Workbench(corpus_build, tiny_model))


def _value(report: SuiteReport, dimension: str, name: str, metric: str) -> float | None:
    (value,) = [
        figure.model.value
        for figure in report.figures
        if (figure.label, figure.dimension, figure.slice, figure.metric)
        == ("any", dimension, name, metric)
    ]
    return value


def test_every_case_is_counted_in_the_whole_and_in_its_capability(report: SuiteReport) -> None:
    cases = read_functional()
    of_capability = {
        figure.slice: figure.model.n
        for figure in report.figures
        if (figure.dimension, figure.metric) == ("slice", "accuracy")
    }

    assert report.rows == len(cases)
    assert sum(of_capability.values()) == len(cases)
    assert set(of_capability) == {case.capability for case in cases}


def test_the_lowest_capability_is_the_lowest_of_them_all(report: SuiteReport) -> None:
    lowest = _value(report, "overall", "all", "lowest_capability_accuracy")

    assert lowest == min(
        figure.model.value
        for figure in report.figures
        if (figure.dimension, figure.metric) == ("slice", "accuracy")
        and figure.model.value is not None
    )


def test_pairs_are_no_better_than_their_cases_and_absent_where_there_are_none(
    report: SuiteReport,
) -> None:
    pairs = _value(report, "slice", "pair-negation", "pairs_right")
    rows = _value(report, "slice", "pair-negation", "accuracy")

    assert pairs is not None
    assert rows is not None
    assert pairs <= rows
    assert _value(report, "slice", "joke", "pairs_right") is None


def test_each_label_has_its_recall_and_false_positives_beside_the_baseline(
    report: SuiteReport,
) -> None:
    overall = {
        (figure.label, figure.metric): figure
        for figure in report.figures
        if figure.dimension == "overall"
    }

    for label in ("smuggling_service", "fake_job"):
        for metric in ("average_precision", "review_recall", "review_false_positive_rate"):
            assert overall[label, metric].model.value is not None
            assert overall[label, metric].baseline is not None
    assert overall["any", "accuracy"].baseline is not None
