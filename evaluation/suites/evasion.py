"""What disguises do to the corpus's test rows: recall kept, and false alarms gained.

Recall kept is measured at the same threshold on the positives that were found as they were, and
only on texts that the attack could change: a text in Latin letters says nothing of romanisation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.languages import family_of
from data.records import Example
from evaluation.attacks import ATTACKS
from evaluation.attacks.attack import Attack
from evaluation.contenders import (
    COLUMNS,
    Contender,
    Flags,
    line_up,
    negatives_of,
    positives_of,
)
from evaluation.figures import Figure
from evaluation.sampling import sampled
from evaluation.shares import Ratio, ratio_figure
from evaluation.suites.suite import Suite, SuiteReport, absent, measured
from evaluation.workbench import Workbench

NAME = "evasion"

ROWS_PER_CLASS = 400
"""Positives and negatives: each is scored once for every attack."""


@dataclass(frozen=True, slots=True)
class Disguised:
    """What an attack made of the examples that it changed; `rows` [m] are their positions."""

    attack: Attack
    rows: NDArray[np.intp]
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a contender flagged: of the examples, [n, COLUMNS], and of each attack's texts."""

    before: Flags
    after: tuple[Flags, ...]


@dataclass(frozen=True, slots=True)
class Selection:
    """Cases to measure together: attacks by their place, and which examples, [n]."""

    dimension: str
    name: str
    attacks: tuple[int, ...]
    examples: NDArray[np.bool_]


def run(bench: Workbench) -> SuiteReport:
    examples = sample(bench.test)
    if not positives_of(examples).any():
        return absent(NAME, f"the test split in {bench.data} has no positives of the corpus")
    disguised = [_disguise(attack, examples) for attack in ATTACKS.values()]
    model, baseline = line_up(bench, examples, NAME)
    ours = _outcome(model, disguised, bench)
    theirs = None if baseline is None else _outcome(baseline, disguised, bench)
    figures = [
        figure
        for selection in _selections(examples)
        for column in range(len(COLUMNS))
        for figure in _figures(examples, disguised, selection, column, ours, theirs)
    ]
    return measured(NAME, examples, figures)


def sample(test: Sequence[Example]) -> list[Example]:
    """At most ROWS_PER_CLASS positives and as many negatives of the corpus."""
    corpus = [example for example in test if example.source == "corpus"]
    positives = [example for example in corpus if any(example.labels.values())]
    negatives = [example for example in corpus if not any(example.labels.values())]
    return [*sampled(positives, ROWS_PER_CLASS, NAME), *sampled(negatives, ROWS_PER_CLASS, NAME)]


def _disguise(attack: Attack, examples: Sequence[Example]) -> Disguised:
    texts = [attack.on(example).text for example in examples]
    rows = [row for row, example in enumerate(examples) if texts[row] != example.text]
    return Disguised(attack, np.array(rows, dtype=np.intp), tuple(texts[row] for row in rows))


def _outcome(contender: Contender, disguised: Sequence[Disguised], bench: Workbench) -> Outcome:
    after = (
        contender.flagged(of_attack.texts, bench.track, f"{NAME}: {of_attack.attack.name}")
        for of_attack in disguised
    )
    return Outcome(contender.before, tuple(after))


def _selections(examples: Sequence[Example]) -> list[Selection]:
    """All cases, those of each attack, what training has a like of and what not, each family."""
    attacks = tuple(ATTACKS.values())
    everything, everyone = tuple(range(len(attacks))), np.ones(len(examples), dtype=np.bool_)
    learnt = tuple(place for place in everything if attacks[place].in_training)
    unseen = tuple(place for place in everything if not attacks[place].in_training)
    families = np.array([family_of(example.language) for example in examples])
    return [
        Selection("overall", "all", everything, everyone),
        *(
            Selection("attack", attack.name, (place,), everyone)
            for place, attack in enumerate(attacks)
        ),
        Selection("training", "in training", learnt, everyone),
        Selection("training", "kept out of training", unseen, everyone),
        *(
            Selection("family", str(family), everything, families == family)
            for family in np.unique(families)
        ),
    ]


def _figures(
    examples: Sequence[Example],
    disguised: Sequence[Disguised],
    selection: Selection,
    column: int,
    ours: Outcome,
    theirs: Outcome | None,
) -> list[Figure]:
    chosen = [selection.examples[disguised[place].rows] for place in selection.attacks]
    pairs = list(zip(selection.attacks, chosen, strict=True))
    rows = np.concatenate([disguised[place].rows[kept] for place, kept in pairs])
    groups = [examples[row].group for row in rows]
    positive = positives_of(examples)[rows, column]
    negative = negatives_of(examples)[rows, column]

    def recall_kept(outcome: Outcome) -> Ratio:
        after = np.concatenate([outcome.after[place][kept] for place, kept in pairs])[:, column]
        return Ratio(after.astype(np.float64), positive & outcome.before[rows, column])

    def false_positives_gained(outcome: Outcome) -> Ratio:
        after = np.concatenate([outcome.after[place][kept] for place, kept in pairs])[:, column]
        return Ratio(after.astype(np.float64) - outcome.before[rows, column], negative)

    piece = (selection.dimension, selection.name)
    return [
        ratio_figure(
            COLUMNS[column],
            piece,
            metric,
            groups,
            measure(ours),
            None if theirs is None else measure(theirs),
            of_positives=of_positives,
        )
        for metric, measure, of_positives in (
            ("recall_kept", recall_kept, True),
            ("false_positive_change", false_positives_gained, False),
        )
    ]


EVASION = Suite(NAME, "recall kept and false alarms gained under eleven disguises", run)
