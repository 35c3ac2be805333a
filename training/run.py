"""The whole of a training run: splits and recipe in, model folder out."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from classifier.classifier import Classifier
from data.records import Example
from data.splits import load_manifest, load_split
from evaluation.errors import TooFewRowsError
from evaluation.parity import Parity
from training.distil import add_screen, distil, teach
from training.export import export
from training.fit import FitResult, fit
from training.fitted import add_lexical_part, load_fitted, save_fitted
from training.lexical import fit_lexical_part
from training.prepare import new_model, prepare, training_batches, validation_batches
from training.recipe import Recipe, ScreenSize


@dataclass(frozen=True, slots=True)
class RunResult:
    fit: FitResult
    parity: Parity
    model: Path


def run(recipe: Recipe, data: Path, out: Path, *, resume: bool = False) -> RunResult | None:
    """Fit and export into `out`: `checkpoints/`, `fitted/` (float) and `model/` (to ship).

    None in the helper processes of `torchrun`, of which only the first exports.

    Raises:
        SplitMissingError: `data` holds no build.
        CheckpointError: there is nothing to resume, or it belongs to another recipe or data.
    """
    data_hash = load_manifest(data)["hash"]
    train, validation = load_split(data, "train"), load_split(data, "validation")
    say(f"{len(train):,} training rows; cutting the vocabulary")
    prepared = prepare(train, recipe)
    batches = training_batches(train, prepared, recipe)
    say(f"{len(batches):,} steps of {recipe.optimiser.batch} texts planned")
    model = new_model(prepared, recipe)
    result = fit(
        model,
        batches,
        validation_batches(validation, prepared, recipe),
        recipe,
        out / "checkpoints",
        identity=f"{recipe.fingerprint()} {data_hash}",
        resume=resume,
    )
    if int(os.environ.get("RANK", "0")) > 0:
        return None
    save_fitted(out / "fitted", model, prepared, recipe, result, data_hash)
    say("fitting the n-grams beside the encoder")
    part = fit_lexical_part(load_fitted(out / "fitted"), train, validation, recipe)
    add_lexical_part(out / "fitted", part)
    say("exporting: languages, calibration, thresholds, parity")
    parity = export_fitted(data, out, train)
    put_screen(out / "model", data, recipe.screen)
    return RunResult(result, parity, out / "model")


def export_fitted(data: Path, out: Path, train: Sequence[Example]) -> Parity:
    """Export `out/fitted` to `out/model`; parity is told on the labelled test rows.

    No choice hangs on the test rows: they are where the float model's figures would stand.
    """
    compared = [e for e in load_split(data, "test") if e.source in ("corpus", "emscad")]
    calibration = load_split(data, "calibration")
    return export(load_fitted(out / "fitted"), train, calibration, compared, out / "model")


def put_screen(model: Path, data: Path, size: ScreenSize) -> None:
    """Distil a screen for the model folder and write it there; none where `size` wants none, or
    where the rows are too few to promise anything.
    """
    if not size.hidden:
        return
    say("distilling the screen: the encoder is asked about all that is not test")
    taught = teach(Classifier.load(model, screen=False), data, size.public_rows)
    say(f"{len(taught.texts):,} texts; fitting once for each fold, and once on all")
    try:
        tensors, rule = distil(model, taught, size.hidden)
    except TooFewRowsError as error:
        say(f"no screen: {error}")
        return
    add_screen(model, tensors, rule)


def say(line: str) -> None:
    sys.stderr.write(line + "\n")
