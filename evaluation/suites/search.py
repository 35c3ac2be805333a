"""Recall kept when the poster may try: a greedy search that asks the model 50 times for a text.

The model and the baseline are each attacked with their own search, on positives that each finds
as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from classifier.labels import LABELS
from data.records import Example
from evaluation.attacks.search import Outcome, Target, search
from evaluation.baselines import TFIDF
from evaluation.contenders import COLUMNS, Contender, line_up
from evaluation.figures import Figure
from evaluation.sampling import sampled
from evaluation.shares import Ratio, ratio_figure
from evaluation.suites.suite import Suite, SuiteReport, absent, measured
from evaluation.workbench import Workbench

NAME = "search"

TARGETS_PER_LABEL = 60
"""Each costs fifty scores."""


@dataclass(frozen=True, slots=True)
class Attacked:
    """Targets, and what became of each."""

    targets: tuple[Target, ...]
    outcomes: tuple[Outcome, ...]

    @property
    def groups(self) -> list[str]:
        return [target.example.group for target in self.targets]

    def is_kept(self) -> list[bool]:
        """Which targets are still found."""
        pairs = zip(self.targets, self.outcomes, strict=True)
        return [outcome.score >= target.threshold for target, outcome in pairs]

    def of(self, label: str) -> list[bool]:
        """Which targets are of the label, or all with `any`."""
        return [label in (target.label.value, "any") for target in self.targets]


def run(bench: Workbench) -> SuiteReport:
    examples = [example for example in bench.test if example.source == "corpus"]
    if not any(any(example.labels.values()) for example in examples):
        return absent(NAME, f"the test split in {bench.data} has no positives of the corpus")
    model, baseline = line_up(bench, examples, NAME)
    ours = _attack(model, examples, bench)
    # Measured against TF-IDF alone: the slower baselines would be asked thousands of times.
    theirs = Attacked((), ())
    if baseline is not None and bench.rival == TFIDF:
        theirs = _attack(baseline, examples, bench)
    figures = [_recall_kept(label, ours, theirs) for label in COLUMNS]
    attacked = {target.example.id: target.example for target in ours.targets}
    return measured(NAME, list(attacked.values()), figures)


def targets_of(contender: Contender, examples: Sequence[Example]) -> list[Target]:
    """For each label, at most TARGETS_PER_LABEL of the positives that the contender finds."""
    targets: list[Target] = []
    for column, label in enumerate(LABELS):
        scores = {
            example.id: float(score)
            for example, score in zip(examples, contender.clean[:, column], strict=True)
        }
        cut = contender.cuts[label]
        found = [
            example for example in examples if example.labels[label] and scores[example.id] >= cut
        ]
        targets += [
            Target(example, label, cut, scores[example.id])
            for example in sampled(found, TARGETS_PER_LABEL, NAME)
        ]
    return targets


def _recall_kept(label: str, ours: Attacked, theirs: Attacked) -> Figure:
    """Each contender's share is among its own targets; the groups are those of both."""
    kept = np.array([*ours.is_kept(), *theirs.is_kept()], dtype=np.float64)
    of_label = np.array([*ours.of(label), *theirs.of(label)], dtype=np.bool_)
    is_ours = np.arange(len(kept)) < len(ours.targets)
    return ratio_figure(
        label,
        ("overall", "all"),
        "recall_kept",
        [*ours.groups, *theirs.groups],
        Ratio(kept, of_label & is_ours),
        Ratio(kept, of_label & ~is_ours) if theirs.targets else None,
    )


def _attack(contender: Contender, examples: Sequence[Example], bench: Workbench) -> Attacked:
    targets = targets_of(contender, examples)
    outcomes = search(contender.victim, targets, track=bench.track, step=NAME)
    return Attacked(tuple(targets), tuple(outcomes))


SEARCH = Suite(NAME, "recall kept under a search of 50 queries a text", run)
