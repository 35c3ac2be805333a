"""The encoder of a model folder in torch: what it would say of texts by the million.

The same int8 weights as in `classifier.encoder`, in half precision where there is a GPU. The
n-grams beside it are left out: they read the text, not its tokens.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from classifier.labels import LABELS
from classifier.tokenizer import PAD
from training.distillation.padding import Padded


class _Affine(NamedTuple):
    weight: Tensor
    bias: Tensor


@dataclass(frozen=True, slots=True)
class _Layer:
    query_key_value: _Affine
    attention_output: _Affine
    attention_norm: _Affine
    intermediate: _Affine
    output: _Affine
    output_norm: _Affine


class Teacher:
    """`tensors` are a model folder's weights and `table` `[pieces, width]` its word rows, on the
    device to compute on; `layers`, `heads` and `epsilon` are those of its encoder.
    """

    def __init__(
        self,
        tensors: Mapping[str, npt.NDArray[Any]],
        table: Tensor,
        layers: int,
        heads: int,
        epsilon: float,
    ) -> None:
        self._tensors, self._table = tensors, table
        self._half = torch.float16 if table.is_cuda else torch.float32
        self._heads, self._epsilon = heads, epsilon
        self._position = self._tensor("position")
        self._entry = self._pair("embedding.norm")
        self._layers = [self._layer(f"layer.{number}") for number in range(layers)]
        self._head = _Affine(
            self._tensor("head.weight")[: len(LABELS)], self._tensor("head.bias")[: len(LABELS)]
        )

    @torch.inference_mode()
    def logits(self, batch: Padded) -> Tensor:
        """Uncalibrated logits `[texts, labels]` of one window each."""
        ids = batch.framed()
        attended = (ids != PAD)[:, None, None, :]
        states = self._normalised(self._table[ids] + self._position[: ids.shape[1]], self._entry)
        states = states.to(self._half)
        for layer in self._layers:
            states = self._through(layer, states, attended)
        of_words = states[:, 1:-1].float() * batch.mask[:, :, None]
        mean = of_words.sum(dim=1) / batch.lengths[:, None]
        return functional.linear(mean, *self._head)

    def _through(self, layer: _Layer, states: Tensor, attended: Tensor) -> Tensor:
        texts, tokens, width = states.shape
        split = functional.linear(states, *layer.query_key_value)
        query, key, value = split.view(texts, tokens, 3, self._heads, width // self._heads).permute(
            2, 0, 3, 1, 4
        )
        mixed = functional.scaled_dot_product_attention(query, key, value, attn_mask=attended)
        joined = mixed.transpose(1, 2).reshape(texts, tokens, width)
        states = self._normalised(
            states + functional.linear(joined, *layer.attention_output), layer.attention_norm
        )
        inner = functional.gelu(functional.linear(states, *layer.intermediate))
        return self._normalised(states + functional.linear(inner, *layer.output), layer.output_norm)

    def _normalised(self, states: Tensor, norm: _Affine) -> Tensor:
        return functional.layer_norm(states, norm.weight.shape, *norm, self._epsilon)

    def _layer(self, at: str) -> _Layer:
        parts = [self._matrix(f"{at}.{part}") for part in ("query", "key", "value")]
        return _Layer(
            _Affine(torch.cat([p.weight for p in parts]), torch.cat([p.bias for p in parts])),
            self._matrix(f"{at}.attention_output"),
            self._pair(f"{at}.attention_norm", self._half),
            self._matrix(f"{at}.intermediate"),
            self._matrix(f"{at}.output"),
            self._pair(f"{at}.output_norm", self._half),
        )

    def _matrix(self, name: str) -> _Affine:
        weight = self._tensor(f"{name}.weight") * self._tensor(f"{name}.scale")
        return _Affine(weight.to(self._half), self._tensor(f"{name}.bias").to(self._half))

    def _pair(self, name: str, kind: torch.dtype = torch.float32) -> _Affine:
        return _Affine(
            self._tensor(f"{name}.weight").to(kind), self._tensor(f"{name}.bias").to(kind)
        )

    def _tensor(self, name: str) -> Tensor:
        return torch.from_numpy(self._tensors[name].astype(np.float32)).to(self._table.device)
