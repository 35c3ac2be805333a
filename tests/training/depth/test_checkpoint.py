from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tests.training.depth.models import teacher, texts
from training.depth.checkpoint import Checkpoint
from training.depth.distil import fewer_layers
from training.errors import CheckpointError
from training.recipe import DepthPlan

TEACHER = teacher()
PLAN = DepthPlan(
    layers=1, public_rows=0, variations=100, epochs=3, restarts=0, batch_tokens=512, rate=3e-3
)


class Killed(Checkpoint):
    """The process ends after its second epoch is kept."""

    def save(self, epochs: int, *parts: object) -> None:
        super().save(epochs, *parts)  # type: ignore[arg-type]
        if epochs == 2:
            raise KeyboardInterrupt


def test_a_killed_distillation_ends_as_an_undisturbed_one(tmp_path: Path) -> None:
    undisturbed = fewer_layers(TEACHER, texts(), PLAN, seed=1)
    with pytest.raises(KeyboardInterrupt):
        fewer_layers(TEACHER, texts(), PLAN, 1, Killed(tmp_path / "depth.pt", "one"))
    resumed = fewer_layers(TEACHER, texts(), PLAN, 1, Checkpoint(tmp_path / "depth.pt", "one"))
    torch.testing.assert_close(resumed.state_dict(), undisturbed.state_dict())


def test_a_checkpoint_of_another_run_is_refused(tmp_path: Path) -> None:
    short = replace(PLAN, epochs=1)
    fewer_layers(TEACHER, texts(), short, 1, Checkpoint(tmp_path / "depth.pt", "one"))
    with pytest.raises(CheckpointError, match="belongs to one, expected another"):
        fewer_layers(TEACHER, texts(), short, 1, Checkpoint(tmp_path / "depth.pt", "another"))


def test_nothing_is_left_of_a_checkpoint_that_is_cleared(tmp_path: Path) -> None:
    checkpoint = Checkpoint(tmp_path / "depth.pt", "one")
    fewer_layers(TEACHER, texts(), replace(PLAN, epochs=1), 1, checkpoint)
    assert [path.name for path in tmp_path.iterdir()] == ["depth.pt"]
    checkpoint.clear()
    assert not list(tmp_path.iterdir())
