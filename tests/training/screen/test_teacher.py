from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import load_file

from classifier import artifact
from classifier.artifact import read_manifest
from classifier.classifier import Classifier
from classifier.labels import LABELS
from classifier.rows import end_to_end
from classifier.segmenter import Segmenter
from classifier.word_table import unpack
from training.distillation.padding import Openings
from training.screen.teacher import Teacher

TEXTS = ["a seat", "boats leave at night, no papers asked", "visa " * 12, "w", "good morning all"]


def test_the_teacher_says_what_the_encoder_says(tiny_model: Path) -> None:
    weights = load_file(tiny_model / artifact.WEIGHTS)
    manifest = read_manifest(tiny_model)
    encoder = manifest.encoder
    table = torch.from_numpy(unpack(weights["word.blocks"]))
    teacher = Teacher(weights, table, encoder.layers, encoder.heads, encoder.layer_norm_eps)
    rows = end_to_end(Segmenter.load(tiny_model / artifact.TOKENIZER).ids(TEXTS))
    # One window each: of a longer text the runtime takes the worst.
    openings = Openings(rows, manifest.window.size - 2, table.device)
    short = np.flatnonzero(rows.lengths <= manifest.window.size - 2)
    assert len(short) >= 4
    found = teacher.logits(openings.padded(short)).numpy()
    expected = Classifier.load(tiny_model, threads=1).logits([TEXTS[number] for number in short])
    # The runtime rounds activations to int8, and adds the n-grams that this model has none of.
    np.testing.assert_allclose(found, expected[:, : len(LABELS)], atol=0.1)
