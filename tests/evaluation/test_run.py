"""A suite run against several baselines has all of them beside each figure."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from classifier.errors import UsageError
from evaluation.baselines import BEFORE, FROZEN, LEXICON, TFIDF, BaselineSources
from evaluation.kept import RememberingClassifier, write_kept
from evaluation.metrics import Floats
from evaluation.run import run_suite
from evaluation.suites import SUITES
from evaluation.workbench import Workbench

CORPUS_TEST = SUITES["corpus-test"]


def _embed(texts: Sequence[str]) -> Floats:
    """Counts of letters, of length 1."""
    counts = np.array([[text.count(letter) for letter in "abcdefghij "] for text in texts], float)
    return np.asarray(counts / np.linalg.norm(counts, axis=1, keepdims=True))


def test_every_ranked_figure_stands_beside_all_baselines(
    corpus_build: Path, tiny_model: Path
) -> None:
    sources = BaselineSources(_embed, before=tiny_model)
    bench = Workbench(corpus_build, tiny_model, sources=sources)

    report = run_suite(CORPUS_TEST, bench)

    assert bench.rivals == (TFIDF, LEXICON, FROZEN, BEFORE)
    assert report.unmeasured == {}
    (ranked,) = (
        figure
        for figure in report.figures
        if (figure.label, figure.dimension, figure.metric)
        == ("fake_job", "overall", "average_precision")
    )
    assert set(ranked.baselines) == set(bench.rivals)
    assert ranked.best_baseline in (TFIDF, FROZEN)
    before = ranked.baselines[BEFORE]
    assert before.estimate == ranked.model
    assert before.lead is not None
    assert (before.lead.value, before.lead.p) == (0, 1)
    tfidf = ranked.baselines[TFIDF].lead
    assert tfidf is not None
    assert tfidf.value < 0


def test_a_figure_is_the_same_with_one_baseline_and_with_several(
    corpus_build: Path, tiny_model: Path
) -> None:
    one = run_suite(CORPUS_TEST, Workbench(corpus_build, tiny_model))
    alone = CORPUS_TEST.run(Workbench(corpus_build, tiny_model))

    for joined, single in zip(one.figures, alone.figures, strict=True):
        assert joined.model == single.model
        found = joined.baselines.get(TFIDF)
        assert (None if found is None else found.estimate) == single.baseline


def test_kept_scores_that_lack_the_rows_are_named_and_the_rest_is_measured(
    corpus_build: Path, tiny_model: Path, tmp_path: Path
) -> None:
    other = RememberingClassifier.load(tiny_model, threads=1)
    other.score(["something else"])
    write_kept(tmp_path / "before.json.gz", other)
    sources = BaselineSources(before=[tmp_path / "before.json.gz"])

    report = run_suite(CORPUS_TEST, Workbench(corpus_build, tiny_model, sources=sources))

    assert list(report.unmeasured) == [BEFORE]
    assert "36 of 36 texts" in report.unmeasured[BEFORE]
    assert {name for figure in report.figures for name in figure.baselines} == {TFIDF, LEXICON}
    assert report.to_dict()["unmeasured"] == dict(report.unmeasured)


def test_without_baselines_a_suite_runs_once_with_none(
    corpus_build: Path, tiny_model: Path
) -> None:
    report = run_suite(CORPUS_TEST, Workbench(corpus_build, tiny_model, with_baseline=False))

    assert not any(figure.baselines for figure in report.figures)


def test_a_baseline_without_its_source_is_not_to_be_had(corpus_build: Path) -> None:
    assert BaselineSources().names == (TFIDF, LEXICON)
    assert BaselineSources(_embed, chosen=[FROZEN]).names == (FROZEN,)
    with pytest.raises(UsageError, match="tfidf, lexicon; found 'frozen'"):
        BaselineSources().build(FROZEN, corpus_build)
