"""The contenders: the same model in other forms, and in a process of its own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer

from benchmarks.speed.checkpoint.hub_folder import write_hub_folder
from benchmarks.speed.checkpoint.modeling_lure import LureForSequenceClassification
from benchmarks.speed.contenders.contender import Name, Setting
from benchmarks.speed.contenders.thresholds import judge_answers, judge_logits
from benchmarks.speed.errors import ContenderError
from benchmarks.speed.process import Process
from classifier.artifact import read_manifest
from classifier.classifier import Classifier
from classifier.labels import LABELS
from classifier.tokenizer import BOS, EOS, PAD
from tests.benchmarks.settings import tiny_setting

TEXTS = ["a boat at night", "work abroad, no papers needed", "good morning to you all"]


@pytest.fixture(scope="module")
def setting(tmp_path_factory: pytest.TempPathFactory) -> Setting:
    return tiny_setting(tmp_path_factory.mktemp("tiny"))


def test_the_hub_folder_holds_the_same_model(setting: Setting, tmp_path: Path) -> None:
    classifier = Classifier.load(setting.model, threads=1)
    hub = write_hub_folder(setting.model, tmp_path / "hub")
    float_model: Any = LureForSequenceClassification.from_pretrained(hub)
    tokenizer = Tokenizer.from_file(str(hub / "tokenizer.json"))
    tokenizer.enable_padding(pad_id=PAD)
    ids = torch.tensor([encoding.ids for encoding in tokenizer.encode_batch(TEXTS)])
    assert ids[0, 0] == BOS
    assert EOS in ids[0]
    with torch.inference_mode():
        logits = float_model.eval()(ids).logits.numpy()
    np.testing.assert_allclose(logits, classifier.logits(TEXTS), atol=0.15)


def test_a_hub_folder_of_more_layers_repeats_those_there_are(
    setting: Setting, tmp_path: Path
) -> None:
    depth = read_manifest(setting.model).encoder.layers
    hub = write_hub_folder(setting.model, tmp_path / "deep", 2 * depth)
    deep: Any = LureForSequenceClassification.from_pretrained(hub)
    layers = [layer.output.dense.weight for layer in deep.bert.encoder.layer]
    assert len(layers) == 2 * depth
    torch.testing.assert_close(layers[0], layers[1], rtol=0, atol=0)
    assert not torch.equal(layers[1], layers[2])


def test_a_rival_is_judged_by_the_calibrated_review_thresholds(setting: Setting) -> None:
    manifest = read_manifest(setting.model)
    logits = np.random.default_rng(0).normal(0, 3, (200, 15))
    judged = judge_logits(logits, setting.review)
    for index, label in enumerate(LABELS):
        scores = manifest.calibration[label].apply(logits[:, index])
        expected = scores >= manifest.thresholds[label].review
        assert [judgement.flagged[index] for judgement in judged] == expected.tolist()


def test_answers_of_transformers_are_judged_whatever_their_order() -> None:
    first, second = (label.value for label in LABELS)
    answer = [{"label": second, "score": 0.9}, {"label": "other", "score": 1.0}]
    answer.append({"label": first, "score": 0.0})
    (judgement,) = judge_answers([answer], (0.0, 0.0))
    assert judgement.flagged == (False, True)


def test_a_process_says_what_the_classifier_says_and_what_it_took(
    setting: Setting, tmp_path: Path
) -> None:
    process = Process(Name.ENCODER, setting, tmp_path / "log")
    try:
        done = process.run(TEXTS, process.ready.batches[0])
    finally:
        process.close()
    scores = Classifier.load(setting.model, threads=1).score(TEXTS)
    expected = [score.to_dict()["labels"] for score in scores]
    found = [
        [label for label, flag in zip(LABELS, judgement.flagged, strict=True) if flag]
        for judgement in done.judgements
    ]
    assert found == expected
    assert done.seconds > 0
    assert done.peak_mib > 50


def test_a_process_that_cannot_load_says_why(setting: Setting, tmp_path: Path) -> None:
    with pytest.raises(ContenderError, match="ArtifactMissingError"):
        Process(Name.ENCODER, replace(setting, model=tmp_path / "none"), tmp_path / "log")
