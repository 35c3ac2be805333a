"""A model and its baseline side by side where texts are not rows of a split but made from them.

Both are asked through `Victim` and decide by a cut for each label: the model at its review
thresholds, the baseline, which has none of its own, where it raises no more false alarms on the
suite's rows as they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from classifier.labels import LABELS, Label
from data.progress import Track, untracked
from data.records import Example
from evaluation import metrics
from evaluation.attacks.victims import NormalisedVictim, Victim
from evaluation.kept import ScoredByModel
from evaluation.metrics import Floats, rank
from evaluation.predictions import Predictions
from evaluation.workbench import Workbench

Flags: TypeAlias = NDArray[np.bool_]

COLUMNS = (*(label.value for label in LABELS), "any")
"""What a row can be flagged for: each label, and any of them, which is what brings it to a person.
"""

_CHUNK = 512


@dataclass(frozen=True, slots=True)
class Contender:
    """A model with its cuts, and its probabilities [n, labels] of the suite's rows as they are."""

    victim: Victim
    cuts: Mapping[Label, float]
    clean: Floats

    @property
    def before(self) -> Flags:
        """What it flags of the suite's rows as they are, [n, COLUMNS]."""
        return flags_at(self.clean, self.cuts)

    def flagged(
        self, texts: Sequence[str], track: Track = untracked, step: str = "Scoring"
    ) -> Flags:
        """What it flags of other texts, [n, COLUMNS]."""
        chunks = [texts[start : start + _CHUNK] for start in range(0, len(texts), _CHUNK)]
        probabilities = [self.victim.probabilities(chunk) for chunk in track(chunks, step)]
        return flags_at(np.concatenate([np.empty((0, len(LABELS))), *probabilities]), self.cuts)


def flags_at(probabilities: Floats, cuts: Mapping[Label, float]) -> Flags:
    """What cuts make of probabilities [n, labels]: [n, COLUMNS]."""
    flags = probabilities >= np.array([cuts[label] for label in LABELS])
    return np.column_stack([flags, flags.any(axis=1)])


def line_up(
    bench: Workbench, examples: Sequence[Example], step: str
) -> tuple[Contender, Contender | None]:
    """The model and the baseline, None where it was declined, after scoring the examples."""
    decisions = bench.predict(examples, step)
    cuts = {label: cut.review for label, cut in bench.thresholds.items()}
    model = Contender(ScoredByModel(bench.classifier), cuts, decisions.probabilities)
    if bench.rival is None:
        return model, None
    victim = NormalisedVictim(bench.baseline_named(bench.rival).probabilities)
    clean = victim.probabilities([example.text for example in examples])
    return model, Contender(victim, matched_cuts(decisions, cuts, clean), clean)


def matched_cuts(
    predictions: Predictions, cuts: Mapping[Label, float], rival: Floats
) -> dict[Label, float]:
    """The lowest cuts at which a rival's false positive rates are at most the model's."""
    matched = {}
    for column, label in enumerate(LABELS):
        truths = predictions.truths(label)
        ours, theirs = rank(predictions.of(label), truths), rank(rival[:, column], truths)
        matched[label] = metrics.matched_threshold(theirs, ours, cuts[label])
    return matched


def positives_of(examples: Sequence[Example]) -> Flags:
    """Which rows carry each label, and which any, [n, COLUMNS]."""
    carried = np.array(
        [[example.labels[label] is True for label in LABELS] for example in examples],
        dtype=np.bool_,
    ).reshape(-1, len(LABELS))
    return np.column_stack([carried, carried.any(axis=1)])


def negatives_of(examples: Sequence[Example]) -> Flags:
    """Which rows are known to lack each label, and which to lack all, [n, COLUMNS]."""
    lacked = np.array(
        [[example.labels[label] is False for label in LABELS] for example in examples],
        dtype=np.bool_,
    ).reshape(-1, len(LABELS))
    return np.column_stack([lacked, lacked.all(axis=1)])
