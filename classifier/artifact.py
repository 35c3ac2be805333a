"""The model folder: what lies in it, and loading it without trusting it.

    manifest.json        what the model is, how to read its numbers, hashes of the next three
    tokenizer.json       the Unigram vocabulary
    weights.safetensors  the encoder in int8, the word table in 4-bit blocks, the heads
    screen.safetensors   the screen in front of the encoder, where the model has one
    README.md            the model card

What is loaded is checked against its hash first. Nothing is unpickled: JSON and safetensors only.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Self

from classifier.calibration import BetaCalibration
from classifier.errors import ArtifactMismatchError, ArtifactMissingError
from classifier.graph import EncoderShape
from classifier.labels import FACETS, LABELS, POLICY_VERSION, Label
from classifier.routing import Thresholds
from classifier.screen import ScreenRule
from classifier.windows import WindowShape

MANIFEST = "manifest.json"
TOKENIZER = "tokenizer.json"
WEIGHTS = "weights.safetensors"
SCREEN = "screen.safetensors"
CARD = "README.md"
FORMAT = 1
"""Version of the folder's layout; a loader reads this one only."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """The content of `manifest.json`.

    `model` names the model and is derived from its weights, those of the screen left out: it may be
    distilled anew without a score of the encoder changing. `screen` is None where there is none.
    `facts` holds what a reader wants to know and no code needs: data and recipe, library versions,
    the support of the thresholds, parity with the float model.
    """

    model: str
    policy: str
    base: str
    data: str
    encoder: EncoderShape
    window: WindowShape
    calibration: Mapping[Label, BetaCalibration]
    thresholds: Mapping[Label, Thresholds]
    languages: tuple[str, ...]
    files: Mapping[str, str]
    facts: Mapping[str, Any]
    screen: ScreenRule | None = None

    def to_json(self) -> str:
        table = {
            "format": FORMAT,
            "model": self.model,
            "policy": self.policy,
            "labels": [label.value for label in LABELS],
            "facets": [facet.value for facet in FACETS],
            "base": self.base,
            "data": self.data,
            "encoder": asdict(self.encoder),
            "window": asdict(self.window),
            "calibration": {k.value: asdict(v) for k, v in self.calibration.items()},
            "thresholds": {k.value: asdict(v) for k, v in self.thresholds.items()},
            "languages": list(self.languages),
            "screen": None if self.screen is None else self.screen.to_dict(),
            "files": dict(self.files),
            "facts": dict(self.facts),
        }
        return json.dumps(table, indent=2, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Raises ArtifactMismatchError where the text is no manifest this version can read."""
        try:
            table = json.loads(text)
            if table["format"] != FORMAT:
                raise ArtifactMismatchError(
                    f"{MANIFEST} has format {table['format']}, this version reads {FORMAT}; "
                    "install the version of lurewatch that wrote it"
                )
            _expect("labels", table["labels"], [label.value for label in LABELS])
            _expect("facets", table["facets"], [facet.value for facet in FACETS])
            _expect("policy", table["policy"], POLICY_VERSION)
            for name in (WEIGHTS, TOKENIZER):
                if not isinstance(table["files"][name], str):
                    raise TypeError(f"no hash of {name}")
            rest = {f.name: table[f.name] for f in fields(cls) if f.name not in _TYPED}
            screen = table.get("screen")
            if screen is not None and not isinstance(table["files"][SCREEN], str):
                raise TypeError(f"no hash of {SCREEN}")
            return cls(
                encoder=EncoderShape(**table["encoder"]),
                window=WindowShape(**table["window"]),
                calibration={
                    label: BetaCalibration(**table["calibration"][label]) for label in LABELS
                },
                thresholds={label: Thresholds(**table["thresholds"][label]) for label in LABELS},
                languages=tuple(table["languages"]),
                screen=None if screen is None else ScreenRule.from_dict(screen),
                **rest,
            )
        except (ValueError, KeyError, TypeError) as error:
            raise ArtifactMismatchError(
                f"{MANIFEST} cannot be read ({error!r}); fetch the model folder again"
            ) from error


_TYPED = frozenset({"encoder", "window", "calibration", "thresholds", "languages", "screen"})


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest and check every file it lists.

    Raises:
        ArtifactMissingError: no such folder, or a file of it is absent.
        ArtifactMismatchError: a file is not the one that the manifest names.
    """
    path = folder / MANIFEST
    if not path.is_file():
        raise ArtifactMissingError(
            f"{folder} holds no {MANIFEST}; give the folder of a trained model, or train one "
            "with `lurewatch train`"
        )
    try:
        manifest = Manifest.from_json(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise ArtifactMismatchError(f"{path} is not UTF-8; fetch the model folder again") from error
    for name, expected in manifest.files.items():
        if not (folder / name).is_file():
            raise ArtifactMissingError(f"{folder / name} is absent; fetch the model folder again")
        found = file_hash(folder / name)
        if found != expected:
            raise ArtifactMismatchError(
                f"{folder / name} was expected to have SHA-256 {expected[:12]}… and has "
                f"{found[:12]}…; it was changed or cut short, fetch the model folder again"
            )
    return manifest


def file_hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _expect(what: str, found: object, expected: object) -> None:
    if found != expected:
        raise ArtifactMismatchError(
            f"{MANIFEST} has {what} {found}, this version expects {expected}; "
            "train a model for this policy, or install the version that fits the model"
        )
