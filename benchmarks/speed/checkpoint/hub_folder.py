"""Writes the shipped int8 weights as a float32 folder that `transformers` loads.

A float computation costs the same whatever its weights, so that nothing is lost for measuring
speed, and whoever has a clone has the contenders. The n-grams stay behind: no rival runs them.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load_file, save_file
from tokenizers import Tokenizer
from tokenizers.processors import TemplateProcessing

from classifier import artifact
from classifier.artifact import Manifest, read_manifest
from classifier.labels import OUTPUTS
from classifier.tokenizer import BOS, EOS, PAD, SPECIAL_PIECES, UNWRITABLE
from classifier.word_table import unpack
from training.quantise import encoder_state

MODELLING = Path(__file__).with_name("modeling_lure.py")

FloatArray = npt.NDArray[np.float32]


def write_hub_folder(model: Path, folder: Path, layers: int | None = None) -> Path:
    """The model folder `model` as a `transformers` folder; returns `folder`.

    Of another number of `layers` it takes as long as an encoder that deep, and says nothing: some
    of its layers come more than once.

    Raises:
        ArtifactError: `model` is no model folder.
    """
    manifest = read_manifest(model)
    tensors = load_file(model / artifact.WEIGHTS)
    folder.mkdir(parents=True, exist_ok=True)
    state = float_state(manifest, tensors, layers or manifest.encoder.layers)
    save_file(state, folder / "model.safetensors", {"format": "pt"})
    shutil.copyfile(MODELLING, folder / MODELLING.name)
    _write_tokenizer(model, manifest, folder)
    config = _config(manifest, len(tensors["word.blocks"]), layers or manifest.encoder.layers)
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
    return folder


def float_state(
    manifest: Manifest, tensors: Mapping[str, npt.NDArray[Any]], layers: int
) -> dict[str, FloatArray]:
    """The state of `LureForSequenceClassification`, from the tensors of a model folder."""
    # As many layers as asked for, each as often as the next.
    taken = [number * manifest.encoder.layers // layers for number in range(layers)]
    encoder = encoder_state(tensors, taken)
    return {
        **{f"bert.{name}": values for name, values in encoder.items()},
        "bert.embeddings.word_embeddings.weight": unpack(tensors["word.blocks"]),
        "classifier.weight": tensors["head.weight"].astype(np.float32),
        "classifier.bias": tensors["head.bias"].astype(np.float32),
    }


def _config(manifest: Manifest, pieces: int, layers: int) -> dict[str, Any]:
    shape = manifest.encoder
    return {
        "architectures": ["LureForSequenceClassification"],
        "auto_map": {
            "AutoModelForSequenceClassification": (
                f"{MODELLING.stem}.LureForSequenceClassification"
            )
        },
        "model_type": "bert",
        "problem_type": "multi_label_classification",
        "vocab_size": pieces,
        "hidden_size": shape.width,
        "num_hidden_layers": layers,
        "num_attention_heads": shape.heads,
        "intermediate_size": shape.intermediate,
        "max_position_embeddings": shape.positions,
        "layer_norm_eps": shape.layer_norm_eps,
        "bos_token_id": BOS,
        "pad_token_id": PAD,
        "eos_token_id": EOS,
        "id2label": {str(index): output.value for index, output in enumerate(OUTPUTS)},
        "label2id": {output.value: index for index, output in enumerate(OUTPUTS)},
        "torch_dtype": "float32",
    }


def _write_tokenizer(model: Path, manifest: Manifest, folder: Path) -> None:
    bos, pad, eos, unknown = (UNWRITABLE + piece for piece in SPECIAL_PIECES)
    tokenizer = Tokenizer.from_file(str(model / artifact.TOKENIZER))
    tokenizer.post_processor = TemplateProcessing(
        single=[bos, "$A", eos], special_tokens=[(bos, BOS), (eos, EOS)]
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    config = {
        # The name that versions 4 and 5 of transformers both know.
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": manifest.window.size,
        "model_input_names": ["input_ids", "attention_mask"],
        "bos_token": bos,
        "cls_token": bos,
        "pad_token": pad,
        "eos_token": eos,
        "sep_token": eos,
        "unk_token": unknown,
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=2), encoding="utf-8")
