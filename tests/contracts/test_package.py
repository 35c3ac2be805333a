"""What is installed: pins, the wheel's packages, and the model that ships."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from classifier.artifact import read_manifest
from classifier.classifier import Classifier, shipped_model
from classifier.labels import LABELS

ROOT = Path(__file__).parent.parent.parent
MOST_MODEL_BYTES = 48_000_000


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    with (ROOT / "pyproject.toml").open("rb") as file:
        return tomllib.load(file)


def plain(requirement: str) -> str:
    """The normalised name that a requirement starts with (PEP 503)."""
    name = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert name is not None, requirement
    return re.sub(r"[-_.]+", "-", name[0]).lower()


def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    wanted = [line for line in lines if line and not line.startswith("#")]
    return {plain(line): line for line in wanted}


def test_every_dependency_is_pinned(project: dict[str, Any]) -> None:
    table = project["project"]
    required = [
        *table["dependencies"],
        *(name for extra in table["optional-dependencies"].values() for name in extra),
        *project["build-system"]["requires"],
    ]
    assert {plain(requirement) for requirement in required} - pins().keys() == set()


def test_every_pin_is_exact() -> None:
    assert [line for line in pins().values() if not re.fullmatch(r"\S+==[\w.+!]+", line)] == []
    assert pins()["torch"] == "torch==2.13.0"


def test_scoring_alone_installs_no_training_stack(project: dict[str, Any]) -> None:
    names = {plain(requirement) for requirement in project["project"]["dependencies"]}
    heavy = {"torch", "transformers", "datasets", "scikit-learn", "datasketch", "accelerate"}
    assert not names & heavy


def test_the_wheel_lists_every_package(project: dict[str, Any]) -> None:
    listed = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    there = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "benchmarks"}
    assert set(listed) == there
    assert "models" in listed


def test_nothing_that_ships_is_ignored() -> None:
    """A line `data/` or `models/` would drop the folder from the wheel without a word."""
    lines = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    ignored = {line.strip("/ ") for line in lines}
    assert not ignored & {"data", "models", "data/corpus", "models/default", "*.json", "*.jsonl"}
    assert not ignored & {"*.safetensors", "*.toml", "*.md", "*.html"}


def test_the_shipped_model_matches_its_manifest() -> None:
    folder = shipped_model()
    manifest = read_manifest(folder)
    assert Classifier.load(folder, threads=1).manifest == manifest
    assert set(manifest.thresholds) == set(LABELS)
    assert {path.suffix for path in folder.iterdir()} == {".json", ".safetensors", ".md"}
    assert sum(path.stat().st_size for path in folder.iterdir()) <= MOST_MODEL_BYTES
