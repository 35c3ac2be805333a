"""What a contender is built from, of a tiny model."""

from __future__ import annotations

from pathlib import Path

from benchmarks.speed.contenders.contender import Setting
from benchmarks.speed.contenders.thresholds import review_logits
from classifier.artifact import read_manifest
from tests.builders import build_tiny_model


def tiny_setting(folder: Path) -> Setting:
    """A tiny model in `folder`, for contenders that need no other form of it."""
    model = build_tiny_model(folder / "model")
    manifest = read_manifest(model)
    return Setting(
        model=model,
        hub=folder / "hub",
        onnx=folder / "int8.onnx",
        deep=None,
        threads=1,
        window=manifest.window.size,
        review=review_logits(manifest),
    )
