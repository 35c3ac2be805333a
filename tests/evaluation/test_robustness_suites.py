"""The suites of disguises, of the search and of long texts measure what they say."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from classifier.labels import LABELS, Label
from data.records import Example, write_examples
from data.splits import MANIFEST_NAME, SPLITS, split_path
from evaluation.attacks import ATTACKS
from evaluation.attacks.burial import LONGEST, SHORTEST, Innocents, Position
from evaluation.contenders import COLUMNS, line_up, matched_cuts, negatives_of, positives_of
from evaluation.figures import Figure
from evaluation.predictions import Predictions
from evaluation.sampling import sampled
from evaluation.shares import Ratio, ratio_figure
from evaluation.suites import evasion, long, search
from evaluation.suites.suite import SuiteReport
from evaluation.workbench import Workbench
from tests.evaluation.examples import example


def _figure(report: SuiteReport, label: str, name: str, metric: str) -> Figure:
    (found,) = (
        figure
        for figure in report.figures
        if (figure.label, figure.slice, figure.metric) == (label, name, metric)
    )
    return found


def test_every_attack_has_recall_and_false_alarms_beside_the_baseline(
    corpus_build: Path, tiny_model: Path
) -> None:
    report = evasion.EVASION.run(Workbench(corpus_build, tiny_model))

    assert (report.absent, report.rows) == (None, 36)
    for name in ATTACKS:
        for label in COLUMNS:
            kept = _figure(report, label, name, "recall_kept")
            assert kept.baseline is not None
            assert kept.model.n <= 24
    leet = _figure(report, "any", "leet", "recall_kept").model
    assert leet.value is not None
    assert 0 <= leet.value <= 1
    change = _figure(report, "any", "leet", "false_positive_change").model
    assert change.positives == 0
    assert change.n == 12
    everything = _figure(report, "any", "all", "recall_kept").model
    assert everything.n > leet.n


def test_texts_that_an_attack_cannot_change_are_not_counted(
    corpus_build: Path, tiny_model: Path
) -> None:
    """The build is in English, which is in Latin letters already."""
    report = evasion.EVASION.run(Workbench(corpus_build, tiny_model, with_baseline=False))

    figure = _figure(report, "any", "romanisation", "recall_kept")
    assert (figure.model.value, figure.model.n, figure.baseline) == (None, 0, None)


def test_evasion_takes_a_bounded_sample_of_the_corpus_alone() -> None:
    many = [example(f"p{n}", smuggling=True) for n in range(evasion.ROWS_PER_CLASS + 5)]
    few = [example(f"n{n}") for n in range(3)]
    foreign = example("p", source="tgspam", job=True)

    found = evasion.sample([*many, *few, foreign])

    assert len(found) == evasion.ROWS_PER_CLASS + 3
    assert foreign not in found


def test_a_sample_loses_one_row_at_most_for_a_new_one() -> None:
    rows = [example(str(n)) for n in range(50)]

    before = sampled(rows, 10, "one")
    after = sampled([*rows, example("new")], 10, "one")

    assert len(before) == len(after) == 10
    assert len({row.id for row in before} - {row.id for row in after}) <= 1
    assert before != sampled(rows, 10, "another")
    assert sampled(rows, 100, "one") == rows


def test_the_baseline_is_cut_where_it_raises_no_more_false_alarms() -> None:
    rows = (example("a", smuggling=True), example("b"), example("c"), example("d"))
    predictions = Predictions(rows, np.array([[0.9, 0], [0.6, 0], [0.2, 0], [0.1, 0]]))
    rival = np.array([[0.9, 0.1], [0.7, 0.1], [0.8, 0.1], [0.1, 0.1]])

    cuts = matched_cuts(predictions, dict.fromkeys(LABELS, 0.5), rival)

    # One of three false alarms is the model's, so that the rival is cut at its highest negative.
    assert cuts[Label.SMUGGLING_SERVICE] == 0.8
    assert cuts[Label.FAKE_JOB] == float("inf")


def test_without_a_negative_there_is_no_cut_to_match() -> None:
    rows = (example("a", smuggling=True), example("b", smuggling=True))
    scores = np.array([[0.9, 0.1], [0.6, 0.1]])

    cuts = matched_cuts(Predictions(rows, scores), dict.fromkeys(LABELS, 0.5), scores)

    assert cuts[Label.SMUGGLING_SERVICE] == float("inf")


def test_unknown_labels_are_neither_positive_nor_negative() -> None:
    rows = [example("a", smuggling=None, job=True), example("b", smuggling=None, job=False)]

    assert positives_of(rows).tolist() == [[False, True, True], [False, False, False]]
    assert negatives_of(rows).tolist() == [[False, False, False], [False, True, False]]


def test_a_contender_flags_the_rows_as_the_classifier_does(
    corpus_build: Path, tiny_model: Path
) -> None:
    bench = Workbench(corpus_build, tiny_model, with_baseline=False)
    rows = bench.test[:8]

    model, baseline = line_up(bench, rows, "test")

    assert baseline is None
    expected = bench.predict(rows, "test").flagged
    assert (model.before[:, : len(LABELS)] == expected).all()
    assert (model.flagged([row.text for row in rows]) == model.before).all()
    assert model.flagged([]).shape == (0, len(COLUMNS))


def test_the_search_suite_attacks_what_each_contender_finds(
    corpus_build: Path, tiny_model: Path
) -> None:
    bench = Workbench(corpus_build, tiny_model)

    report = search.SEARCH.run(bench)

    pooled = _figure(report, "any", "all", "recall_kept")
    by_label = [_figure(report, label.value, "all", "recall_kept") for label in LABELS]
    assert pooled.model.n == sum(figure.model.n for figure in by_label) > 0
    assert pooled.baseline is not None
    assert pooled.baseline.n == 24
    assert pooled.lead is not None
    slower = search.SEARCH.run(bench.against("lexicon"))
    assert _figure(slower, "any", "all", "recall_kept").baseline is None
    assert _figure(slower, "any", "all", "recall_kept").model == pooled.model


def test_shares_of_other_rows_share_the_resamples() -> None:
    groups = ["a", "b", "c", "d"]
    counted = np.array([1.0, 1.0, 0.0, 1.0])
    ours = Ratio(counted, np.array([True, True, False, False]))
    theirs = Ratio(counted, np.array([False, True, True, False]))

    figure = ratio_figure("any", ("overall", "all"), "recall_kept", groups, ours, theirs)

    assert figure.baseline is not None
    assert figure.lead is not None
    assert (figure.model.value, figure.model.n, figure.model.positives) == (1.0, 2, 2)
    assert (figure.baseline.value, figure.baseline.n) == (0.5, 2)
    assert figure.lead.value == 0.5
    none = ratio_figure("any", ("a", "b"), "m", groups, ours, None, of_positives=False)
    assert (none.model.positives, none.baseline, none.lead) == (0, None, None)


@pytest.fixture(scope="module")
def long_build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build with enough innocent text in Germanic languages, and too little in Slavic ones."""
    folder = tmp_path_factory.mktemp("long")
    news = [
        example(
            f"n{n}",
            f"On day {n} the council spoke about the harbour wall. " * 8,
            source="brighter",
        )
        for n in range(40)
    ]
    adverts = [
        example("a", "boat to the coast tonight, pay when you arrive", smuggling=True),
        example("b", "typing work at home, register for a small fee", job=True),
        example("c", "лодка сегодня, оплата потом", smuggling=True, language="ru"),
        example("d", "a long advert " * 40, job=True),
        example("e", "the ferry leaves an hour later"),
    ]
    for split in SPLITS:
        write_examples(split_path(folder, split), [*news, *adverts])
    (folder / MANIFEST_NAME).write_text(json.dumps({"hash": "f" * 64}), encoding="utf-8")
    return folder


