"""A small teacher of random weights, and texts to learn from."""

from __future__ import annotations

import numpy as np
import torch
from transformers import BertConfig

from classifier.rows import end_to_end
from training.distillation.texts import Texts
from training.model import LureModel

PIECES, WIDTH, LAYERS = 60, 32, 4


def teacher() -> LureModel:
    torch.manual_seed(3)
    config = BertConfig(
        vocab_size=1,
        hidden_size=WIDTH,
        num_hidden_layers=LAYERS,
        num_attention_heads=4,
        intermediate_size=2 * WIDTH,
        max_position_embeddings=40,
        initializer_range=0.3,
    )
    return LureModel(config, torch.randn(PIECES, WIDTH), dropout=0.1).eval()


def texts(count: int = 300, seed: int = 5) -> Texts:
    rng = np.random.default_rng(seed)
    ids = [rng.integers(4, PIECES, size=length).tolist() for length in rng.integers(1, 30, count)]
    return Texts(
        end_to_end(ids),
        folds=rng.integers(0, 5, count).astype(np.int8),
        is_own=rng.random(count) < 0.5,
        room=20,
    )
