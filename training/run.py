"""The whole of a training run: splits and recipe in, model folder out."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from data.records import Example
from data.splits import load_manifest, load_split
from evaluation.parity import Parity
from training.depth.shallow import make_shallow
from training.depth.student import expect_fewer
from training.export import export
from training.fit import FitResult, fit
from training.fitted import add_lexical_part, load_fitted, save_fitted
from training.lexical import fit_lexical_part
from training.prepare import new_model, prepare, training_batches, validation_batches
from training.recipe import Recipe
from training.screen.distil import put_screen


@dataclass(frozen=True, slots=True)
class RunResult:
    fit: FitResult
    parity: Parity
    model: Path


def run(recipe: Recipe, data: Path, out: Path, *, resume: bool = False) -> RunResult | None:
    """Fit and export into `out`: `checkpoints/`, `fitted/` (float) and `model/` (to ship), and
    where the recipe wants fewer layers than the base has `deep/`, the fitted model before that.

    None in the helper processes of `torchrun`, of which only the first exports.

    Raises:
        SplitMissingError: `data` holds no build.
        RecipeError: the recipe asks for as many layers as the base has, or more.
        CheckpointError: there is nothing to resume, or it belongs to another recipe or data.
    """
    data_hash = load_manifest(data)["hash"]
    train, validation = load_split(data, "train"), load_split(data, "validation")
    say(f"{len(train):,} training rows; cutting the vocabulary")
    prepared = prepare(train, recipe)
    # Hours before the layers are taken.
    expect_fewer(recipe.depth.layers, prepared.base.config.num_hidden_layers)
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
    if recipe.depth.layers:
        save_fitted(out / "deep", model, prepared, recipe, result, data_hash)
        say(f"teaching an encoder of {recipe.depth.layers} layers")
        kept = out / "checkpoints" / "depth.pt"
        make_shallow(out / "deep", out / "fitted", train, recipe, kept, resume=resume)
    else:
        save_fitted(out / "fitted", model, prepared, recipe, result, data_hash)
    say("fitting the n-grams beside the encoder")
    part = fit_lexical_part(load_fitted(out / "fitted"), train, validation, recipe)
    add_lexical_part(out / "fitted", part)
    say("exporting: languages, calibration, thresholds, parity")
    parity = export_fitted(data, out, train)
    if recipe.screen.channels:
        put_screen(out / "model", data, recipe.screen, out / "screen", resume=resume)
    return RunResult(result, parity, out / "model")


def export_fitted(data: Path, out: Path, train: Sequence[Example]) -> Parity:
    """Export `out/fitted` to `out/model`; parity is told on the labelled test rows.

    No choice hangs on the test rows: they are where the float model's figures would stand.
    """
    compared = [e for e in load_split(data, "test") if e.source in ("corpus", "emscad")]
    calibration = load_split(data, "calibration")
    return export(load_fitted(out / "fitted"), train, calibration, compared, out / "model")


def say(line: str) -> None:
    sys.stderr.write(line + "\n")
