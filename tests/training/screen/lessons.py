"""A small lesson, and the tiny model that it is of."""

from __future__ import annotations

import numpy as np

from classifier.calibration import BetaCalibration
from classifier.labels import LABELS, Label
from classifier.rows import end_to_end
from classifier.windows import WindowShape
from classifier.word_table import BLOCK, WordTable, pack
from training.distillation.texts import Texts
from training.screen.lesson import Encoder, Lesson

PIECES = 60
WORDS = WordTable(pack(np.random.default_rng(5).normal(size=(PIECES, BLOCK)).astype(np.float32)))
ENCODER = Encoder(
    layers=2,
    heads=4,
    layer_norm_eps=1e-12,
    window=WindowShape(size=22, overlap=4),
    calibration=dict.fromkeys(LABELS, BetaCalibration("temperature", 2.0, 2.0, 0.0)),
    review={Label.SMUGGLING_SERVICE: 0.5, Label.FAKE_JOB: 0.2},
)


def small_lesson(texts: int = 600, seed: int = 5) -> Lesson:
    """The teacher flags a text for the first label where piece 7 stands in it."""
    rng = np.random.default_rng(seed)
    ids = [rng.integers(4, PIECES, size=length).tolist() for length in rng.integers(1, 40, texts)]
    flagged = np.array([7 in row for row in ids])
    logits = np.column_stack([np.where(flagged, 2.0, -2.0), np.full(texts, -2.0)])
    return Lesson(
        encoder=ENCODER,
        texts=Texts(
            end_to_end(ids),
            folds=rng.integers(0, 5, texts).astype(np.int8),
            is_own=rng.random(texts) < 0.5,
            room=ENCODER.window.size - 2,
        ),
        logits=logits.astype(np.float32),
        examples=texts - 50,
    )
