"""Builds small real things for tests."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from classifier import artifact
from classifier.calibration import BetaCalibration
from classifier.classifier import Classifier
from classifier.graph import EncoderShape
from classifier.labels import LABELS, OUTPUTS
from classifier.routing import Thresholds
from classifier.screen import (
    PAIR_BITS,
    PAIR_SCALE,
    PAIRS,
    SCRIPT,
    TOKEN_SCALE,
    TOKENS,
    Screen,
    ScreenRule,
)
from classifier.screen_network import (
    BIAS,
    FAR,
    FAR_BIAS,
    MIX,
    MIX_BIAS,
    NEAR,
    NEAR_BIAS,
    OUT,
    PROJECTION,
    PROJECTION_BIAS,
    REACH,
)
from classifier.segmenter import Segmenter
from classifier.text import normalise
from classifier.tokenizer import SPECIAL_PIECES, build_tokenizer
from classifier.windows import WindowShape
from classifier.word_table import pack
from training.publish import ModelParts, calibrated, publish, rewrite
from training.quantise import encoder_tensors
from training.screen.student import Tensors

CORPUS = Path(__file__).parent.parent / "data" / "corpus"
TINY_SHAPE = EncoderShape(
    width=64,
    layers=2,
    heads=4,
    intermediate=128,
    positions=64,
    outputs=len(OUTPUTS),
    layer_norm_eps=1e-12,
)
TINY_LANGUAGES = ("en", "ar", "fr")


def build_tiny_model(folder: Path, seed: int = 0) -> Path:
    """A model folder with random weights over the letters of the corpus.

    Promises what any model folder does, and that its scores differ from text to text; that they
    mean anything it does not promise. About half of all texts reach its review thresholds.
    """
    rng = np.random.default_rng(seed)
    pieces = _letter_pieces()
    tensors: dict[str, npt.NDArray[Any]] = {
        **encoder_tensors(_random_state(rng), TINY_SHAPE.layers),
        "word.blocks": pack(rng.normal(0, 1, (len(pieces), TINY_SHAPE.width)).astype(np.float32)),
        "head.weight": rng.normal(0, 0.4, (len(OUTPUTS), TINY_SHAPE.width)).astype(np.float32),
        "head.bias": np.zeros(len(OUTPUTS), np.float32),
        "language.weight": rng.normal(0, 2, (len(TINY_LANGUAGES), TINY_SHAPE.width)).astype(
            np.float16
        ),
        "language.bias": np.zeros(len(TINY_LANGUAGES), np.float16),
    }
    parts = ModelParts(
        tensors=tensors,
        tokenizer=build_tokenizer(pieces),
        encoder=TINY_SHAPE,
        window=WindowShape(size=48, overlap=8),
        languages=TINY_LANGUAGES,
        name="tiny",
        base="random",
        data="none",
    )
    manifest = publish(folder, parts, card="# A random model for tests\n")
    logits = Classifier.load(folder, threads=1).logits(
        [normalise(text) for text in _corpus()[::200]]
    )
    calibration = {
        label: BetaCalibration("platt", 1 / scale, 1 / scale, -middle / scale)
        for label, middle, scale in zip(
            LABELS, np.median(logits, axis=0).tolist(), logits.std(axis=0).tolist(), strict=False
        )
    }
    thresholds = {label: Thresholds(review=0.5, priority=0.8) for label in LABELS}
    rewrite(folder, calibrated(manifest, calibration, thresholds, {}), "# A test model\n")
    return folder


def random_screen(folder: Path, texts: Sequence[str], seed: int = 1) -> tuple[Tensors, ScreenRule]:
    """A screen of random weights for the model in `folder`; it clears half of `texts`."""
    words = Classifier.load(folder, threads=1)._encoder.words
    rng = np.random.default_rng(seed)
    pieces, labels = len(words), len(LABELS)
    tensors: Tensors = {
        TOKENS: rng.integers(-127, 128, (pieces, labels), np.int8),
        TOKEN_SCALE: np.full(labels, 0.01, np.float32),
        PAIRS: rng.integers(-127, 128, (1 << PAIR_BITS, labels), np.int8),
        PAIR_SCALE: np.full(labels, 0.01, np.float32),
        SCRIPT: np.ones(pieces, np.uint8),
        **random_network(rng, words.width),
    }
    rule = ScreenRule(
        cut=0.0,
        scripts=("none", "any"),
        evidenced=("any",),
        calibration=dict.fromkeys(LABELS, BetaCalibration("platt", 0.1, 0.1, -2.0)),
        support={},
    )
    ids = Segmenter.load(folder / artifact.TOKENIZER).ids(texts)
    highest = Screen(tensors, rule, words).worst([[row] for row in ids]).max(axis=1)
    return tensors, replace(rule, cut=float(np.median(highest)))


def random_network(rng: np.random.Generator, width: int) -> Tensors:
    """The tensors of a screen's small network over word rows of `width`."""
    projected, channels, mixed = 5, 6, 4

    def matrix(outputs: int, inputs: int) -> npt.NDArray[np.float16]:
        return rng.normal(0, inputs**-0.5, (outputs, inputs)).astype(np.float16)

    def bias(outputs: int) -> npt.NDArray[np.float32]:
        return rng.normal(0, 0.3, outputs).astype(np.float32)

    return {
        PROJECTION: matrix(projected, width),
        PROJECTION_BIAS: bias(projected),
        NEAR: matrix(channels, REACH * projected),
        NEAR_BIAS: bias(channels),
        FAR: matrix(channels, REACH * channels),
        FAR_BIAS: bias(channels),
        MIX: matrix(mixed, 2 * channels),
        MIX_BIAS: bias(mixed),
        OUT: matrix(len(LABELS), mixed).astype(np.float32),
        BIAS: np.full(len(LABELS), -1, np.float32),
    }


