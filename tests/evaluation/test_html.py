"""The page stands alone, escapes what it shows, and tells what was not measured."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from classifier.labels import Label
from classifier.records import Evidence
from evaluation.bootstrap import Difference, Estimate
from evaluation.figures import Beside, Figure
from evaluation.hardest import HardError, Kind
from evaluation.html.exhibits import Exhibits, gather
from evaluation.html.markup import Markup, element
from evaluation.html.page import page, write_page
from evaluation.html.plots import Line, coverage_risk_points, precision_recall_points
from evaluation.html.texts import highlighted
from evaluation.metrics import rank
from evaluation.reliability import reliability_curve
from evaluation.report import Report
from evaluation.suites import SUITES
from evaluation.suites.calibration import CALIBRATION
from evaluation.suites.suite import SuiteReport, absent
from evaluation.workbench import Workbench
from tests.evaluation.examples import example

_LABEL = Label.FAKE_JOB
_RANKING = rank(np.linspace(0, 1, 50), [row % 3 != 0 and row > 20 for row in range(50)])


class _Balance(HTMLParser):
    """Notes elements that are closed out of order or left open, and every address."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.faults: list[str] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "col"):
            self.open.append(tag)
        self.addresses += [value or "" for key, value in attrs if key in ("src", "href")]

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(tag)


def _report() -> Report:
    baseline = Beside(Estimate(0.8, 0.75, 0.85, 100, 40), Difference(0.16, 0.1, 0.2, 0.002))
    figures = [
        Figure(
            *("fake_job", "overall", "all", "average_precision"),
            Estimate(0.96123, 0.95, 0.97, 100, 40),
            baselines={"tfidf": baseline},
        ),
        *(
            Figure("fake_job", "language", name, "average_precision", Estimate(v, 0.1, 0.9, 60, 9))
            for name, v in (("en", 0.5), ("so", 0.4))
        ),
    ]
    return Report(
        model="a-model",
        policy="1",
        thresholds={"fake_job": {"review": 0.2, "priority": None}},
        data="0123456789abcdef",
        suites=[
            SuiteReport("corpus-test", 100, 30, tuple(figures), unmeasured={"before": "no score"}),
            SuiteReport("calibration", 100, 30, ()),
            absent("emscad-test", "the test split has no rows of emscad"),
        ],
    )


def _exhibits() -> Exhibits:
    curve = reliability_curve(_RANKING)
    text = "<script>alert(1)</script> pay first"
    spans = (Evidence(26, 29, _LABEL, 0.9), Evidence(30, 35, _LABEL, -0.5))
    return Exhibits(
        precision_recall=((_LABEL, (Line("model", precision_recall_points(_RANKING)),)),),
        reliability=((_LABEL, "all", curve), (_LABEL, "germanic", curve)),
        coverage_risk=((_LABEL, Line("model", coverage_risk_points(_RANKING))),),
        errors=(HardError(Kind.MISSED, _LABEL, example("x", text, job=True), 0.01, 0.2, spans),),
    )


def test_the_page_is_well_formed_and_asks_for_nothing_else() -> None:
    written = page(_report(), _exhibits())

    parser = _Balance()
    parser.feed(written)
    assert (parser.open, parser.faults, parser.addresses) == ([], [], [])
    assert "<script" not in written
    assert not re.search(r"url\(|@import|https?:", written)


def test_figures_verdicts_identity_and_absence_are_told() -> None:
    written = page(_report(), _exhibits())

    for part in (
        "0.961 [0.950, 0.970]",
        "tfidf 0.800 [0.750, 0.850]",
        "+0.160, p 0.002",
        "average precision at least 0.985",
        "missed",
        "before: not measured, no score",
        "emscad-test</b>: the test split has no rows of emscad",
        "0123456789abcdef",
        "functional.jsonl",
        "review 0.2000, priority none",
    ):
        assert part in written


def test_every_plot_says_in_words_what_it_shows() -> None:
    written = page(_report(), _exhibits())

    plots = re.findall(r"<svg [^>]*>", written)
    assert len(plots) == 5
    assert all('role="img"' in plot and 'aria-label="' in plot for plot in plots)


def test_a_text_is_shown_as_it_is_with_its_evidence_marked() -> None:
    written = page(_report(), _exhibits())

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in written
    assert '<mark class="for s3" title="for, +0.90">pay</mark>' in written
    assert '<mark class="against s2" title="against, -0.50">first</mark>' in written


def test_marks_take_nothing_from_the_text() -> None:
    text = "a < b & ü, 船 tonight"
    spans = [
        Evidence(0, 5, _LABEL, 0.2),
        Evidence(3, 9, _LABEL, -0.7),
        Evidence(11, 99, _LABEL, 0.01),
    ]

    plain = re.sub(r"</?mark[^>]*>", "", highlighted(text, spans))

    assert plain == text.replace("&", "&amp;").replace("<", "&lt;")


def test_only_what_an_element_made_is_left_unescaped() -> None:
    inner = element("b", "<i>")

    assert element("p", inner, "<u>", title='"') == (
        '<p title="&quot;"><b>&lt;i&gt;</b>&lt;u&gt;</p>'
    )
    assert isinstance(inner, Markup)


def test_precision_and_recall_are_those_of_real_thresholds() -> None:
    ranking = rank(np.array([0.9, 0.9, 0.4]), [True, False, True])

    assert precision_recall_points(ranking) == [(0.5, 0.5), (1.0, pytest.approx(2 / 3))]
    assert precision_recall_points(rank(np.array([0.5]), [False])) == []


def test_a_measured_run_has_curves_and_errors_and_gives_the_same_bytes_twice(
    corpus_build: Path, tiny_model: Path, tmp_path: Path
) -> None:
    for name in ("first", "second"):
        bench = Workbench(corpus_build, tiny_model, with_baseline=False)
        suites = [suite.run(bench) for suite in (SUITES["corpus-test"], CALIBRATION)]
        exhibits = gather(bench, suites)
        assert {label for label, _ in exhibits.precision_recall} == set(Label)
        assert exhibits.errors
        write_page(tmp_path / name, Report("m", "1", {}, "0" * 64, suites), exhibits)

    assert (tmp_path / "first").read_bytes() == (tmp_path / "second").read_bytes()


def test_suites_without_curves_cost_no_scoring(corpus_build: Path, tmp_path: Path) -> None:
    bench = Workbench(corpus_build, tmp_path / "no-model")

    assert gather(bench, [absent("corpus-test", "no rows")]) == Exhibits()
