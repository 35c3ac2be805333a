"""`lurewatch evaluate` with the frozen base at hand: evaluation itself may not import training."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from functools import cache

from evaluation import command
from evaluation.baselines.frozen import Embedder
from evaluation.metrics import Floats

add_arguments = command.add_arguments


def run(args: argparse.Namespace) -> int:
    return command.run(args, _embed)


def _embed(texts: Sequence[str]) -> Floats:
    return _base()(texts)


@cache
def _base() -> Embedder:
    """Imported when first asked for: torch takes seconds to load."""
    from training.frozen import FrozenBase

    return FrozenBase()