def _corpus() -> list[str]:
    """The first three rounds of writing, so that later ones leave the model as it is."""
    return [
        json.loads(line)["text"]
        for path in sorted(CORPUS.glob("[tuv]*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]


def _letter_pieces() -> list[tuple[str, float]]:
    letters = set("".join(map(normalise, _corpus()[::5]))) - {" ", "\n", "▁"}
    special = [(piece, 0.0) for piece in SPECIAL_PIECES]
    return [*special, ("▁", -2.0), *((letter, -8.0) for letter in sorted(letters))]


def _random_state(rng: np.random.Generator) -> dict[str, npt.NDArray[np.float32]]:
    """A random Hugging Face BERT state of TINY_SHAPE, norms left as they begin."""
    width, inner = TINY_SHAPE.width, TINY_SHAPE.intermediate
    linear = {
        "attention.self.query": (width, width),
        "attention.self.key": (width, width),
        "attention.self.value": (width, width),
        "attention.output.dense": (width, width),
        "intermediate.dense": (inner, width),
        "output.dense": (width, inner),
    }
    norms = ["embeddings.LayerNorm"]
    state = {
        "embeddings.position_embeddings.weight": rng.normal(0, 0.1, (TINY_SHAPE.positions, width)),
        "embeddings.token_type_embeddings.weight": rng.normal(0, 0.1, (2, width)),
    }
    for layer in range(TINY_SHAPE.layers):
        at = f"encoder.layer.{layer}"
        for name, shape in linear.items():
            state[f"{at}.{name}.weight"] = rng.normal(0, 0.15, shape)
            state[f"{at}.{name}.bias"] = np.zeros(shape[0])
        norms += [f"{at}.attention.output.LayerNorm", f"{at}.output.LayerNorm"]
    for name in norms:
        state[f"{name}.weight"] = np.ones(width)
        state[f"{name}.bias"] = np.zeros(width)
    return {name: values.astype(np.float32) for name, values in state.items()}
