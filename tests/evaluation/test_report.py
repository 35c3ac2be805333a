"""The report names absent suites and shows a figure with what supports it."""

from __future__ import annotations

import io
import json

from rich.console import Console

from evaluation.bootstrap import Difference, Estimate
from evaluation.figures import Beside, Figure
from evaluation.report import Report, print_report, shown
from evaluation.suites.suite import SuiteReport, absent


def _printed(report: Report) -> str:
    stream = io.StringIO()
    print_report(report, Console(file=stream, width=160))
    return stream.getvalue()


def _report() -> Report:
    model = Estimate(0.96123, 0.95, 0.97, n=100, positives=40)
    baseline = Estimate(0.8, 0.75, 0.85, n=100, positives=40)
    nothing = Estimate(None, None, None, n=7, positives=0)
    lexicon = Estimate(0.4, 0.35, 0.45, n=100, positives=40)
    beside = {
        "tfidf": Beside(baseline, Difference(0.16123, 0.1, 0.2, 0.002)),
        "lexicon": Beside(lexicon),
    }
    figures = (
        Figure("fake_job", "overall", "all", "average_precision", model, baselines=beside),
        Figure("fake_job", "slice", "fake_job_task", "average_precision", model, baselines=beside),
        Figure(
            "fake_job",
            "slice",
            "neg_news",
            "average_precision",
            nothing,
            baselines={"tfidf": Beside(nothing)},
        ),
        Figure("fake_job", "length", "under 100", "average_precision", model),
    )
    return Report(
        model="a-model",
        policy="1",
        thresholds={"fake_job": {"review": 0.2, "priority": 1.0}},
        data="0123456789abcdef",
        suites=[
            SuiteReport("corpus-test", 100, 30, figures),
            absent("emscad-test", "the test split has no rows of emscad"),
        ],
    )


def test_an_absent_suite_is_named_with_the_reason() -> None:
    report = _report()

    assert "emscad-test: absent, the test split has no rows of emscad" in _printed(report)
    assert report.to_dict()["suites"][1] == {
        "suite": "emscad-test",
        "absent": "the test split has no rows of emscad",
        "unmeasured": {},
        "rows": 0,
        "groups": 0,
        "figures": [],
    }


def test_a_figure_stands_beside_the_best_baseline_with_intervals_and_counts() -> None:
    lines = _printed(_report()).splitlines()

    (line,) = (line for line in lines if line.split()[:2] == ["average", "precision"])
    for part in (
        "0.961 [0.950, 0.970]",
        "tfidf 0.800 [0.750, 0.850]",
        "+0.161, p 0.002",
        "100",
        "40",
    ):
        assert part in line


def test_a_figure_without_meaning_is_a_dash_with_its_count() -> None:
    (line,) = (line for line in _printed(_report()).splitlines() if "neg_news" in line)

    assert line.split() == ["neg_news", "7", "0", "-", "-"]


def test_the_json_rounds_to_four_digits_and_keeps_every_dimension() -> None:
    written = json.loads(json.dumps(_report().to_dict()))

    figures = written["suites"][0]["figures"]
    assert figures[0]["model"] == {
        "value": 0.9612,
        "low": 0.95,
        "high": 0.97,
        "n": 100,
        "positives": 40,
    }
    assert figures[0]["best_baseline"] == "tfidf"
    assert figures[0]["baselines"]["tfidf"]["value"] == 0.8
    assert figures[0]["baselines"]["tfidf"]["lead"]["p"] == 0.002
    assert figures[0]["baselines"]["lexicon"]["lead"] is None
    assert figures[2]["model"]["value"] is None
    assert figures[2]["best_baseline"] is None
    assert [figure["dimension"] for figure in figures] == [
        "overall",
        "slice",
        "slice",
        "length",
    ]


def test_counts_per_ten_thousand_are_shown_with_one_digit() -> None:
    assert shown(Estimate(123.456, None, None, 1, 0), "review_per_10000") == "123.5"


def test_a_run_without_the_baseline_has_no_column_for_it() -> None:
    figure = Figure(
        "fake_job", "overall", "all", "log_loss", Estimate(0.1, 0.09, 0.11, n=10, positives=4)
    )
    suite = SuiteReport("corpus-test", 10, 10, (figure,))

    printed = _printed(Report("a-model", "1", {}, "0" * 12, [suite]))

    assert "baseline" not in printed
    assert "0.100 [0.090, 0.110]" in printed


def test_a_baseline_that_could_not_be_measured_is_named_with_the_reason() -> None:
    suite = SuiteReport(
        "corpus-test", 10, 10, (), unmeasured={"before": "3 of 10 texts have no score"}
    )

    printed = _printed(Report("a-model", "1", {}, "0" * 12, [suite]))

    assert "before: not measured, 3 of 10 texts have no score" in printed


def test_the_best_baseline_of_a_rate_of_errors_is_the_lowest() -> None:
    low, high = (Beside(Estimate(value, None, None, 9, 4)) for value in (0.1, 0.2))
    baselines = {"tfidf": high, "lexicon": low}
    model = Estimate(0.05, None, None, 9, 4)

    def best(metric: str) -> str | None:
        return Figure("any", "overall", "all", metric, model, baselines=baselines).best_baseline

    assert best("review_false_positive_rate") == "lexicon"
    assert best("review_recall") == "tfidf"
