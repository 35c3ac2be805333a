"""False alarms are counted on rows known to be neither, and never claimed to be impossible."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binom

from classifier.labels import Route
from data.partition import HELD_OUT_SOURCES
from evaluation.bootstrap import Estimate
from evaluation.predictions import predict
from evaluation.rare import estimate_rare, exact_interval
from evaluation.suites import SUITES, benign
from evaluation.suites.suite import SuiteReport
from evaluation.workbench import Workbench
from tests.evaluation.examples import example


def _estimate(report: SuiteReport, dimension: str, name: str) -> Estimate:
    (found,) = (
        figure.model
        for figure in report.figures
        if (figure.label, figure.dimension, figure.slice, figure.metric)
        == ("any", dimension, name, "review_per_10000")
    )
    return found


@pytest.mark.parametrize("name", ["benign", "benign-brighter"])
def test_false_alarms_are_counted_per_ten_thousand_benign_rows(
    public_build: Path, tiny_model: Path, name: str
) -> None:
    bench = Workbench(public_build, tiny_model)

    report = SUITES[name].run(bench)

    rows = benign.sample(bench.test)
    routes = predict(bench.classifier, rows).routes
    alarms = sum(route is not Route.CLEAR for route in routes)
    assert report.rows == len(rows) == 20
    for dimension, piece in (
        ("overall", "all"),
        ("source", "brighter"),
        ("collection", "in training too"),
    ):
        found = _estimate(report, dimension, piece)
        assert found.value == pytest.approx(10_000 * alarms / 20)
        assert (found.n, found.positives) == (20, 0)


def test_every_public_source_but_emscad_has_its_suite() -> None:
    assert "emscad" not in benign.SOURCES
    assert set(HELD_OUT_SOURCES) < set(benign.SOURCES)
    assert {f"benign-{source}" for source in benign.SOURCES} < set(SUITES)


def test_only_rows_known_to_be_neither_are_false_alarms() -> None:
    known = example("known", source="brighter")
    rows = [
        known,
        example("doubt", source="brighter", job=None),
        example("spam", source="tgspam", job=True),
        example("made for this", source="corpus"),
        example("advert", source="emscad", smuggling=None),
        example("decided", source="decisions"),
    ]

    assert benign.sample(rows) == [known]
    assert benign.sample(rows, ("tgspam",)) == []


def test_a_large_source_is_sampled_and_a_small_one_is_not() -> None:
    large = [example(f"l{n}", source="sib200") for n in range(benign.ROWS_PER_SOURCE + 50)]
    small = [example(f"s{n}", source="govuk_visa") for n in range(3)]

    found = benign.sample([*large, *small])

    assert len(found) == benign.ROWS_PER_SOURCE + 3
    assert all(row in found for row in small)
    assert benign.sample(large) == [row for row in found if row.source == "sib200"]


def test_no_alarm_at_all_leaves_room_for_some() -> None:
    found = estimate_rare(np.zeros(1_000, dtype=np.bool_), [f"g{n}" for n in range(1_000)], per=100)

    assert (found.value, found.low) == (0, 0)
    assert found.high == pytest.approx(100 * (1 - 0.025 ** (1 / 1_000)))


def test_rows_of_one_group_are_no_more_evidence_than_one() -> None:
    flagged = np.arange(100) < 10
    alone = estimate_rare(flagged, [f"g{n}" for n in range(100)])
    together = estimate_rare(flagged, [f"g{n // 10}" for n in range(100)])

    assert alone.value == together.value == 0.1
    for narrow, wide in ((together.low, alone.low), (alone.high, together.high)):
        assert narrow is not None
        assert wide is not None
        assert narrow < wide


def test_rows_of_a_single_group_have_an_interval_and_no_rows_none() -> None:
    single = estimate_rare(np.array([False, False]), ["g", "g"])
    assert single.low == 0
    assert single.high == pytest.approx(0.975)
    nothing = estimate_rare(np.zeros(0, dtype=np.bool_), [])
    assert nothing == Estimate(None, None, None, n=0, positives=0)


@pytest.mark.parametrize("events", [1, 3, 19])
def test_the_exact_interval_leaves_a_fortieth_on_either_side(events: int) -> None:
    low, high = exact_interval(events, 20)
    assert binom.sf(events - 1, 20, low) == pytest.approx(0.025)
    assert binom.cdf(events, 20, high) == pytest.approx(0.025)
    assert exact_interval(20, 20)[1] == 1
