"""From a fitted model on disk to a shallower one beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from data.records import Example
from training.depth.checkpoint import Checkpoint
from training.depth.distil import fewer_layers
from training.distillation.shown import show
from training.encode import token_ids
from training.fitted import FittedModel, load_fitted, state_of, write_fitted
from training.float_model import float_model
from training.recipe import Recipe


def make_shallow(
    deep: Path,
    folder: Path,
    train: Sequence[Example],
    recipe: Recipe,
    path: Path,
    *,
    resume: bool = False,
) -> None:
    """Distil the fitted model in `deep` into one of `recipe.depth.layers` layers in `folder`.

    It is shown the training split alone: validation and calibration rows still tell of it. The
    checkpoint lies at `path` until the student is written.

    Raises:
        RecipeError: the recipe asks for as many layers as there are, or more.
        CheckpointError: what should be resumed belongs to another recipe or data.
    """
    fitted, plan = load_fitted(deep), recipe.depth
    shown = show(train, plan.public_rows)
    texts = shown.as_texts(token_ids(fitted.tokenizer, shown.texts), fitted.window)
    checkpoint = Checkpoint(path, f"{recipe.fingerprint()} {fitted.facts['data']}")
    if not resume:
        checkpoint.clear()
    student = fewer_layers(float_model(fitted), texts, plan, recipe.seed, checkpoint)
    write_fitted(
        folder, replace(fitted, state=state_of(student), facts=_facts(fitted, plan.layers))
    )
    checkpoint.clear()


def _facts(fitted: FittedModel, layers: int) -> dict[str, object]:
    found = fitted.facts["encoder"]
    return {
        **fitted.facts,
        "encoder": {**found, "layers": layers},
        "distilled_from": {"layers": found["layers"]},
    }
