"""What scoring must not load, and how packages may lean on each other's weight."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import lurewatch
from lurewatch.__main__ import COMMANDS

ROOT = Path(__file__).parent.parent.parent
PACKAGES = ("classifier", "data", "training", "evaluation", "serving", "lurewatch", "models")
TRAINING_STACK = ("torch", "transformers", "sklearn", "datasets", "datasketch", "accelerate")
LIGHT = (
    "lurewatch",
    "lurewatch.__main__",
    "classifier.classifier",
    "serving.app",
    *(command.module for command in COMMANDS.values() if command.extra is None),
)
MOST_LINES = 400


def loaded_by(code: str, modules: tuple[str, ...]) -> set[str]:
    """Which of `modules` a fresh interpreter has loaded after running `code`."""
    asked = f"import sys\n{code}\nprint(*(set({modules!r}) & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_scoring_and_serving_load_no_training_stack() -> None:
    code = "\n".join(f"import {module}" for module in LIGHT)
    assert loaded_by(code, TRAINING_STACK) == set()


def test_the_command_starts_without_the_runtime() -> None:
    heavy = ("openvino", "numpy", "fastapi", "sqlalchemy", "classifier.classifier")
    assert loaded_by("import lurewatch.__main__", heavy) == set()


def test_training_loads_no_attack() -> None:
    """The import rule sees which modules name each other; this sees what their packages load."""
    assert loaded_by("import training.run, training.oof", ("evaluation.attacks",)) == set()


def test_the_check_would_see_a_module_that_is_loaded() -> None:
    assert loaded_by("import json", ("json", "torch")) == {"json"}


@pytest.mark.parametrize("name", lurewatch.__all__)
def test_every_public_name_can_be_imported(name: str) -> None:
    assert getattr(lurewatch, name).__name__ == name


def test_public_names_are_in_order_and_others_are_refused() -> None:
    assert lurewatch.__all__ == sorted(lurewatch.__all__)
    with pytest.raises(AttributeError, match="no attribute 'Classifer'"):
        lurewatch.Classifer  # noqa: B018


@pytest.mark.parametrize("package", PACKAGES)
def test_every_package_says_what_it_is(package: str) -> None:
    assert import_module(package).__doc__


def test_no_module_is_too_long_to_read() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > MOST_LINES
    }
    assert long == {}


def test_every_folder_of_tests_is_a_package() -> None:
    folders = {path.parent for path in (ROOT / "tests").rglob("*.py")}
    assert [folder for folder in sorted(folders) if not (folder / "__init__.py").is_file()] == []
