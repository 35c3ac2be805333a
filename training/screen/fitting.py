"""Fits students: one for each fold, which never saw the fold's rows, and one on all.

A student is fitted by cross-entropy on the encoder's soft answers (Hinton, Vinyals and Dean 2015).
Runs on a GPU where torch finds one; needs neither the encoder's runtime nor the texts.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import torch
from safetensors import safe_open
from safetensors.numpy import save_file
from torch import nn

from classifier.calibration import UNCALIBRATED
from classifier.labels import LABELS
from classifier.screen import Screen, ScreenRule
from classifier.windows import windows_of
from classifier.word_table import WordTable
from data.partition import FOLDS
from training.errors import CheckpointError
from training.screen.course import Course, prepare_course
from training.screen.lesson import Lesson
from training.screen.student import Student, StudentSize, Tensors, screen_tensors

BATCH = 2_048
"""Texts of a step, where they are many."""

_BATCHES_SORTED_TOGETHER = 32
_RATE, _TABLE_RATE = 2e-3, 6e-3
_DECAY, _TABLE_DECAY = 1e-2, 1e-4
_WARM_UP = 0.08
_TEXTS_AT_ONCE = 2_048
_OUT_OF_FOLD, _IDENTITY = "out_of_fold", "identity"

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Effort:
    """`variations` of the lesson's texts are shown beside them; in each of `epochs` every variation
    once, every text of the lesson `repeats` times.
    """

    variations: int
    epochs: int
    repeats: int
    seed: int
    batch: int = BATCH


@dataclass(frozen=True, slots=True)
class Fitted:
    """The tensors of the screen that ships, and the logits `[examples, labels]` of five others: of
    the lesson's rows of the data, each by the one that never saw its fold.
    """

    tensors: Tensors
    out_of_fold: Floats

    def save(self, path: Path, identity: str) -> None:
        """`identity` tells of which lesson and plan this is. The file is whole or not there."""
        tensors = {**self.tensors, _OUT_OF_FOLD: self.out_of_fold}
        unfinished = path.with_suffix(".part")
        save_file(
            {name: np.ascontiguousarray(values) for name, values in tensors.items()},
            unfinished,
            metadata={_IDENTITY: identity},
        )
        unfinished.replace(path)

    @classmethod
    def load(cls, path: Path, identity: str) -> Self:
        """Raises CheckpointError where the file is of another `identity`."""
        with safe_open(path, "numpy") as kept:
            if (found := kept.metadata()[_IDENTITY]) != identity:
                raise CheckpointError(
                    f"{path} was made for {found}, expected {identity}; leave out --resume to fit "
                    "anew"
                )
            tensors = {name: kept.get_tensor(name) for name in kept.keys()}  # noqa: SIM118
        return cls(out_of_fold=tensors.pop(_OUT_OF_FOLD), tensors=tensors)


def fit_screens(
    lesson: Lesson,
    weights: Mapping[str, npt.NDArray[Any]],
    scripts: npt.NDArray[np.uint8],
    size: StudentSize,
    effort: Effort,
) -> Fitted:
    """`weights` are the model folder's, `scripts` the number of each piece's script group."""
    course = prepare_course(lesson, weights, effort.variations, effort.seed)
    words = WordTable(weights["word.blocks"])
    own = np.arange(lesson.examples)
    out_of_fold = np.zeros((lesson.examples, len(LABELS)))
    for fold in range(FOLDS):
        _say(f"fitting the screen that never sees fold {fold + 1} of {FOLDS}")
        student = fit_student(course, np.flatnonzero(course.folds != fold), size, effort)
        left_out = own[lesson.texts.folds[own] == fold]
        out_of_fold[left_out] = _worst(screen_tensors(student, scripts), words, lesson, left_out)
    _say("fitting the screen that ships")
    student = fit_student(course, np.arange(len(course.folds)), size, effort)
    return Fitted(screen_tensors(student, scripts), out_of_fold)


def fit_student(course: Course, texts: Integers, size: StudentSize, effort: Effort) -> Student:
    """A student of `texts` of the course alone."""
    torch.manual_seed(effort.seed)
    student = Student(course.table, size).to(course.table.device)
    shown = np.concatenate([texts, np.tile(texts[texts < course.lesson_texts], effort.repeats - 1)])
    rates = [_RATE, _TABLE_RATE]
    network, tables = student.parts()
    optimiser = torch.optim.AdamW(
        [
            {"params": network, "lr": _RATE, "weight_decay": _DECAY},
            {"params": tables, "lr": _TABLE_RATE, "weight_decay": _TABLE_DECAY},
        ]
    )
    rng = np.random.default_rng(effort.seed)
    plan = [
        batch for _ in range(effort.epochs) for batch in _batches(course, shown, effort.batch, rng)
    ]
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, rates, total_steps=len(plan) + 1, pct_start=_WARM_UP
    )
    for batch in plan:
        found = student(course.openings.padded(batch))
        loss = nn.functional.binary_cross_entropy_with_logits(found, course.aims[batch])
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(student.parameters(), 1.0)
        optimiser.step()
        schedule.step()
    return student.eval()


def _batches(
    course: Course, texts: Integers, size: int, rng: np.random.Generator
) -> list[Integers]:
    """All texts in random order, but for the texts of a batch, which are about equally long."""
    batches: list[Integers] = []
    shuffled = rng.permutation(texts)
    together = size * _BATCHES_SORTED_TOGETHER
    for at in range(0, len(shuffled), together):
        pool = shuffled[at : at + together]
        pool = pool[np.argsort(course.openings.lengths[pool], kind="stable")]
        batches += [pool[start : start + size] for start in range(0, len(pool), size)]
    return [batches[number] for number in rng.permutation(len(batches))]


def _worst(tensors: Tensors, words: WordTable, lesson: Lesson, texts: Integers) -> Floats:
    """What the screen of `tensors` says of whole texts, as at run time."""
    rule = ScreenRule(np.inf, ("none",), (), dict.fromkeys(LABELS, UNCALIBRATED), {})
    screen = Screen(tensors, rule, words)
    return np.concatenate(
        [
            screen.worst(
                [
                    windows_of(lesson.texts.rows.row(text).tolist(), lesson.encoder.window)
                    for text in texts[at : at + _TEXTS_AT_ONCE]
                ]
            )
            for at in range(0, len(texts), _TEXTS_AT_ONCE)
        ]
    )


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
