"""From a fitted float model to a model folder: quantise, calibrate, choose thresholds, compare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from classifier.calibration import BetaCalibration
from classifier.classifier import Classifier
from classifier.graph import EncoderShape
from classifier.labels import LABELS, OUTPUTS, Label
from classifier.routing import Thresholds, labels_at, route
from classifier.word_table import WordTable
from data.records import Example
from evaluation.calibration import fit_calibration
from evaluation.parity import Parity, compare
from evaluation.predictions import Decisions
from evaluation.thresholds import choose_thresholds
from training.card import model_card
from training.encode import token_ids
from training.fitted import FittedModel
from training.float_model import float_logits
from training.language import fit_languages
from training.publish import ModelParts, calibrated, publish, rewrite
from training.quantise import encoder_tensors

_VERSIONS = ("lurewatch", "openvino", "tokenizers", "torch", "transformers")

FloatArray = npt.NDArray[np.float64]


def export(
    fitted: FittedModel,
    train: Sequence[Example],
    calibration: Sequence[Example],
    compared: Sequence[Example],
    folder: Path,
) -> Parity:
    """Write the model folder; `compared` are the rows on which it is held against the float model.

    Calibration and thresholds are fitted on the scores of the folder's own runtime, over the
    calibration split alone. Languages are learnt from the training split.

    Raises:
        TooFewRowsError: the calibration split lacks positives or negatives.
    """
    parts = _parts(fitted, train)
    manifest = publish(folder, parts)
    classifier = Classifier.load(folder)
    logits = classifier.logits([example.text for example in calibration])
    groups = [example.group for example in calibration]
    curves: dict[Label, BetaCalibration] = {}
    thresholds: dict[Label, Thresholds] = {}
    support: dict[str, Any] = {}
    for index, label in enumerate(LABELS):
        truths = [example.labels[label] for example in calibration]
        curve = fit_calibration(logits[:, index], truths, groups)
        chosen = choose_thresholds(curve.calibration.apply(logits[:, index]), truths, groups)
        curves[label] = curve.calibration
        thresholds[label] = Thresholds(
            review=chosen.review, priority=chosen.priority if chosen.priority_reached else None
        )
        support[label.value] = {"log_losses": dict(curve.log_losses), **chosen.to_dict()}

    texts = [example.text for example in compared]
    parity = compare(
        decide(compared, float_logits(fitted, texts), curves, thresholds),
        decide(compared, classifier.logits(texts), curves, thresholds),
    )
    facts = {
        **fitted.facts,
        "versions": {name: version(name) for name in _VERSIONS},
        "calibration_support": support,
        "parity_with_float": parity.to_dict(),
    }
    final = calibrated(manifest, curves, thresholds, facts)
    rewrite(folder, final, model_card(final))
    return parity


def decide(
    examples: Sequence[Example],
    logits: FloatArray,
    curves: Mapping[Label, BetaCalibration],
    thresholds: Mapping[Label, Thresholds],
) -> Decisions:
    """What calibration and thresholds make of logits `[examples, OUTPUTS]`."""
    probabilities = np.stack(
        [curves[label].apply(logits[:, index]) for index, label in enumerate(LABELS)], axis=1
    )
    scores = [dict(zip(LABELS, row, strict=True)) for row in probabilities.tolist()]
    return Decisions(
        examples=tuple(examples),
        probabilities=probabilities,
        flagged=np.array(
            [[label in labels_at(row, thresholds) for label in LABELS] for row in scores]
        ),
        routes=tuple(route(row, thresholds) for row in scores),
    )


def _parts(fitted: FittedModel, train: Sequence[Example]) -> ModelParts:
    sizes = fitted.facts["encoder"]
    encoder_state = {
        name.removeprefix("encoder."): values
        for name, values in fitted.state.items()
        if name.startswith("encoder.")
    }
    ids = token_ids(fitted.tokenizer, [example.text for example in train])
    table = WordTable(fitted.blocks)
    language = fit_languages(train, ids, table, fitted.facts["recipe"]["seed"])
    return ModelParts(
        tensors={
            **encoder_tensors(encoder_state, sizes["layers"]),
            **fitted.ngrams,
            "word.blocks": fitted.blocks,
            "head.weight": fitted.state["head.weight"],
            "head.bias": fitted.state["head.bias"],
            "language.weight": language.weight,
            "language.bias": language.bias,
        },
        tokenizer=fitted.tokenizer,
        encoder=EncoderShape(outputs=len(OUTPUTS), **sizes),
        window=fitted.window,
        languages=language.languages,
        name=fitted.facts["recipe"]["name"],
        base=fitted.facts["base"],
        data=fitted.facts["data"],
    )
