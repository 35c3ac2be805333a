from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest
import torch
from torch.utils.data import Dataset

from classifier.labels import OUTPUTS
from classifier.tokenizer import BOS, EOS
from training.base import load_base
from training.encode import Batch
from training.errors import CheckpointError
from training.fit import FitResult, fit, parameter_groups
from training.model import LureModel
from training.recipe import TINY_BASE, Recipe, load_recipe

STEPS = 8


class RandomBatches(Dataset[Batch]):
    """Batches of random tokens and labels; reading number `breaks_at` fails."""

    def __init__(self, batches: int, breaks_at: int | None = None) -> None:
        self._batches = batches
        self._breaks_at = breaks_at

    def __len__(self) -> int:
        return self._batches

    def __getitem__(self, index: int) -> Batch:
        if index == self._breaks_at:
            self._break()
        rng = np.random.default_rng(index)
        ids = rng.integers(4, 20, (4, 6))
        ids[:, 0], ids[:, -1] = BOS, EOS
        labels = (np.arange(4) % 2)[:, None].repeat(len(OUTPUTS), axis=1)
        return {"input_ids": torch.from_numpy(ids), "labels": torch.from_numpy(labels).float()}

    def _break(self) -> NoReturn:
        raise InterruptedError("the machine went away")


@pytest.fixture(scope="module")
def idle_recipe() -> Recipe:
    """A recipe that learns nothing, so that no evaluation is better than the first."""
    recipe = load_recipe("smoke")
    optimiser = replace(recipe.optimiser, encoder_rate=0.0, head_rate=0.0, warm_up=0.0)
    stopping = replace(recipe.stopping, evaluations=STEPS, patience=3)
    return replace(recipe, optimiser=optimiser, stopping=stopping)


def new_model(recipe: Recipe) -> LureModel:
    base = load_base(TINY_BASE, recipe.seed, [chr(number) for number in range(97, 123)])
    torch.manual_seed(recipe.seed)
    return LureModel.from_base(base, torch.from_numpy(base.word), dropout=0.0)


def run(
    recipe: Recipe, folder: Path, *, breaks_at: int | None = None, resume: bool = False
) -> FitResult:
    return fit(
        new_model(recipe),
        RandomBatches(STEPS, breaks_at),
        RandomBatches(2),
        recipe,
        folder,
        identity="this run",
        resume=resume,
    )


def test_early_stopping_goes_on_counting_when_resumed(tmp_path: Path, idle_recipe: Recipe) -> None:
    """Three evaluations without a better one end the run: at step 4, interrupted or not."""
    whole = run(idle_recipe, tmp_path / "whole")
    assert whole.steps == 4
    assert whole.planned == STEPS
    with pytest.raises(InterruptedError):
        run(idle_recipe, tmp_path / "broken", breaks_at=3)
    resumed = run(idle_recipe, tmp_path / "broken", resume=True)
    assert resumed == whole


def test_a_run_begun_afresh_clears_old_checkpoints(tmp_path: Path, idle_recipe: Recipe) -> None:
    old = tmp_path / "checkpoint-900"
    old.mkdir()
    run(idle_recipe, tmp_path)
    assert not old.exists()


def test_there_must_be_something_to_resume(tmp_path: Path, idle_recipe: Recipe) -> None:
    (tmp_path / "identity.txt").write_text("this run", encoding="utf-8")
    (tmp_path / "checkpoint-5").mkdir()  # begun, never finished
    with pytest.raises(CheckpointError, match="holds no checkpoint"):
        run(idle_recipe, tmp_path, resume=True)


def test_another_run_is_not_resumed(tmp_path: Path, idle_recipe: Recipe) -> None:
    (tmp_path / "identity.txt").write_text("that run", encoding="utf-8")
    (tmp_path / "checkpoint-5").mkdir()
    (tmp_path / "checkpoint-5" / "trainer_state.json").write_text("{}", encoding="utf-8")
    with pytest.raises(CheckpointError, match="another recipe or data build"):
        run(idle_recipe, tmp_path, resume=True)


def test_every_trained_weight_is_in_one_group_of_its_own_rate() -> None:
    recipe = load_recipe("smoke")
    model = new_model(recipe)
    groups = parameter_groups(model, recipe)
    grouped = [id(parameter) for group in groups for parameter in group["params"]]
    trained = {id(p) for p in model.parameters() if p.requires_grad}
    assert len(grouped) == len(set(grouped))
    assert set(grouped) == trained
    by_rate = {group["lr"] for group in groups}
    assert by_rate == {recipe.optimiser.encoder_rate, recipe.optimiser.head_rate}
    for group in groups:
        has_decay = group["weight_decay"] > 0
        assert all((parameter.ndim > 1) == has_decay for parameter in group["params"])


def test_lower_layers_learn_more_slowly_by_the_decay() -> None:
    recipe = load_recipe("smoke")
    decaying = replace(recipe, optimiser=replace(recipe.optimiser, layer_decay=0.5))
    model = new_model(recipe)
    rate_of = {
        id(parameter): group["lr"]
        for group in parameter_groups(model, decaying)
        for parameter in group["params"]
    }
    named = dict(model.named_parameters())
    layers = model.encoder.config.num_hidden_layers
    rates = [
        rate_of[id(named[f"encoder.encoder.layer.{n}.output.dense.weight"])] for n in range(layers)
    ]
    top = recipe.optimiser.encoder_rate
    assert rates == [top * 0.5 ** (layers - 1 - n) for n in range(layers)]
    embeddings = rate_of[id(model.encoder.embeddings.position_embeddings.weight)]
    assert embeddings == top * 0.5**layers
    assert rate_of[id(model.head.weight)] == recipe.optimiser.head_rate
