"""Adverts buried in long innocent texts, and the long texts by themselves.

A long text is cut into windows and is worth its worst one, so that an advert should be found
wherever it stands, and every window is one more chance of a false alarm.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from classifier.labels import LABELS
from data.languages import family_of
from data.records import Example
from evaluation.attacks.burial import Innocent, Innocents, Position
from evaluation.baselines.baseline import LABELLED_SOURCES
from evaluation.contenders import COLUMNS, Contender, Flags, line_up, positives_of
from evaluation.figures import Figure
from evaluation.sampling import sampled
from evaluation.shares import Ratio, ratio_figure
from evaluation.suites.suite import Suite, SuiteReport, absent, measured
from evaluation.workbench import Workbench

NAME = "long"

ADVERTS = 100
"""Each makes four texts of several windows."""

NEGATIVES = 300
"""Short ones, by which the baseline's cut is matched with the model's."""

LONGEST_ADVERT = 300
"""Characters."""

INNOCENT_SLICES = frozenset({"neg_everyday", "neg_news", "neg_story"})
"""Of the corpus; all rows of the public sets that carry no label serve."""


@dataclass(frozen=True, slots=True)
class Buried:
    """An advert and the long text that it is put into."""

    advert: Example
    innocent: Innocent


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a contender flagged: adverts by themselves, in each position, and the long texts.

    All are [n, COLUMNS].
    """

    alone: Flags
    buried: tuple[Flags, ...]
    innocent: Flags


def run(bench: Workbench) -> SuiteReport:
    cases = bury(bench.test)
    if not cases:
        return absent(
            NAME,
            f"the test split in {bench.data} has no short advert of the corpus with enough "
            "innocent text of its language family",
        )
    adverts = [case.advert for case in cases]
    corpus = [example for example in bench.test if example.source == "corpus"]
    negatives = [example for example in corpus if not any(example.labels.values())]
    model, baseline = line_up(bench, [*adverts, *sampled(negatives, NEGATIVES, NAME)], NAME)
    ours = _outcome(model, cases, bench)
    theirs = None if baseline is None else _outcome(baseline, cases, bench)
    figures = [
        figure
        for column in range(len(COLUMNS))
        for figure in (
            *_recalls(cases, column, ours, theirs),
            _false_positives(cases, column, ours, theirs),
        )
    ]
    return measured(NAME, adverts, figures)


def bury(test: Sequence[Example]) -> list[Buried]:
    """Short adverts of the corpus, each with a long text of its family; others are left out."""
    rows: dict[str, list[Example]] = {}
    for example in test:
        if _is_innocent(example):
            rows.setdefault(family_of(example.language), []).append(example)
    supplies = {family: Innocents(family, of_family) for family, of_family in rows.items()}
    adverts = [
        example
        for example in test
        if example.source == "corpus"
        and any(example.labels.values())
        and len(example.text) < LONGEST_ADVERT
        and (supply := supplies.get(family_of(example.language))) is not None
        and supply.suffice
    ]
    return [
        Buried(advert, supplies[family_of(advert.language)].draw())
        for advert in sampled(adverts, ADVERTS, NAME)
    ]


def _is_innocent(example: Example) -> bool:
    if not all(example.labels[label] is False for label in LABELS):
        return False
    return example.source not in LABELLED_SOURCES or example.slice in INNOCENT_SLICES


def _outcome(contender: Contender, cases: Sequence[Buried], bench: Workbench) -> Outcome:
    buried = tuple(
        contender.flagged(
            [case.innocent.around(case.advert.text, position) for case in cases],
            bench.track,
            f"{NAME}: {position.value}",
        )
        for position in Position
    )
    innocent = contender.flagged([case.innocent.text for case in cases], bench.track, NAME)
    return Outcome(contender.before[: len(cases)], buried, innocent)


def _recalls(
    cases: Sequence[Buried], column: int, ours: Outcome, theirs: Outcome | None
) -> list[Figure]:
    """Recall of the adverts alone and buried, over all positions and in each."""
    carried = positives_of([case.advert for case in cases])[:, column]
    groups = [case.advert.group for case in cases]

    def alone(outcome: Outcome) -> Ratio:
        return Ratio(outcome.alone[:, column].astype(np.float64), carried)

    def buried(outcome: Outcome, places: Sequence[int], *, found: bool) -> Ratio:
        flags = np.concatenate([outcome.buried[place][:, column] for place in places])
        among = carried & outcome.alone[:, column] if found else carried
        return Ratio(flags.astype(np.float64), np.tile(among, len(places)))

    everywhere = range(len(Position))
    pieces = [("overall", "all", everywhere)]
    pieces += [
        ("position", position.value, range(place, place + 1))
        for place, position in enumerate(Position)
    ]
    figures = [
        ratio_figure(
            COLUMNS[column],
            ("overall", "all"),
            "recall_alone",
            groups,
            alone(ours),
            None if theirs is None else alone(theirs),
        )
    ]
    for dimension, name, places in pieces:
        figures += [
            ratio_figure(
                COLUMNS[column],
                (dimension, name),
                metric,
                groups * len(places),
                buried(ours, places, found=found),
                None if theirs is None else buried(theirs, places, found=found),
            )
            for metric, found in (("recall_buried", False), ("recall_kept", True))
        ]
    return figures


def _false_positives(
    cases: Sequence[Buried], column: int, ours: Outcome, theirs: Outcome | None
) -> Figure:
    """Of the long texts alone. Resampled by family: the texts of one share paragraphs."""

    def flagged(outcome: Outcome) -> Ratio:
        flags = outcome.innocent[:, column]
        return Ratio(flags.astype(np.float64), np.ones(len(flags), dtype=np.bool_))

    return ratio_figure(
        COLUMNS[column],
        ("overall", "all"),
        "long_false_positive_rate",
        [family_of(case.advert.language) for case in cases],
        flagged(ours),
        None if theirs is None else flagged(theirs),
        of_positives=False,
    )


LONG = Suite(NAME, "adverts buried in long innocent texts, and those texts alone", run)
