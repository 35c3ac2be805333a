"""A fitted model on disk: what fine-tuning hands over to export, in a folder of its own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load_file, save_file
from tokenizers import Tokenizer

from classifier.labels import Label
from classifier.ngrams import KEYS
from classifier.windows import WindowShape
from training.errors import CheckpointError
from training.fit import FitResult
from training.model import LureModel
from training.prepare import Prepared
from training.recipe import Recipe

Tensors = Mapping[str, npt.NDArray[Any]]

_WEIGHTS = "float.safetensors"
_NGRAMS = "ngrams.safetensors"
_TOKENIZER = "tokenizer.json"
_FACTS = "fit.json"
_BLOCKS = "word.blocks"


@dataclass(frozen=True, slots=True)
class LexicalPart:
    """The tensors that `classifier.ngrams` reads, and what their logit was multiplied with."""

    tensors: Tensors
    says: Mapping[Label, float]


@dataclass(frozen=True, slots=True)
class FittedModel:
    """`state` is the float model's, without the word table; `facts` is what `fit.json` holds.

    `ngrams` are the tensors of the lexical part, none where the recipe wants none.
    """

    state: Mapping[str, npt.NDArray[np.float32]]
    blocks: npt.NDArray[np.uint8]
    ngrams: Tensors
    tokenizer: Tokenizer
    facts: Mapping[str, Any]

    @property
    def window(self) -> WindowShape:
        shape = self.facts["recipe"]["shape"]
        return WindowShape(size=shape["window"], overlap=shape["overlap"])


def save_fitted(
    folder: Path,
    model: LureModel,
    prepared: Prepared,
    recipe: Recipe,
    result: FitResult,
    data_hash: str,
) -> None:
    """Write what fine-tuning made, without n-grams."""
    config = prepared.base.config
    facts = {
        "recipe": recipe.to_dict(),
        "recipe_fingerprint": recipe.fingerprint(),
        "base": prepared.base.origin,
        "data": data_hash,
        "fit": asdict(result),
        "encoder": {
            "width": config.hidden_size,
            "layers": config.num_hidden_layers,
            "heads": config.num_attention_heads,
            "intermediate": config.intermediate_size,
            "positions": config.max_position_embeddings,
            "layer_norm_eps": config.layer_norm_eps,
        },
        "vocabulary_growth": dict(prepared.vocabulary.growth),
    }
    write_fitted(
        folder, FittedModel(state_of(model), prepared.blocks, {}, prepared.tokenizer, facts)
    )


def state_of(model: LureModel) -> dict[str, npt.NDArray[np.float32]]:
    return {name: value.detach().cpu().numpy() for name, value in model.state_dict().items()}


def write_fitted(folder: Path, fitted: FittedModel) -> None:
    """Write the folder, all but the n-grams; `fit.json` comes last: its presence means complete."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _FACTS).unlink(missing_ok=True)
    (folder / _NGRAMS).unlink(missing_ok=True)
    save_file({**fitted.state, _BLOCKS: fitted.blocks}, folder / _WEIGHTS)
    fitted.tokenizer.save(str(folder / _TOKENIZER))
    text = json.dumps(dict(fitted.facts), indent=2) + "\n"
    (folder / _FACTS).write_text(text, encoding="utf-8")


def add_lexical_part(folder: Path, part: LexicalPart) -> None:
    """Put it beside the encoder; `fit.json` tells its size and its say."""
    save_file({**part.tensors}, folder / _NGRAMS)
    facts = json.loads((folder / _FACTS).read_text(encoding="utf-8"))
    facts["ngrams"] = {
        "kept": len(part.tensors[KEYS]) if part.tensors else 0,
        "says": {label.value: say for label, say in part.says.items()},
    }
    (folder / _FACTS).write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")


def load_fitted(folder: Path) -> FittedModel:
    """Raises CheckpointError where the folder holds no finished fit."""
    if not (folder / _FACTS).is_file():
        raise CheckpointError(f"{folder} holds no finished fit; run `lurewatch train` first")
    tensors = load_file(folder / _WEIGHTS)
    blocks = tensors.pop(_BLOCKS)
    ngrams = folder / _NGRAMS
    return FittedModel(
        state=tensors,
        blocks=blocks,
        ngrams=load_file(ngrams) if ngrams.is_file() else {},
        tokenizer=Tokenizer.from_file(str(folder / _TOKENIZER)),
        facts=json.loads((folder / _FACTS).read_text(encoding="utf-8")),
    )
