"""Writes a model folder: files first, their hashes into the manifest last."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors.numpy import save_file
from tokenizers import Tokenizer

from classifier import artifact
from classifier.artifact import Manifest, file_hash
from classifier.calibration import UNCALIBRATED, BetaCalibration
from classifier.graph import EncoderShape
from classifier.labels import LABELS, POLICY_VERSION, Label
from classifier.routing import Thresholds
from classifier.windows import WindowShape

PROVISIONAL = Thresholds(review=0.5, priority=None)
"""The thresholds of a model that has seen no calibration split yet."""


@dataclass(frozen=True, slots=True)
class ModelParts:
    """All that a model folder is made of before calibration. `base` and `data` name its origin."""

    tensors: Mapping[str, npt.NDArray[Any]]
    tokenizer: Tokenizer
    encoder: EncoderShape
    window: WindowShape
    languages: tuple[str, ...]
    name: str
    base: str
    data: str


def publish(folder: Path, parts: ModelParts, card: str = "") -> Manifest:
    """Write `parts` uncalibrated; `calibrated` and `rewrite` follow once the scores are known."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / artifact.MANIFEST).unlink(missing_ok=True)
    save_file(
        {name: np.ascontiguousarray(values) for name, values in parts.tensors.items()},
        folder / artifact.WEIGHTS,
    )
    parts.tokenizer.save(str(folder / artifact.TOKENIZER), pretty=False)
    for name in (artifact.WEIGHTS, artifact.TOKENIZER):
        (folder / name).chmod(0o644)  # the writer of safetensors lets its owner alone read
    hashes = {name: file_hash(folder / name) for name in (artifact.WEIGHTS, artifact.TOKENIZER)}
    identity = hashlib.sha256("".join(hashes.values()).encode()).hexdigest()[:8]
    manifest = Manifest(
        model=f"{parts.name}-{identity}",
        policy=POLICY_VERSION,
        base=parts.base,
        data=parts.data,
        encoder=parts.encoder,
        window=parts.window,
        calibration=dict.fromkeys(LABELS, UNCALIBRATED),
        thresholds=dict.fromkeys(LABELS, PROVISIONAL),
        languages=parts.languages,
        files=hashes,
        facts={},
    )
    rewrite(folder, manifest, card)
    return manifest


def calibrated(
    manifest: Manifest,
    calibration: Mapping[Label, BetaCalibration],
    thresholds: Mapping[Label, Thresholds],
    facts: Mapping[str, Any],
) -> Manifest:
    return replace(manifest, calibration=calibration, thresholds=thresholds, facts=facts)


def rewrite(folder: Path, manifest: Manifest, card: str) -> None:
    """Put `manifest` and the model card in place; the manifest by renaming, so never in part."""
    (folder / artifact.CARD).write_text(card, encoding="utf-8")
    part = folder / (artifact.MANIFEST + ".part")
    part.write_text(manifest.to_json(), encoding="utf-8")
    part.replace(folder / artifact.MANIFEST)
