"""Builds the encoder's OpenVINO graph from named tensors: layers of BERT and a linear head.

In: `embeddings` float32 `[batch, tokens, width]` (word rows only) and `mask` float32
`[batch, tokens]`, 1 for a token and 0 for padding. Out: `shares` float32
`[batch, tokens, outputs]`, each token's hidden state times the head's weights. The head is linear
over the mean of the hidden states, so the mean of a text's shares plus the bias is its logits:
the shares are exact.

Matrices are int8 with a scale per output channel. OpenVINO keeps them so in memory and, where
asked, quantises activations per group of a row, hence independently of the rest of the batch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import openvino as ov
from openvino import opset13 as op

Tensors = Mapping[str, npt.NDArray[Any]]


@dataclass(frozen=True, slots=True)
class EncoderShape:
    """Sizes of the encoder; `width` is a multiple of `heads`."""

    width: int
    layers: int
    heads: int
    intermediate: int
    positions: int
    outputs: int
    layer_norm_eps: float


def build_graph(shape: EncoderShape, tensors: Tensors) -> ov.Model:
    """The graph of `tensors`, named as `layer_tensor_names` lists them."""
    embeddings = op.parameter([-1, -1, shape.width], np.float32, name="embeddings")
    mask = op.parameter([-1, -1], np.float32, name="mask")
    tokens = op.gather(op.shape_of(embeddings), op.constant(1), op.constant(0))
    positions = op.slice(
        _constant(tensors["position"]),
        op.constant([0]),
        op.unsqueeze(tokens, op.constant(0)),
        op.constant([1]),
        op.constant([0]),
    )
    hidden = _layer_norm(op.add(embeddings, positions), shape, tensors, "embedding.norm")
    bias = op.multiply(
        op.subtract(op.unsqueeze(mask, op.constant([1, 2])), _scalar(1.0)), _scalar(1e4)
    )
    for layer in range(shape.layers):
        hidden = _layer(hidden, bias, shape, tensors, f"layer.{layer}")
    shares = op.matmul(hidden, _constant(tensors["head.weight"]), False, True)
    shares.set_friendly_name("shares")
    return ov.Model([op.result(shares)], [embeddings, mask], "lurewatch-encoder")


def _layer(
    hidden: ov.Node, bias: ov.Node, shape: EncoderShape, tensors: Tensors, at: str
) -> ov.Node:
    query, key, value = (
        _heads(_linear(hidden, tensors, f"{at}.{part}"), shape)
        for part in ("query", "key", "value")
    )
    attended = op.scaled_dot_product_attention(query, key, value, bias)
    joined = op.reshape(
        op.transpose(attended, op.constant([0, 2, 1, 3])),
        op.constant([0, 0, shape.width]),
        special_zero=True,
    )
    attention = _linear(joined, tensors, f"{at}.attention_output")
    hidden = _layer_norm(op.add(hidden, attention), shape, tensors, f"{at}.attention_norm")
    inner = op.gelu(_linear(hidden, tensors, f"{at}.intermediate"), "erf")
    outer = _linear(inner, tensors, f"{at}.output")
    return _layer_norm(op.add(hidden, outer), shape, tensors, f"{at}.output_norm")


def _heads(states: ov.Node, shape: EncoderShape) -> ov.Node:
    split = op.reshape(
        states,
        op.constant([0, 0, shape.heads, shape.width // shape.heads]),
        special_zero=True,
    )
    return op.transpose(split, op.constant([0, 2, 1, 3]))


def _linear(states: ov.Node, tensors: Tensors, name: str) -> ov.Node:
    weight = op.multiply(
        op.convert(_constant(tensors[f"{name}.weight"]), "f32"),
        _constant(tensors[f"{name}.scale"]),
    )
    return op.add(op.matmul(states, weight, False, True), _constant(tensors[f"{name}.bias"]))


def _layer_norm(states: ov.Node, shape: EncoderShape, tensors: Tensors, name: str) -> ov.Node:
    normalised = op.mvn(states, op.constant([-1]), True, shape.layer_norm_eps, "inside_sqrt")
    scaled = op.multiply(normalised, _constant(tensors[f"{name}.weight"]))
    return op.add(scaled, _constant(tensors[f"{name}.bias"]))


def _constant(values: npt.NDArray[Any]) -> ov.Node:
    return op.constant(values if values.dtype == np.int8 else values.astype(np.float32))


def _scalar(value: float) -> ov.Node:
    return op.constant(np.float32(value))
