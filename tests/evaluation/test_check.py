"""The check names every figure that does not hold, and never passes for want of data."""

from __future__ import annotations

from pathlib import Path

import pytest

from evaluation.bootstrap import Estimate
from evaluation.check import Committed, deviations, headline, merged, read_committed, tolerance
from evaluation.errors import EvaluationError
from evaluation.figures import Figure
from evaluation.report import Report, write_json
from evaluation.suites.suite import SuiteReport, absent


def _suite(**figures: float | None) -> SuiteReport:
    return SuiteReport(
        suite="corpus-test",
        rows=10,
        groups=5,
        figures=tuple(
            Figure("fake_job", "overall", "all", metric, Estimate(value, None, None, 10, 4))
            for metric, value in figures.items()
        ),
    )


def _committed(suites: list[SuiteReport]) -> dict[str, Committed]:
    return {
        name: Committed("a-model", "hash", figures) for name, figures in headline(suites).items()
    }


def test_figures_within_tolerance_hold() -> None:
    committed = _committed([_suite(average_precision=0.960, review_recall=0.95)])

    measured = _suite(average_precision=0.955, review_recall=0.97)

    assert deviations(committed, [measured]) == []


def test_every_figure_out_of_tolerance_is_named() -> None:
    committed = _committed([_suite(average_precision=0.960, review_recall=0.95, log_loss=0.1)])

    found = deviations(
        committed, [_suite(average_precision=0.9549, review_recall=0.9701, log_loss=0.1)]
    )

    assert [deviation.key for deviation in found] == [
        "fake_job/average_precision",
        "fake_job/review_recall",
    ]
    assert "committed 0.96, found 0.9549, tolerance 0.005" in str(found[0])


def test_a_better_figure_out_of_tolerance_is_named_too() -> None:
    committed = _committed([_suite(average_precision=0.9)])

    assert deviations(committed, [_suite(average_precision=0.99)])


def test_a_figure_that_lost_its_value_deviates() -> None:
    committed = _committed([_suite(average_precision=0.9)])

    (found,) = deviations(committed, [_suite(average_precision=None)])

    assert "found nothing" in str(found)


def test_an_absent_suite_deviates_in_all_its_figures() -> None:
    committed = _committed([_suite(average_precision=0.9, review_recall=0.9)])

    assert len(deviations(committed, [absent("corpus-test", "no rows")])) == 2


def test_a_suite_that_was_not_asked_for_is_not_checked() -> None:
    committed = _committed([_suite(a=1.0)])
    committed["emscad-test"] = Committed("a-model", "hash", {"fake_job/average_precision": 0.9})

    assert deviations(committed, [_suite(a=1.0)]) == []


def test_a_suite_without_committed_figures_cannot_be_checked() -> None:
    with pytest.raises(EvaluationError, match="--update"):
        deviations({}, [_suite(average_precision=0.9)])


def test_slices_are_not_committed() -> None:
    figure = Figure("fake_job", "slice", "neg_news", "review_recall", Estimate(1, None, None, 1, 1))

    assert headline([SuiteReport("corpus-test", 1, 1, (figure,))]) == {"corpus-test": {}}


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        ("average_precision_at_4.8%", 0.005),
        ("recall_at_1%_false_positives", 0.02),
        ("priority_precision_at_1%", 0.02),
        ("calibration_error", 0.01),
        ("review_per_10000", 15.0),
    ],
)
def test_each_kind_of_metric_has_its_tolerance(metric: str, expected: float) -> None:
    assert tolerance(metric) == expected


def test_committed_figures_come_back_and_an_update_keeps_the_suites_it_did_not_measure(
    tmp_path: Path,
) -> None:
    path = tmp_path / "figures.json"
    old = {"emscad-test": Committed("a-model", "hash", {"fake_job/average_precision": 0.9})}
    report = Report("b-model", "1", {}, "hash", [_suite(average_precision=0.96)])

    write_json(path, merged(old, report))

    new = Committed("b-model", "hash", {"fake_job/average_precision": 0.96})
    assert read_committed(path) == {**old, "corpus-test": new}
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    "content",
    [None, "", "{", "[]", '{"figures": 1}', '{"suites": {"corpus-test": {}}}', '{"suites": []}'],
)
def test_committed_figures_that_cannot_be_read_are_an_error_that_says_what_to_do(
    tmp_path: Path, content: str | None
) -> None:
    path = tmp_path / "figures.json"
    if content is not None:
        path.write_text(content, encoding="utf-8")

    with pytest.raises(EvaluationError, match="--update"):
        read_committed(path)
