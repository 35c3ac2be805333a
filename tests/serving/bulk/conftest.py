from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import pytest

from classifier.classifier import Classifier
from serving.commands.score import add_arguments, run
from tests.builders import build_tiny_model


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_tiny_model(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="session")
def classifier(model_folder: Path) -> Classifier:
    return Classifier.load(model_folder, threads=1)


@pytest.fixture
def score(model_folder: Path) -> Callable[..., int]:
    """Run the command in this process."""

    def call(*arguments: str | Path) -> int:
        parser = argparse.ArgumentParser()
        add_arguments(parser)
        model = ("--model", str(model_folder), "--threads", "1")
        return run(parser.parse_args([*model, *map(str, arguments)]))

    return call
