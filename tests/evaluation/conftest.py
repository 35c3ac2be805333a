"""A tiny real model and a small build of invented rows, made once for all tests here."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from classifier.classifier import Classifier
from data.records import Example, write_examples
from data.splits import MANIFEST_NAME, SPLITS, split_path
from tests.builders import build_tiny_model
from tests.evaluation.examples import example


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_tiny_model(tmp_path_factory.mktemp("model") / "tiny")


@pytest.fixture(scope="session")
def tiny_classifier(tiny_model: Path) -> Classifier:
    return Classifier.load(tiny_model, threads=1)


@pytest.fixture(scope="session")
def corpus_build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished build of the corpus alone: no EMSCAD, no public rows."""
    return _write(tmp_path_factory.mktemp("data"), public=[])


@pytest.fixture(scope="session")
def public_build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished build with public rows in every split."""
    public = [
        example(f"p{n}", f"what a lovely day number {n} it was", source="brighter", language="sw")
        for n in range(20)
    ]
    return _write(tmp_path_factory.mktemp("data"), public)


def _write(folder: Path, public: list[Example]) -> Path:
    for split in SPLITS:
        write_examples(split_path(folder, split), [*_labelled(split), *public])
    (folder / MANIFEST_NAME).write_text(json.dumps({"hash": "f" * 64}), encoding="utf-8")
    return folder


def _labelled(split: str) -> list[Example]:
    rows = []
    for n in range(12):
        fold = n % 5
        rows += [
            example(
                f"{split}-s{n}",
                f"boat to the coast for {n} people tonight, pay when you arrive",
                smuggling=True,
                slice_name="smuggling_transport",
                fold=fold,
            ),
            example(
                f"{split}-j{n}",
                f"typing work at home, {n} places left, register today for a small fee",
                job=True,
                slice_name="fake_job_advance_fee",
                fold=fold,
            ),
            example(
                f"{split}-e{n}",
                f"the ferry of day {n} leaves an hour later because of the storm",
                evasion="leet" if n % 2 else None,
                fold=fold,
            ),
        ]
    return rows
