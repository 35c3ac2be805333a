"""The course: a lesson and variations of its texts, taught and laid out on a device."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from classifier.labels import LABELS
from classifier.rows import joined
from classifier.word_table import unpack
from training.distillation.padding import Openings
from training.distillation.variations import Variations, vary
from training.model import LureModel
from training.screen.lesson import Lesson
from training.screen.teacher import published_encoder

_TOKENS_AT_ONCE = 262_144
_TOKENS_AT_ONCE_WITHOUT_GPU = 8_192

Floats = npt.NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Course:
    """`openings` and `folds` of the lesson's texts and then of their variations; `aims`
    `[texts, labels]` are the encoder's soft answers whether it would flag each; `table` are its
    word rows. The first `lesson_texts` are the lesson's own.
    """

    openings: Openings
    folds: npt.NDArray[np.int8]
    aims: Tensor
    table: Tensor
    lesson_texts: int


def prepare_course(
    lesson: Lesson, weights: Mapping[str, npt.NDArray[Any]], variations: int, seed: int
) -> Course:
    """`weights` are those of the model folder. On a GPU where torch finds one: there a million
    variations take half a minute, on two cores five hours.
    """
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    table = torch.from_numpy(unpack(weights["word.blocks"])).to(device)
    texts, logits = lesson.texts, lesson.logits
    rows, folds = texts.rows, texts.folds
    if variations:
        more = vary(texts, variations, seed)
        rows, folds = joined([rows, more.rows]), np.concatenate([folds, more.folds])
    openings = Openings(rows, texts.room, device)
    if variations:
        said = _ask(published_encoder(weights, table, lesson.encoder), openings)
        logits = np.concatenate([logits, _with_the_rest(said, more, lesson)])
    aims = 1 / (1 + np.exp(-lesson.encoder.excess(logits)))
    return Course(openings, folds, torch.from_numpy(aims).float().to(device), table, len(texts))


@torch.inference_mode()
def _ask(teacher: LureModel, openings: Openings) -> Floats:
    """The teacher's logits of all texts, in half precision where there is a GPU."""
    has_gpu = torch.cuda.is_available()
    at_once = _TOKENS_AT_ONCE if has_gpu else _TOKENS_AT_ONCE_WITHOUT_GPU
    every = np.arange(len(openings.lengths))
    found = np.zeros((len(every), len(LABELS)), np.float32)
    for batch in openings.by_length(every, at_once):
        with torch.autocast("cuda", torch.float16, enabled=has_gpu):
            logits = teacher(openings.padded(batch).framed()).logits
        found[batch] = logits[:, : len(LABELS)].cpu().numpy()
    return found


def _with_the_rest(said: Floats, more: Variations, lesson: Lesson) -> Floats:
    """The logits of the variations, with what the teacher leaves out (n-grams and rounding) as it
    was found in the texts they are made of.
    """
    own = len(lesson.texts)
    rest = lesson.logits - said[:own]
    return np.asarray(said[own:] + (rest[more.first] + rest[more.second]) / 2)
