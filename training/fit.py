"""The fine-tuning loop: Hugging Face's Trainer over batches that were planned ahead.

The Trainer brings checkpoints, resumption, early stopping and several devices (`torchrun`); what
is ours is the plan of batches, the masked loss, and the rates by part of the model.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset
from transformers import EarlyStoppingCallback, Trainer, TrainingArguments
from transformers.trainer import TRAINER_STATE_NAME
from transformers.trainer_callback import PrinterCallback, ProgressCallback
from transformers.trainer_utils import EvalPrediction

from classifier.labels import LABELS
from evaluation.metrics import average_precision, rank
from training.encode import Batch
from training.errors import CheckpointError
from training.model import LureModel
from training.objective import total_loss
from training.progress import TimeLeft
from training.recipe import Recipe

_IDENTITY = "identity.txt"
SELECTION_METRIC = "eval_average_precision"


@dataclass(frozen=True, slots=True)
class FitResult:
    """`steps` were taken of `planned`; `validation` is the best mean average precision."""

    steps: int
    planned: int
    validation: float


def fit(
    model: LureModel,
    train: Dataset[Batch],
    validation: Dataset[Batch],
    recipe: Recipe,
    folder: Path,
    *,
    identity: str,
    resume: bool = False,
) -> FitResult:
    """Fine-tune `model` in place; it ends with the weights of the best evaluation.

    Checkpoints lie in `folder`, beside the `identity` of recipe and data. With `resume` the run
    goes on from the last one; without, what lies there is cleared away.

    Raises:
        CheckpointError: nothing to resume from, or checkpoints of another identity.
    """
    checkpoint = _checkpoint_to_resume(folder, identity) if resume else None
    if not resume and _process_number() == 0:
        _start_afresh(folder, identity)
    # Of several processes each takes its own batches: together they walk the plan once.
    planned = -(-len(train) // _processes())  # type: ignore[arg-type]
    trainer = _LureTrainer(
        recipe=recipe,
        model=model,
        args=_arguments(recipe, planned, folder),
        train_dataset=train,
        eval_dataset=validation,
        compute_metrics=_metrics,
        callbacks=[EarlyStoppingCallback(recipe.stopping.patience), TimeLeft()],
    )
    for callback in (PrinterCallback, ProgressCallback):
        trainer.remove_callback(callback)
    trainer.train(resume_from_checkpoint=checkpoint)
    best = trainer.state.best_metric
    return FitResult(trainer.state.global_step, planned, float("nan") if best is None else best)


def _checkpoint_to_resume(folder: Path, identity: str) -> str:
    written = folder / _IDENTITY
    # The Trainer's own state is the last file of a checkpoint: without it a kill came in between.
    finished = [path.parent for path in folder.glob(f"checkpoint-*/{TRAINER_STATE_NAME}")]
    if not (written.is_file() and finished):
        raise CheckpointError(f"{folder} holds no checkpoint; start without --resume")
    if written.read_text(encoding="utf-8") != identity:
        raise CheckpointError(
            f"{folder} belongs to another recipe or data build; start without --resume, or give "
            "another --out"
        )
    return str(max(finished, key=lambda path: int(path.name.removeprefix("checkpoint-"))))


def _start_afresh(folder: Path, identity: str) -> None:
    for old in folder.glob("checkpoint-*"):
        shutil.rmtree(old)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _IDENTITY).write_text(identity, encoding="utf-8")


def _arguments(recipe: Recipe, planned: int, folder: Path) -> TrainingArguments:
    every = max(1, -(-planned // recipe.stopping.evaluations))
    return TrainingArguments(
        output_dir=str(folder),
        max_steps=planned,
        per_device_train_batch_size=1,  # an item of the dataset is a whole batch
        per_device_eval_batch_size=1,
        learning_rate=recipe.optimiser.encoder_rate,
        lr_scheduler_type="linear",
        warmup_steps=round(planned * recipe.optimiser.warm_up),
        weight_decay=recipe.optimiser.weight_decay,
        max_grad_norm=1.0,
        optim="adamw_torch_fused",
        bf16=has_fast_bf16(),
        use_cpu=not torch.cuda.is_available(),
        eval_strategy="steps",
        eval_steps=every,
        save_strategy="steps",
        save_steps=every,
        save_total_limit=2,
        load_best_model_at_end=True,
        restore_callback_states_from_checkpoint=True,  # early stopping goes on counting
        metric_for_best_model=SELECTION_METRIC,
        greater_is_better=True,
        logging_steps=50,
        seed=recipe.seed,
        report_to="none",
        remove_unused_columns=False,
        label_names=["labels"],
        dataloader_num_workers=0,
        dataloader_pin_memory=False,
        disable_tqdm=True,
    )


class _LureTrainer(Trainer):
    def __init__(self, *, recipe: Recipe, **rest: Any) -> None:
        super().__init__(**rest)
        self._recipe = recipe

    def get_train_dataloader(self) -> DataLoader[Batch]:
        return self._loader(self.train_dataset)

    def get_eval_dataloader(self, eval_dataset: Any = None) -> DataLoader[Batch]:
        return self._loader(self.eval_dataset if eval_dataset is None else eval_dataset)

    def _loader(self, dataset: Any) -> DataLoader[Batch]:
        # A processor is best left to the matrix products, a GPU waits for its batches.
        workers = 1 if torch.cuda.is_available() and dataset is self.train_dataset else 0
        loader: DataLoader[Batch] = DataLoader(
            dataset, batch_size=1, collate_fn=_only, num_workers=workers
        )
        prepared: DataLoader[Batch] = self.accelerator.prepare(loader)
        return prepared

    def create_optimizer(self, model: nn.Module | None = None) -> torch.optim.Optimizer:
        if self.optimizer is None:
            settings = self._recipe.optimiser
            module = self.model if model is None else model
            assert module is not None
            kind, options = self.get_optimizer_cls_and_kwargs(self.args)
            options.pop("lr", None)
            self.optimizer = kind(
                parameter_groups(module, self._recipe), lr=settings.encoder_rate, **options
            )
        assert self.optimizer is not None
        return self.optimizer

    def compute_loss(
        self,
        model: nn.Module,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: Any = None,
    ) -> Any:
        scored = model(inputs["input_ids"])
        twin = model(inputs["twin_ids"]).logits if "twin_ids" in inputs else None
        loss = total_loss(scored, twin, inputs["labels"], inputs.get("groups"), self._recipe.loss)
        return (loss, {"logits": scored.logits}) if return_outputs else loss


def parameter_groups(model: nn.Module, recipe: Recipe) -> list[dict[str, Any]]:
    """Encoder and head at their own rates; norms and biases without weight decay.

    The lower a layer of the encoder, the smaller its rate, by `layer_decay` from layer to layer
    (Howard and Ruder 2018).
    """
    settings = recipe.optimiser
    depth = 1 + max(_layer(name) for name, _ in model.named_parameters())
    members: dict[tuple[float, float], list[nn.Parameter]] = {}
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad:
            continue
        if "encoder." in name:
            below_top = depth - 1 - _layer(name)
            rate = settings.encoder_rate * settings.layer_decay**below_top
        else:
            rate = settings.head_rate
        decay = settings.weight_decay if parameter.ndim > 1 else 0.0
        members.setdefault((rate, decay), []).append(parameter)
    return [
        {"params": parameters, "lr": rate, "weight_decay": decay}
        for (rate, decay), parameters in members.items()
    ]


def _layer(name: str) -> int:
    """The encoder layer that a parameter belongs to; -1 for the embeddings and the head."""
    found = re.search(r"\.layer\.(\d+)\.", name)
    return int(found[1]) if found else -1


def _processes() -> int:
    return int(os.environ.get("WORLD_SIZE", "1"))  # set by torchrun


def _process_number() -> int:
    return int(os.environ.get("RANK", "0"))


def _only(items: Sequence[Batch]) -> Batch:
    return items[0]


def _metrics(prediction: EvalPrediction) -> dict[str, float]:
    logits, wanted = np.asarray(prediction.predictions), np.asarray(prediction.label_ids)
    figures = {}
    for index, label in enumerate(LABELS):
        truths = [None if np.isnan(value) else bool(value) for value in wanted[:, index]]
        figures[label.value] = float(average_precision(rank(logits[:, index], truths)))
    return {"average_precision": float(np.nanmean(list(figures.values()))), **figures}


def has_fast_bf16() -> bool:
    if torch.cuda.is_available():
        return bool(torch.cuda.is_bf16_supported())
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())
