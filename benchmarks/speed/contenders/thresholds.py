"""From the plain logits of a rival to what Lurewatch's review thresholds make of them.

The thresholds were fitted on logits that the n-grams have added to, which the rivals do not run:
their recall is that of the encoder alone, on texts that were not normalised.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from benchmarks.speed.contenders.contender import Judgement
from classifier.labels import LABELS

if TYPE_CHECKING:  # the process of a rival has no OpenVINO, which a manifest's types bring in
    from classifier.artifact import Manifest

_FARTHEST = 40.0
_LEAST = 1e-9


def review_logits(manifest: Manifest) -> tuple[float, ...]:
    """For each label the logit whose calibrated probability is its review threshold."""
    found = []
    for label in LABELS:
        calibration, review = manifest.calibration[label], manifest.thresholds[label].review
        low, high = -_FARTHEST, _FARTHEST
        for _ in range(60):  # calibration rises with the logit
            middle = (low + high) / 2
            if float(calibration.apply(np.array([middle]))[0]) < review:
                low = middle
            else:
                high = middle
        found.append(high)
    return tuple(found)


def judge_logits(logits: npt.NDArray[np.floating], review: Sequence[float]) -> list[Judgement]:
    """Logits `[texts, outputs]`, the labels first."""
    flagged = logits[:, : len(review)] >= np.asarray(review)
    return [Judgement(tuple(row)) for row in flagged.tolist()]


def judge_answers(
    answers: Sequence[Sequence[Mapping[str, object]]], review: Sequence[float]
) -> list[Judgement]:
    """Answers as `transformers` gives them: for each text its labels with their scores."""
    judgements = []
    for answer in answers:
        scores = {str(one["label"]): float(str(one["score"])) for one in answer}
        flagged = tuple(
            _logit(scores[label.value]) >= cut for label, cut in zip(LABELS, review, strict=True)
        )
        judgements.append(Judgement(flagged))
    return judgements


def _logit(probability: float) -> float:
    kept = min(max(probability, _LEAST), 1 - _LEAST)
    return math.log(kept / (1 - kept))
