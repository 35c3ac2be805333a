"""Two readings of a row become a truth where they agree, and the agreement is told."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from classifier.labels import Label
from data.errors import SchemaError
from data.readings import letters_digest
from evaluation.agreement import agreement_of, kappa
from evaluation.metrics import rank
from evaluation.sets.doubt import DOUBT, DoubtRow, read_doubt
from evaluation.sets.sets import digest
from evaluation.suites.doubt import measure_doubt
from evaluation.suites.suite import SuiteReport
from evaluation.workbench import Workbench


def _reading(smuggling: bool | None, job: bool | None) -> dict[Label, bool | None]:
    return {Label.SMUGGLING_SERVICE: smuggling, Label.FAKE_JOB: job}


UNKNOWN = _reading(None, None)


def _row(
    n: int,
    first: Mapping[Label, bool | None],
    second: Mapping[Label, bool | None],
    settled: Mapping[Label, bool | None] = UNKNOWN,
) -> DoubtRow:
    """Readings of a public row of the small build."""
    text = f"what a lovely day number {n} it was"
    return DoubtRow(f"brighter:p{n}", letters_digest(text), first, second, settled)


def _values(report: SuiteReport, label: Label) -> dict[str, float | None]:
    return {
        figure.metric: figure.model.value
        for figure in report.figures
        if (figure.label, figure.dimension) == (label.value, "overall")
    }


def test_a_truth_is_what_both_read_or_what_was_settled() -> None:
    yes, no = _reading(True, True), _reading(False, False)
    assert _row(1, yes, yes).truth(Label.FAKE_JOB) is True
    assert _row(1, no, no).truth(Label.FAKE_JOB) is False
    assert _row(1, yes, no).truth(Label.FAKE_JOB) is None
    assert _row(1, yes, no, _reading(None, True)).truth(Label.FAKE_JOB) is True
    assert _row(1, yes, no, _reading(None, True)).truth(Label.SMUGGLING_SERVICE) is None
    assert _row(1, yes, UNKNOWN).truth(Label.FAKE_JOB) is None


def test_the_committed_set_is_the_one_on_its_card() -> None:
    rows = read_doubt()
    assert len({row.id for row in rows}) == len(rows) >= 320
    assert digest(DOUBT) in DOUBT.with_suffix(".md").read_text(encoding="utf-8")


def test_the_suite_measures_by_what_was_read(public_build: Path, tiny_model: Path) -> None:
    rows = [
        *(_row(n, _reading(False, n < 4), _reading(False, n < 4)) for n in range(12)),
        _row(12, _reading(False, True), _reading(False, False)),
        _row(13, _reading(False, True), _reading(False, False), _reading(None, True)),
        _row(99, _reading(False, True), _reading(False, True)),
    ]

    report = measure_doubt(Workbench(public_build, tiny_model), rows)

    assert report.rows == 14
    ranked = next(
        figure
        for figure in report.figures
        if (figure.label, figure.metric) == ("fake_job", "average_precision")
    )
    assert (ranked.model.n, ranked.model.positives) == (13, 5)
    assert ranked.baseline is not None
    job, smuggling = (_values(report, label) for label in (Label.FAKE_JOB, Label.SMUGGLING_SERVICE))
    assert job["readers_agree"] == pytest.approx(12 / 14)
    assert smuggling["readers_agree"] == 1
    assert smuggling["readers_kappa"] is None
    assert smuggling["average_precision"] is None
    assert smuggling["review_false_positive_rate"] is not None


def test_a_reading_of_another_text_is_not_used(public_build: Path, tiny_model: Path) -> None:
    no = _reading(False, False)
    row = DoubtRow("brighter:p1", letters_digest("what it said before"), no, no, UNKNOWN)

    report = measure_doubt(Workbench(public_build, tiny_model), [row])

    assert report.absent is not None
    assert "lurewatch data build --datasets" in report.absent


def test_the_digest_is_of_the_letters() -> None:
    assert letters_digest("Call us now: 123, friends!") == letters_digest("call us now 9 friends")
    assert letters_digest("Call us now, friends") != letters_digest("Call them now, friends")


def test_kappa_is_that_of_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    first, second = rng.random(60) < 0.3, rng.random(60) < 0.4

    found = agreement_of(first.tolist(), second.tolist(), [f"g{n}" for n in range(60)])

    estimate = found["readers_kappa"]
    assert estimate.value == pytest.approx(cohen_kappa_score(first, second))
    assert estimate.value is not None
    assert estimate.low is not None
    assert estimate.high is not None
    assert estimate.low < estimate.value < estimate.high
    assert (estimate.n, estimate.positives) == (60, first.sum())


def test_weights_count_as_repeated_rows() -> None:
    first, second = [True, True, False, False], [True, False, False, True]
    scores = np.array(second, dtype=np.float64)
    ranking = rank(scores, first)
    repeats = np.array([3, 1, 2, 0])
    repeated = np.repeat(np.arange(4), repeats)
    expected = cohen_kappa_score(np.array(first)[repeated], np.array(second)[repeated])
    weights = repeats[ranking.rows].astype(np.float64)
    assert kappa(ranking, weights) == pytest.approx(expected)


def test_undecided_rows_are_no_agreement() -> None:
    found = agreement_of([None, True, False, True], [None, None, False, True], list("abcd"))
    assert found["readers_agree"].n == 2
    assert found["readers_kappa"].value == 1


def test_readers_who_never_differ_are_not_certain_to_agree() -> None:
    found = agreement_of([True, *[False] * 99], [True, *[False] * 99], list(map(str, range(100))))

    agree, of_kappa = found["readers_agree"], found["readers_kappa"]
    assert (agree.value, agree.high, agree.n, agree.positives) == (1, 1, 100, 1)
    assert agree.low == pytest.approx(0.025 ** (1 / 100))
    assert (of_kappa.value, of_kappa.low, of_kappa.high) == (1, None, None)


def _line(**changes: Any) -> dict[str, Any]:
    no = {"smuggling_service": 0, "fake_job": 0}
    nothing = {"smuggling_service": None, "fake_job": None}
    row = {"id": "brighter:000001", "letters": "0" * 16, "first": no, "second": no}
    return {**row, "settled": nothing, **changes}


def test_readings_are_read_back(tmp_path: Path) -> None:
    path = tmp_path / "doubt.jsonl"
    path.write_text(json.dumps(_line()) + "\n", encoding="utf-8")
    no = _reading(False, False)
    assert read_doubt(path) == [DoubtRow("brighter:000001", "0" * 16, no, no, UNKNOWN)]


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"first": {"smuggling_service": 2, "fake_job": 0}}, "in `first`"),
        ({"settled": {"smuggling_service": None, "fake_job": 1}}, "on which both agree"),
        ({"text": "not ours to give away"}, "`text` is not a known field"),
    ],
)
def test_a_faulty_row_is_named(tmp_path: Path, changes: dict[str, Any], fault: str) -> None:
    path = tmp_path / "doubt.jsonl"
    path.write_text(json.dumps(_line(**changes)) + "\n", encoding="utf-8")
    with pytest.raises(SchemaError, match=fault):
        read_doubt(path)
