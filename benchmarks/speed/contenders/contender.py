"""What every contender can do, and how its process is told which one to be."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol, cast


class Name(StrEnum):
    """The contenders, in the order in which they are told of."""

    UNDISTILLED = "transformers pipeline fp32, undistilled"
    PIPELINE = "transformers pipeline fp32"
    PIPELINE_BF16 = "transformers pipeline bf16"
    ONNX = "ONNX Runtime int8"
    INFINITY = "infinity-emb"
    ENCODER = "Lurewatch encoder"
    CASCADE = "Lurewatch cascade"


REFERENCE = Name.PIPELINE
"""What the ratios are to: the same weights."""

DEEP_REFERENCE = Name.UNDISTILLED
"""What other ratios are to: the pipeline of an encoder as deep as the one that was distilled."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What a contender is built from. `hub` and `onnx` are made from `model` beforehand, and `deep`
    where it was distilled from a deeper encoder: a folder like `hub`, as deep as that was.

    `window` is in tokens; `review` has each label's review threshold as an uncalibrated logit.
    """

    model: Path
    hub: Path
    onnx: Path
    deep: Path | None
    threads: int
    window: int
    review: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was said of one text. `passed` tells that a screen alone cleared it."""

    flagged: tuple[bool, ...]
    passed: bool = False


class Contender(Protocol):
    """One way of scoring. `batches` are the sizes to choose from, one where there is no choice."""

    batches: tuple[int, ...]

    def judge(self, texts: Sequence[str], batch: int) -> list[Judgement]:
        """Score `texts`, `batch` at a time, and say what reaches the review thresholds."""
        ...


_MODULES: Mapping[Name, str] = MappingProxyType(
    {
        Name.UNDISTILLED: "pipeline",
        Name.PIPELINE: "pipeline",
        Name.PIPELINE_BF16: "pipeline",
        Name.ONNX: "onnx_runtime",
        Name.INFINITY: "infinity",
        Name.ENCODER: "lurewatch",
        Name.CASCADE: "lurewatch",
    }
)


def build(name: Name, setting: Setting) -> Contender:
    """Only the module of this one is imported: memory is part of what is measured."""
    module = import_module(f"benchmarks.speed.contenders.{_MODULES[name]}")
    builder = cast(Callable[[Name, Setting], Any], module.build)
    return cast(Contender, builder(name, setting))
