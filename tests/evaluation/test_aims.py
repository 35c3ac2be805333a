"""A verdict names the figure that decides, and never takes what was not measured for met."""

from __future__ import annotations

from dataclasses import replace

import pytest

from evaluation.aims import Aim, Standing, behind, verdicts
from evaluation.bootstrap import Difference, Estimate
from evaluation.figures import Beside, Figure
from evaluation.suites.suite import SuiteReport, absent

_AIM = Aim("a-suite", "recall_kept", 0.95, dimension="attack")


def _figure(name: str, value: float | None, low: float = 0.0, high: float = 1.0) -> Figure:
    return Figure("any", "attack", name, "recall_kept", Estimate(value, low, high, 50, 50))


def _report(*figures: Figure, suite: str = "a-suite") -> SuiteReport:
    return SuiteReport(suite, 50, 50, figures)


def _ahead(p: float, lead: float = 0.1) -> Figure:
    beside = Beside(Estimate(0.5, None, None, 9, 9), Difference(lead, 0, 1, p))
    found = Estimate(0.6, None, None, 9, 9)
    return Figure("any", "overall", "all", "accuracy", found, baselines={"tfidf": beside})


@pytest.mark.parametrize(
    ("value", "low", "standing"),
    [(0.99, 0.96, Standing.SURE), (0.99, 0.9, Standing.MET), (0.94, 0.9, Standing.MISSED)],
)
def test_a_figure_meets_its_aim_by_its_value_and_surely_by_its_interval(
    value: float, low: float, standing: Standing
) -> None:
    (verdict,) = verdicts(_report(_figure("leet", value, low)), [_AIM])

    assert verdict.standing is standing


def test_one_slice_that_misses_is_the_one_named() -> None:
    report = _report(_figure("leet", 0.99, 0.97), _figure("typos", 0.5), _figure("spacing", 0.9))

    (verdict,) = verdicts(report, [_AIM])

    assert verdict.standing is Standing.MISSED
    assert verdict.worst is not None
    assert verdict.worst.slice == "typos"
    assert (verdict.missing, verdict.among) == (2, 3)


def test_what_has_no_value_is_not_measured_rather_than_met() -> None:
    (verdict,) = verdicts(_report(_figure("leet", None)), [_AIM])

    assert verdict.standing is Standing.UNMEASURED
    assert verdicts(absent("a-suite", "no data"), [_AIM]) == []


def test_an_upper_bound_is_held_against_its_own_bar() -> None:
    aim = Aim("a-suite", "recall_kept", 0.6, at_most=True, dimension="attack", side="high")

    (missed,) = verdicts(_report(_figure("leet", 0.5, 0.4, 0.7)), [aim])
    (met,) = verdicts(_report(_figure("leet", 0.5, 0.4, 0.6)), [aim])

    assert (missed.standing, met.standing) == (Standing.MISSED, Standing.SURE)
    assert aim.told == "recall kept (upper bound) at most 0.6, every attack"


def test_a_baseline_is_beaten_by_a_lead_of_which_chance_is_excluded() -> None:
    assert behind(_report(_ahead(0.002), suite="functional")) == []
    assert behind(_report(_ahead(0.02), suite="functional")) == ["tfidf"]
    assert behind(_report(_ahead(0.002, lead=-0.1), suite="functional")) == ["tfidf"]
    assert behind(_report(_ahead(0.002), suite="benign")) is None


def test_a_baseline_that_could_not_be_measured_is_not_beaten() -> None:
    report = replace(_report(_ahead(0.002), suite="functional"), unmeasured={"before": "no score"})

    assert behind(report) == ["before"]