def test_adverts_are_buried_at_each_place(long_build: Path, tiny_model: Path) -> None:
    report = long.LONG.run(Workbench(long_build, tiny_model))

    assert (report.absent, report.rows) == (None, 2)
    for position in Position:
        recall = _figure(report, "any", position.value, "recall_buried")
        assert recall.model.n == 2
        assert recall.baseline is not None
    assert _figure(report, "any", "all", "recall_buried").model.n == 6
    assert _figure(report, "any", "all", "recall_alone").model.n == 2
    alarms = _figure(report, "any", "all", "long_false_positive_rate").model
    assert (alarms.n, alarms.positives) == (2, 0)


def test_a_build_without_long_text_is_absent(corpus_build: Path, tiny_model: Path) -> None:
    report = long.LONG.run(Workbench(corpus_build, tiny_model))

    assert report.absent is not None
    assert "innocent" in report.absent


def test_innocent_texts_keep_their_length_and_use_every_row_before_one_again() -> None:
    rows: list[Example] = [example(str(n), f"{n} " * 100) for n in range(60)]
    innocents = Innocents("germanic", rows)
    assert innocents.suffice

    texts = [innocents.draw() for _ in range(10)]

    assert all(SHORTEST <= len(text.text) <= LONGEST for text in texts)
    paragraphs = [paragraph for text in texts for paragraph in text.paragraphs]
    assert len(set(paragraphs[:60])) == min(60, len(paragraphs))
    assert not Innocents("germanic", rows[:3]).suffice


def test_the_advert_stands_where_it_is_said_to() -> None:
    rows = [example(str(n), f"{n} " * 100) for n in range(60)]
    innocent = Innocents("germanic", rows).draw()

    assert innocent.around("ADVERT", Position.START).startswith("ADVERT\n")
    assert innocent.around("ADVERT", Position.END).endswith("\nADVERT")
    middle = innocent.around("ADVERT", Position.MIDDLE)
    assert 0.3 < middle.index("\nADVERT\n") / len(middle) < 0.7
