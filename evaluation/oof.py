"""Out-of-fold figures: every row of the corpus scored by a model that never saw its group.

A test split leaves most languages a handful of rows. Five models, each trained without a fifth of
the groups, score all of them. The scores of different models are pooled, so a figure also carries
how far the five agree on their scale.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from classifier.labels import LABELS, Label
from data.progress import Track, untracked
from data.records import Example
from evaluation import panels
from evaluation.baselines.tfidf import fit_tfidf
from evaluation.errors import PredictionsError
from evaluation.figures import Figure, Rival, measure
from evaluation.metrics import Floats, rank, threshold_at_false_positive_rate
from evaluation.predictions import Predictions
from evaluation.slices import cut

DIMENSIONS = ("language", "family", "slice", "evasion")

CUT = 0.05
"""False positive rate over all rows at which slices are compared."""


@dataclass(frozen=True, slots=True)
class HeldOutScore:
    """The probabilities of one row, in the order of LABELS, by the model that left out `fold`."""

    id: str
    fold: int
    probabilities: tuple[float, ...]


def read_held_out(path: Path) -> list[HeldOutScore]:
    """Read JSONL rows `{"id", "fold", "smuggling_service", "fake_job"}`.

    Raises PredictionsError naming the first line that is something else.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise PredictionsError(f"{path} cannot be read as UTF-8 text: {error}") from error
    return [_parse(path, number, line) for number, line in enumerate(lines, start=1)]


def join(scores: Sequence[HeldOutScore], examples: Iterable[Example]) -> list[Example]:
    """The example of each score, in the same order.

    Raises PredictionsError when an id is unknown, comes twice or lies in another fold of this
    data build: its group may then have been trained on.
    """
    by_id = {example.id: example for example in examples}
    seen: set[str] = set()
    for score in scores:
        example = by_id.get(score.id)
        if example is None:
            raise PredictionsError(f"{score.id} is not in this data build; use the one trained on")
        if example.fold != score.fold:
            raise PredictionsError(
                f"{score.id} was held out with fold {score.fold} and lies in fold {example.fold} "
                "of this data build; use the one trained on"
            )
        if score.id in seen:
            raise PredictionsError(f"{score.id} is there twice; each row has one held-out score")
        seen.add(score.id)
    return [by_id[score.id] for score in scores]


def held_out_baseline(
    examples: Sequence[Example], others: Sequence[Example], track: Track = untracked
) -> Floats:
    """The TF-IDF baseline's probabilities, [n, labels], from the same folds.

    `others` are rows that no prediction was asked for, such as public posts; those outside the
    fold are learnt from too. C is the default: there is no validation split within a fold.
    """
    probabilities = np.empty((len(examples), len(LABELS)))
    folds = sorted({example.fold for example in examples if example.fold is not None})
    for fold in track(folds, "Baseline by fold"):
        held_out = [row for row, example in enumerate(examples) if example.fold == fold]
        train = [example for example in (*examples, *others) if example.fold != fold]
        texts = [examples[row].text for row in held_out]
        probabilities[held_out] = fit_tfidf(train).probabilities(texts)
    return probabilities


def held_out_figures(
    scores: Sequence[HeldOutScore], examples: Sequence[Example], baseline: Floats | None
) -> list[Figure]:
    """Ranking metrics overall; by slice also recall and false positives at one cut.

    The cut is where 5 % of all negatives are flagged: held-out scores belong to five models, so
    that no shipped threshold applies.
    """
    predictions = Predictions(
        examples=tuple(examples),
        probabilities=np.array([score.probabilities for score in scores], dtype=np.float64),
    )
    statistics = panels.ranking_statistics()
    rival = None if baseline is None else Rival(baseline, statistics)
    whole = cut(examples, ("overall",))
    figures: list[Figure] = []
    thresholds: dict[Label, float] = {}
    for label in panels.known_labels(predictions):
        figures += measure(label, predictions, whole, statistics, rival)
        ranking = rank(predictions.of(label), predictions.truths(label))
        thresholds[label] = threshold_at_false_positive_rate(ranking, CUT)
    held_out_cut = panels.Cut(f"cut_at_{panels.percent(CUT)}", thresholds)
    return figures + panels.by_slice(predictions, held_out_cut, baseline, DIMENSIONS)


def _parse(path: Path, number: int, line: str) -> HeldOutScore:
    try:
        row = json.loads(line)
        score = HeldOutScore(
            id=str(row["id"]),
            fold=int(row["fold"]),
            probabilities=tuple(float(row[label.value]) for label in LABELS),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise PredictionsError(
            f"{path}:{number}: expected an object with id, fold and a probability for each of "
            f"{', '.join(LABELS)}; found {line[:60]!r}"
        ) from error
    if not all(0 <= probability <= 1 for probability in score.probabilities):
        raise PredictionsError(f"{path}:{number}: a probability lies outside [0, 1]")
    return score
