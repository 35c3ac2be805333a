"""The encoder of a model folder in torch: what it would say of texts by the million.

The same int8 weights as in `classifier.encoder`, made float again. The n-grams beside it are left
out: they read the text, not its tokens.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from transformers import BertConfig

from training.model import LureModel
from training.quantise import encoder_state
from training.screen.lesson import Encoder


def published_encoder(
    tensors: Mapping[str, npt.NDArray[Any]], table: Tensor, encoder: Encoder
) -> LureModel:
    """`tensors` are a model folder's weights and `table` `[pieces, width]` its word rows, on the
    device to compute on.
    """
    config = BertConfig(
        vocab_size=1,
        hidden_size=table.shape[1],
        num_hidden_layers=encoder.layers,
        num_attention_heads=encoder.heads,
        intermediate_size=len(tensors["layer.0.intermediate.bias"]),
        max_position_embeddings=len(tensors["position"]),
        layer_norm_eps=encoder.layer_norm_eps,
    )
    model = LureModel(config, table, dropout=0.0)
    state = {
        f"encoder.{name}": values
        for name, values in encoder_state(tensors, range(encoder.layers)).items()
    }
    state |= {name: tensors[name].astype(np.float32) for name in ("head.weight", "head.bias")}
    known = {name: torch.from_numpy(values) for name, values in state.items()}
    # The model takes word rows, not the one row of its own.
    model.load_state_dict({**model.state_dict(), **known})
    return model.to(table.device).eval()
