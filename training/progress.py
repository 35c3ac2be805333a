"""Shows how far a run is and how long it will take, on standard error."""

from __future__ import annotations

import sys
import time
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments


class TimeLeft(TrainerCallback):
    """A line at every logging step and at every evaluation; the rate is that of this process."""

    def __init__(self) -> None:
        self._began = 0.0
        self._first_step = 0

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any
    ) -> None:
        self._began = time.monotonic()
        self._first_step = state.global_step

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: dict[str, float] | None = None,
        **_: Any,
    ) -> None:
        done = state.global_step - self._first_step
        if not logs or "loss" not in logs or done == 0:
            return
        elapsed = time.monotonic() - self._began
        left = elapsed / done * (state.max_steps - state.global_step)
        sys.stderr.write(
            f"step {state.global_step:,} of {state.max_steps:,}  loss {logs['loss']:.4f}  "
            f"{_minutes(elapsed)} gone, {_minutes(left)} left\n"
        )

    def on_evaluate(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        metrics: dict[str, float] | None = None,
        **_: Any,
    ) -> None:
        found = {name[5:]: value for name, value in (metrics or {}).items()}
        shown = "  ".join(
            f"{name} {found[name]:.4f}"
            for name in ("average_precision", "smuggling_service", "fake_job")
            if name in found
        )
        sys.stderr.write(f"step {state.global_step:,}  validation: {shown}\n")


def _minutes(seconds: float) -> str:
    return f"{int(seconds // 60)}:{int(seconds % 60):02d}"
