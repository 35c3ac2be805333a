"""Score records, of what the screen and the encoder said of a text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from classifier.artifact import Manifest
from classifier.calibration import sigmoid
from classifier.labels import FACETS, LABELS, OUTPUTS, Facet, Route, Stage
from classifier.records import Evidence, Post, Score
from classifier.routing import labels_at, route
from classifier.tokenizer import UNKNOWN

MANY_UNKNOWN = 0.15
"""Share of unknown pieces from which a score carries the warning `many_unknown_pieces`. A run of
unknown letters counts as one piece, so that this is about half of a text."""

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Reading:
    """What was made of one text: the encoder's shares of each window, and the windows' logits,
    to each of which the whole text's n-grams have added theirs.
    """

    ids: list[int]
    shares: list[npt.NDArray[np.float32]]
    logits: FloatArray


def score_of_screen(manifest: Manifest, post: Post, likely: FloatArray, language: str) -> Score:
    """The record of a post that the screen clears; `likely` are its probabilities `[labels]`."""
    return Score(
        id=post.id,
        scores={label: float(likely[index]) for index, label in enumerate(LABELS)},
        labels=(),
        route=Route.CLEAR,
        language=language,
        stage=Stage.SCREEN,
        model=manifest.model,
        policy=manifest.policy,
    )


def score_of_encoder(
    manifest: Manifest,
    post: Post,
    reading: Reading,
    language: str,
    evidence: tuple[Evidence, ...] | None = None,
) -> Score:
    """The record of a post that the encoder read, with facets where there is evidence.

    A long text is worth its worst window; calibration was fitted on just that.
    """
    logits = reading.logits.max(axis=0)
    scores = {
        label: float(manifest.calibration[label].apply(logits[index : index + 1])[0])
        for index, label in enumerate(LABELS)
    }
    unknown = reading.ids.count(UNKNOWN) / len(reading.ids)
    return Score(
        id=post.id,
        scores=scores,
        labels=labels_at(scores, manifest.thresholds),
        route=route(scores, manifest.thresholds),
        language=language,
        stage=Stage.ENCODER,
        model=manifest.model,
        policy=manifest.policy,
        facets=None if evidence is None else _facets(logits),
        evidence=evidence,
        warnings=("many_unknown_pieces",) if unknown >= MANY_UNKNOWN else (),
    )


def _facets(logits: FloatArray) -> Mapping[Facet, float]:
    probabilities = sigmoid(logits)
    return {facet: float(probabilities[OUTPUTS.index(facet)]) for facet in FACETS}
