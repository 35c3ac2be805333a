"""`transformers`' text-classification pipeline, as its documentation shows it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from transformers import pipeline

from benchmarks.speed.contenders.contender import Judgement, Name, Setting
from benchmarks.speed.contenders.thresholds import judge_answers


class Pipeline:
    """Batches in the order of the texts, padded to the longest of each, as pipelines do."""

    batches = (1, 8, 16, 32, 64)

    def __init__(self, hub: Path, setting: Setting, dtype: torch.dtype) -> None:
        torch.set_num_threads(setting.threads)
        self._review = setting.review
        self._pipeline: Any = load_pipeline(str(hub), dtype)

    def judge(self, texts: Sequence[str], batch: int) -> list[Judgement]:
        with torch.inference_mode():
            answers = self._pipeline(list(texts), batch_size=batch, truncation=True)
        return judge_answers(answers, self._review)


def load_pipeline(hub: str, dtype: torch.dtype) -> Any:
    """All labels of each text; the window is the tokenizer's own."""
    # The package's types want the name of a task as a literal for each of many overloads.
    make: Any = pipeline
    return make(
        "text-classification",
        model=hub,
        trust_remote_code=True,
        top_k=None,
        device="cpu",
        dtype=dtype,
    )


def build(name: Name, setting: Setting) -> Pipeline:
    hub = setting.hub if name is not Name.UNDISTILLED else setting.deep
    assert hub is not None
    dtype = torch.bfloat16 if name is Name.PIPELINE_BF16 else torch.float32
    return Pipeline(hub, setting, dtype)
