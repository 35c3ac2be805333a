"""A comparison tells a better model from a worse one and a real lead from luck."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from classifier.errors import UsageError
from classifier.labels import LABELS
from data.records import Example
from evaluation.bootstrap import Difference, Resampled, difference
from evaluation.cases import COMPARABLE, Cases
from evaluation.compare import Contestant, compare, contestant
from evaluation.comparison import SIGNIFICANCE, Compared, Comparison, Verdict, corrected
from evaluation.errors import KeptScoresError
from evaluation.kept import KeptScores
from evaluation.metrics import Floats
from evaluation.suites import SUITES
from evaluation.workbench import Workbench
from tests.evaluation.examples import example

CUTS = dict.fromkeys(LABELS, 0.5)


@dataclass(frozen=True, slots=True)
class _Oracle:
    """Knows the truth and errs at random; a text is its own truth and number."""

    noise: float
    seed: int

    def probabilities(self, texts: Sequence[str]) -> Floats:
        truth = np.array([[text[0] == "s", text[0] == "j"] for text in texts], np.float64)
        noise = np.random.default_rng(self.seed).normal(0, self.noise, truth.shape)
        return np.clip(truth * 0.6 + 0.2 + noise, 0, 1)


def _rows(count: int = 120) -> list[Example]:
    return [
        example(f"{kind}{n}", f"{kind} {n}", smuggling=kind == "s", job=kind == "j", group=f"g{n}")
        for n in range(count)
        for kind in "sjn"
    ]


def _contestant(noise: float, seed: int, *, with_cuts: bool = True) -> Contestant:
    return Contestant(f"noise-{noise}-{seed}", _Oracle(noise, seed), CUTS if with_cuts else None)


def _compare(
    bench: Workbench, first: Contestant, second: Contestant, rows: Sequence[Example] | None = None
) -> Comparison:
    chosen = _rows() if rows is None else list(rows)
    suites = {"made": Cases(lambda _: chosen, ("average_precision", "accuracy"))}
    return compare(suites, bench, first, second, resamples=400)


@pytest.fixture
def bench(corpus_build: Path, tiny_model: Path) -> Workbench:
    return Workbench(corpus_build, tiny_model)


def test_the_better_model_is_named_whichever_comes_first(bench: Workbench) -> None:
    good, poor = _contestant(0.1, 1), _contestant(0.5, 2)

    forwards, backwards = _compare(bench, poor, good), _compare(bench, good, poor)

    assert forwards.verdict is Verdict.BETTER
    assert backwards.verdict is Verdict.WORSE
    assert forwards.sentence.startswith(f"{good.name} is better than {poor.name}: made")
    for ours, theirs in zip(forwards.figures, backwards.figures, strict=True):
        assert ours.lead.value == pytest.approx(-theirs.lead.value)
        assert ours.lead.low == pytest.approx(-theirs.lead.high)
        assert ours.lead.p == theirs.lead.p


def test_a_model_is_not_better_than_itself(bench: Workbench) -> None:
    same = _contestant(0.3, 1)

    comparison = _compare(bench, same, same)

    assert comparison.verdict is Verdict.UNDECIDED
    assert {figure.lead.p for figure in comparison.figures} == {1.0}
    assert "no difference" in comparison.sentence


def test_models_of_equal_quality_are_seldom_told_apart(bench: Workbench) -> None:
    verdicts = [
        _compare(bench, _contestant(0.3, seed), _contestant(0.3, seed + 50), _rows(40)).verdict
        for seed in range(5)
    ]

    assert verdicts.count(Verdict.UNDECIDED) >= 4


def test_groups_count_where_their_members_differ(bench: Workbench) -> None:
    comparison = _compare(bench, _contestant(0.4, 1), _contestant(0.1, 2))

    by_metric = {(figure.label, figure.metric): figure for figure in comparison.figures}
    groups = by_metric["any", "groups_right"]
    assert groups.rows == 120
    assert groups.first <= by_metric["any", "accuracy"].first
    assert not groups.decisive
    assert groups.corrected is None


def test_what_has_no_thresholds_is_cut_where_it_raises_no_more_false_alarms(
    bench: Workbench,
) -> None:
    comparison = _compare(bench, _contestant(0.3, 1, with_cuts=False), _contestant(0.3, 2))

    spared = [f for f in comparison.figures if f.metric == "negatives_left_alone"]
    assert len(spared) == len(LABELS)
    assert all(figure.first >= figure.second for figure in spared)


def test_rows_of_one_class_have_no_ranking_and_unknown_labels_do_not_count(
    bench: Workbench,
) -> None:
    rows = [
        example(f"n{n}", f"n {n}", smuggling=None, source="brighter", group=f"g{n}")
        for n in range(60)
    ]

    comparison = _compare(bench, _contestant(0.5, 1), _contestant(0.1, 2), rows)

    found = {(figure.label, figure.metric) for figure in comparison.figures}
    assert found == {("fake_job", "negatives_left_alone"), ("any", "accuracy")}


def test_a_suite_without_rows_or_without_kept_scores_is_named(bench: Workbench) -> None:
    kept = Contestant("old", KeptScores("old", CUTS, {}), CUTS)

    assert "no rows" in _compare(bench, kept, kept, []).absent["made"]
    assert "no score kept of old" in _compare(bench, kept, kept).absent["made"]


def test_p_is_never_zero_and_counts_both_sides() -> None:
    ahead = Resampled(0.9, np.full(99, 0.9))
    behind = Resampled(0.5, np.full(99, 0.5))
    split = Resampled(0.5, np.concatenate([np.full(50, 1.0), np.full(49, 0.0)]))

    sure, unsure = difference(ahead, behind), difference(split, behind)

    assert sure is not None
    assert unsure is not None
    assert sure.p == pytest.approx(0.02)
    assert unsure.p == pytest.approx(1.0)
    assert difference(Resampled(np.nan, np.empty(0)), behind) is None


def test_decisive_figures_are_corrected_together_and_others_not_at_all() -> None:
    figures = [
        Compared("s", "any", f"m{n}", 0.5, 0.6, Difference(0.1, 0.0, 0.2, p), 10, decisive)
        for n, (p, decisive) in enumerate(
            [(0.02, True), (0.01, True), (0.03, True), (0.001, False)]
        )
    ]

    found = [figure.corrected for figure in corrected(figures)]

    assert found[:3] == pytest.approx([0.04, 0.03, 0.04])
    assert found[3] is None


def test_a_model_that_gains_here_and_loses_there_is_mixed() -> None:
    gain = Compared(
        "a", "any", "accuracy", 0.5, 0.6, Difference(0.1, 0.05, 0.15, 0.001), 9, True, 0.002
    )
    loss = replace(gain, suite="b", lead=Difference(-0.1, -0.15, -0.05, 0.001))

    comparison = Comparison("old", "new", (gain, loss), {})

    assert comparison.verdict is Verdict.MIXED
    assert all(f.corrected is not None and f.corrected < SIGNIFICANCE for f in comparison.sure)


def test_a_contestant_is_a_baseline_a_folder_or_a_file(
    bench: Workbench, tiny_model: Path, tmp_path: Path
) -> None:
    assert contestant("tfidf", bench).cuts is None
    assert contestant(str(tiny_model), bench).cuts == CUTS
    with pytest.raises(UsageError, match="neither a model folder"):
        contestant(str(tmp_path / "none"), bench)
    (tmp_path / "kept.json.gz").write_bytes(b"")
    with pytest.raises(KeptScoresError):
        contestant(str(tmp_path / "kept.json.gz"), bench)


def test_what_is_compared_belongs_to_suites(bench: Workbench) -> None:
    assert set(COMPARABLE) <= set(SUITES)
    for name in ("corpus-test", "evasion", "functional"):
        rows = COMPARABLE[name].rows(bench)
        assert rows
        assert len({(row.id, row.text) for row in rows}) == len(rows)
