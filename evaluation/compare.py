"""Which of two models is better, on what, and with what certainty.

Both score the same texts; whole groups are drawn with replacement and both are measured on each
draw (paired bootstrap), so that what makes a text hard for both cancels out. Each suite names its
decisive figures in advance. Their p values are corrected together (Holm 1979); the second model
is better when one of them says so and none says the opposite.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np

from classifier.errors import UsageError
from classifier.labels import LABELS, Label
from data.records import Example
from evaluation import metrics
from evaluation.attacks.victims import NormalisedVictim
from evaluation.baselines import BASELINES
from evaluation.baselines.baseline import Baseline
from evaluation.bootstrap import Resampled, Statistic, difference, resample, resample_ratio
from evaluation.cases import Cases
from evaluation.comparison import Compared, Comparison, corrected
from evaluation.contenders import COLUMNS, flags_at, matched_cuts
from evaluation.errors import KeptScoresError
from evaluation.kept import KeptScores, RememberingClassifier, ScoredByModel, read_kept
from evaluation.metrics import Floats, rank
from evaluation.predictions import Predictions
from evaluation.shares import rows_right, sets_right
from evaluation.suites.contrast import differs, groups_of
from evaluation.workbench import Workbench

Pairs: TypeAlias = dict[tuple[str, str], tuple[Resampled, Resampled, int]]
"""By label and metric: the first's figure, the second's, and the rows or groups behind it."""

RESAMPLES = 2_000
"""The least p is 2 / 2,001, and corrected for nine decisive figures still below 0.01."""

FALSE_ALARMS = 0.05
"""Share of the negatives that two baselines, which have no thresholds, are compared at."""


@dataclass(frozen=True, slots=True)
class Contestant:
    """A model or a baseline; `cuts` are its review thresholds, None where it has none."""

    name: str
    scorer: Baseline
    cuts: Mapping[Label, float] | None


def contestant(name: str, bench: Workbench) -> Contestant:
    """A baseline by its name, a model by its folder, or one by the file of its kept scores.

    Raises UsageError for what is none of these, KeptScoresError for a file of something else.
    """
    if name in BASELINES:
        baseline = bench.baseline_named(name)
        if isinstance(baseline, ScoredByModel | KeptScores):
            return Contestant(name, baseline, baseline.cuts)
        return Contestant(name, NormalisedVictim(baseline.probabilities), None)
    path = Path(name)
    if path.is_dir():
        model = ScoredByModel(RememberingClassifier.load(path, screen=False))
        return Contestant(model.classifier.manifest.model, model, model.cuts)
    if path.is_file():
        kept = read_kept([path])
        return Contestant(kept.model, kept, kept.cuts)
    raise UsageError(
        f"{name} is neither a model folder nor a file of kept scores nor one of the baselines "
        f"{', '.join(BASELINES)}"
    )


def compare(
    suites: Mapping[str, Cases],
    bench: Workbench,
    first: Contestant,
    second: Contestant,
    *,
    resamples: int = RESAMPLES,
) -> Comparison:
    """Measure both on the cases of each suite, by its name."""
    figures: list[Compared] = []
    absent: dict[str, str] = {}
    for name, cases in suites.items():
        rows = cases.rows(bench)
        if not rows:
            absent[name] = f"the test split in {bench.data} has no rows for it"
            continue
        try:
            found = _measured(rows, first, second, resamples)
        except KeptScoresError as error:
            absent[name] = str(error)
            continue
        for (label, metric), (ours, theirs, n) in found.items():
            lead = difference(theirs, ours)
            if lead is not None:
                decisive = metric in cases.decisive
                figures.append(
                    Compared(name, label, metric, ours.value, theirs.value, lead, n, decisive)
                )
    return Comparison(first.name, second.name, tuple(corrected(figures)), absent)


def _measured(
    cases: Sequence[Example], first: Contestant, second: Contestant, resamples: int
) -> Pairs:
    texts = [case.text for case in cases]
    scores = first.scorer.probabilities(texts), second.scorer.probabilities(texts)
    cuts = _cuts(cases, (first, second), scores)
    return _ranked(cases, scores, cuts, resamples) | _decided(cases, scores, cuts, resamples)


def _cuts(
    cases: Sequence[Example],
    contestants: tuple[Contestant, Contestant],
    scores: tuple[Floats, Floats],
) -> tuple[Mapping[Label, float], Mapping[Label, float]]:
    """The review thresholds of both.

    One without any is cut where it raises no more false alarms than the other; if neither has
    any, both are cut at FALSE_ALARMS.
    """
    own = [one.cuts for one in contestants]

    def matched(place: int) -> Mapping[Label, float]:
        mine = own[place]
        if mine is not None:
            return mine
        other = own[1 - place]
        if other is not None:
            beside = Predictions(tuple(cases), scores[1 - place])
            return matched_cuts(beside, other, scores[place])
        found = {}
        for column, label in enumerate(LABELS):
            ranking = rank(scores[place][:, column], [case.labels[label] for case in cases])
            found[label] = metrics.threshold_at_false_positive_rate(ranking, FALSE_ALARMS)
        return found

    return matched(0), matched(1)


def _ranked(
    cases: Sequence[Example],
    scores: tuple[Floats, Floats],
    cuts: tuple[Mapping[Label, float], Mapping[Label, float]],
    resamples: int,
) -> Pairs:
    """Average precision, recall and true negatives of each label."""
    groups = [case.group for case in cases]
    pairs: Pairs = {}
    for column, label in enumerate(LABELS):
        truths = [case.labels[label] for case in cases]
        both = []
        for place in (0, 1):
            ranking = rank(scores[place][:, column], truths)
            statistics = _statistics(cuts[place][label])
            both.append(resample(statistics, ranking, groups, resamples=resamples))
        rows = sum(truth is not None for truth in truths)
        for metric in both[0]:
            pairs[label.value, metric] = both[0][metric], both[1][metric], rows
    return pairs


def _statistics(cut: float) -> dict[str, Statistic]:
    return {
        "average_precision": metrics.average_precision,
        "review_recall": lambda ranking, weights: metrics.recall(ranking, cut, weights),
        "negatives_left_alone": lambda ranking, weights: (
            1 - metrics.false_positive_rate(ranking, cut, weights)
        ),
    }


def _decided(
    cases: Sequence[Example],
    scores: tuple[Floats, Floats],
    cuts: tuple[Mapping[Label, float], Mapping[Label, float]],
    resamples: int,
) -> Pairs:
    """The share of cases with every known label right, and of groups with every member right.

    Only groups count whose members differ in a label: the others are not harder than a row.
    """
    groups = [case.group for case in cases]
    contrasting = [name for name, group in groups_of(cases).items() if differs("any", group)]

    def mean(right: Iterable[bool], of: Sequence[str]) -> Resampled:
        counted = np.array(list(right), dtype=np.float64)
        return resample_ratio(counted, np.ones(len(of)), of, resamples=resamples)

    rows: list[Resampled] = []
    whole: list[Resampled] = []
    for place in (0, 1):
        right = rows_right(flags_at(scores[place], cuts[place]), cases)[:, COLUMNS.index("any")]
        rows.append(mean(right, groups))
        sets = sets_right(right, groups)
        whole.append(mean((sets[name] for name in contrasting), contrasting))
    return {
        ("any", "accuracy"): (rows[0], rows[1], len(cases)),
        ("any", "groups_right"): (whole[0], whole[1], len(contrasting)),
    }
