"""Keeps a distillation after each of its epochs, so that a killed one goes on from there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import nn

from training.errors import CheckpointError


class Checkpoint:
    """One file at `path`; `identity` tells of which teacher, texts and plan it is."""

    def __init__(self, path: Path, identity: str) -> None:
        self._path, self._identity = path, identity

    def save(self, epochs: int, student: nn.Module, optimiser: torch.optim.Optimizer) -> None:
        """What is there after so many `epochs`. The file is whole or the one before."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = self._path.with_suffix(".part")
        state = {
            "identity": self._identity,
            "epochs": epochs,
            "student": student.state_dict(),
            "optimiser": optimiser.state_dict(),
        }
        torch.save(state, unfinished)
        unfinished.replace(self._path)

    def restore(self, student: nn.Module, optimiser: torch.optim.Optimizer) -> int:
        """Put `student` and `optimiser` back; how many epochs were done, 0 where there is no file.

        Raises CheckpointError where it is of another `identity`.
        """
        if not self._path.is_file():
            return 0
        kept: dict[str, Any] = torch.load(self._path, map_location="cpu", weights_only=True)
        if kept["identity"] != self._identity:
            raise CheckpointError(
                f"{self._path} belongs to {kept['identity']}, expected {self._identity}; start "
                "without --resume, or give another --out"
            )
        student.load_state_dict(kept["student"])
        optimiser.load_state_dict(kept["optimiser"])
        return int(kept["epochs"])

    def clear(self) -> None:
        self._path.unlink(missing_ok=True)
