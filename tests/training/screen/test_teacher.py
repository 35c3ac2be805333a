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
from training.screen.distil import encoder_of
from training.screen.teacher import published_encoder

TEXTS = ["a seat", "boats leave at night, no papers asked", "visa " * 12, "w", "good morning all"]


def test_the_teacher_says_what_the_encoder_says(tiny_model: Path) -> None:
    weights = load_file(tiny_model / artifact.WEIGHTS)
    manifest = read_manifest(tiny_model)
    table = torch.from_numpy(unpack(weights["word.blocks"]))
    teacher = published_encoder(weights, table, encoder_of(manifest))
    rows = end_to_end(Segmenter.load(tiny_model / artifact.TOKENIZER).ids(TEXTS))
    # One window each: of a longer text the runtime takes the worst.
    openings = Openings(rows, manifest.window.size - 2, table.device)
    short = np.flatnonzero(rows.lengths <= manifest.window.size - 2)
    assert len(short) >= 4
    with torch.inference_mode():
        found = teacher(openings.padded(short).framed()).logits[:, : len(LABELS)].numpy()
    expected = Classifier.load(tiny_model, threads=1).logits([TEXTS[number] for number in short])
    # The runtime rounds activations to int8, and adds the n-grams that this model has none of.
    np.testing.assert_allclose(found, expected[:, : len(LABELS)], atol=0.1)
