"""Scores texts with the float model exactly as the runtime does: same windows, same calibration.

The yardstick for the runtime: what differs is the arithmetic alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from transformers import BertConfig

from classifier.labels import LABELS
from classifier.windows import windows_of
from classifier.word_table import unpack
from training.encode import pad, token_ids
from training.fitted import FittedModel
from training.model import LureModel
from training.ngrams import ngram_logits

_BATCH = 16


def float_model(fitted: FittedModel) -> LureModel:
    """The fitted model in float32, ready to score."""
    sizes: Mapping[str, Any] = fitted.facts["encoder"]
    config = BertConfig(
        vocab_size=1,
        hidden_size=sizes["width"],
        num_hidden_layers=sizes["layers"],
        num_attention_heads=sizes["heads"],
        intermediate_size=sizes["intermediate"],
        max_position_embeddings=sizes["positions"],
        layer_norm_eps=sizes["layer_norm_eps"],
    )
    model = LureModel(config, torch.from_numpy(unpack(fitted.blocks)), dropout=0.0)
    model.load_state_dict({k: torch.from_numpy(v) for k, v in fitted.state.items()})
    return model.eval()


def float_logits(fitted: FittedModel, texts: Sequence[str]) -> npt.NDArray[np.float64]:
    """Logits `[texts, OUTPUTS]` of normalised texts, a long one worth its worst window."""
    logits = encoder_logits(fitted, texts)
    ids = token_ids(fitted.tokenizer, texts)
    logits[:, : len(LABELS)] += ngram_logits(fitted.ngrams, texts, ids)
    return logits


def encoder_logits(fitted: FittedModel, texts: Sequence[str]) -> npt.NDArray[np.float64]:
    """As `float_logits`, without the lexical part."""
    model = float_model(fitted)
    shape = fitted.window
    windows, owners = [], []
    for owner, ids in enumerate(token_ids(fitted.tokenizer, texts)):
        of_text = windows_of(ids, shape)
        windows += of_text
        owners += [owner] * len(of_text)
    order = np.argsort([len(window) for window in windows], kind="stable")
    logits = np.zeros((len(windows), model.head.out_features))
    with torch.inference_mode():
        for at in range(0, len(order), _BATCH):
            members = order[at : at + _BATCH]
            scored = model(pad([windows[index] for index in members]))
            logits[members] = scored.logits.numpy()
    worst = np.full((len(texts), logits.shape[1]), -np.inf)
    np.maximum.at(worst, np.array(owners), logits)
    return worst
