"""Turns a float encoder into the tensors that `classifier.graph` builds from, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

_PARTS = {
    "attention.self.query": "query",
    "attention.self.key": "key",
    "attention.self.value": "value",
    "attention.output.dense": "attention_output",
    "intermediate.dense": "intermediate",
    "output.dense": "output",
}
_NORMS = {"attention.output.LayerNorm": "attention_norm", "output.LayerNorm": "output_norm"}

FloatArray = npt.NDArray[np.float32]


def quantise_matrix(matrix: FloatArray) -> tuple[npt.NDArray[np.int8], FloatArray]:
    """Symmetric int8 with one scale per output channel: `[out, in]` to int8 and `[out, 1]`."""
    scale = np.abs(matrix).max(axis=1, keepdims=True) / 127
    scale = np.where(scale == 0, 1, scale).astype(np.float32)
    return np.rint(matrix / scale).astype(np.int8), scale


def encoder_tensors(state: Mapping[str, FloatArray], layers: int) -> dict[str, npt.NDArray[Any]]:
    """The tensors of an encoder's Hugging Face `BertModel` state, all but the word table.

    The one token type in use is added to the positions, which are kept as float16.
    """
    position = state["embeddings.position_embeddings.weight"]
    kind = state["embeddings.token_type_embeddings.weight"][0]
    tensors: dict[str, npt.NDArray[Any]] = {
        "position": (position + kind).astype(np.float16),
        "embedding.norm.weight": state["embeddings.LayerNorm.weight"],
        "embedding.norm.bias": state["embeddings.LayerNorm.bias"],
    }
    for layer in range(layers):
        source, target = f"encoder.layer.{layer}", f"layer.{layer}"
        for theirs, ours in _PARTS.items():
            weight, scale = quantise_matrix(state[f"{source}.{theirs}.weight"])
            tensors[f"{target}.{ours}.weight"] = weight
            tensors[f"{target}.{ours}.scale"] = scale
            tensors[f"{target}.{ours}.bias"] = state[f"{source}.{theirs}.bias"]
        for theirs, ours in _NORMS.items():
            for part in ("weight", "bias"):
                tensors[f"{target}.{ours}.{part}"] = state[f"{source}.{theirs}.{part}"]
    return tensors


def encoder_state(
    tensors: Mapping[str, npt.NDArray[Any]], layers: Sequence[int]
) -> dict[str, FloatArray]:
    """The state of a `BertModel` whose layers are those of these numbers, all but the word table.

    What `encoder_tensors` made of one, up to rounding; the token type is in the positions.
    """
    position = tensors["position"].astype(np.float32)
    state: dict[str, FloatArray] = {
        "embeddings.position_embeddings.weight": position,
        "embeddings.token_type_embeddings.weight": np.zeros((2, position.shape[1]), np.float32),
        "embeddings.LayerNorm.weight": tensors["embedding.norm.weight"],
        "embeddings.LayerNorm.bias": tensors["embedding.norm.bias"],
    }
    for number, layer in enumerate(layers):
        source, target = f"layer.{layer}", f"encoder.layer.{number}"
        for theirs, ours in _PARTS.items():
            weight = tensors[f"{source}.{ours}.weight"].astype(np.float32)
            state[f"{target}.{theirs}.weight"] = weight * tensors[f"{source}.{ours}.scale"]
            state[f"{target}.{theirs}.bias"] = tensors[f"{source}.{ours}.bias"]
        for theirs, ours in _NORMS.items():
            for part in ("weight", "bias"):
                state[f"{target}.{theirs}.{part}"] = tensors[f"{source}.{ours}.{part}"]
    return {name: np.ascontiguousarray(values, np.float32) for name, values in state.items()}
