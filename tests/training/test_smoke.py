"""The whole of a training run, as a user starts it: build, train, kill, resume, score."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from classifier.classifier import Classifier
from classifier.records import Score
from data.build import build
from data.splits import MANIFEST_NAME
from lurewatch.__main__ import main
from tests.data.builders import corpus_sample
from training.errors import RecipeError
from training.recipe import load_recipe
from training.run import run as run_recipe

pytestmark = pytest.mark.slow

LIMIT_SECONDS = 900
RECIPE = Path(__file__).parent.parent.parent / "training" / "recipes" / "smoke.toml"


@dataclass(frozen=True, slots=True)
class Run:
    """A finished `lurewatch train` and the folder it wrote."""

    out: Path
    process: subprocess.CompletedProcess[str]

    @property
    def steps(self) -> int:
        return int(self._fit()["steps"])

    @property
    def validation(self) -> float:
        return float(self._fit()["validation"])

    def evaluations(self) -> dict[int, float]:
        """Validation average precision by step, as the run told it."""
        told = re.findall(
            r"step (\d+)  validation: average_precision (\d\.\d+)", self.process.stderr
        )
        return {int(step): float(value) for step, value in told}

    def _fit(self) -> dict[str, float]:
        facts = json.loads((self.out / "fitted" / "fit.json").read_text(encoding="utf-8"))
        fit: dict[str, float] = facts["fit"]
        return fit


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "lurewatch", "train", "smoke", *map(str, arguments)]


def environment() -> dict[str, str]:
    """One thread: for a model this small a second costs time, above all on a busy machine."""
    return {**os.environ, "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}


def train(out: Path, data: Path, *more: str) -> Run:
    process = subprocess.run(
        command("--data", data, "--out", out, *more),
        env=environment(),
        capture_output=True,
        text=True,
        timeout=LIMIT_SECONDS,
    )
    return Run(out, process)


def train_until_killed(out: Path, data: Path) -> None:
    """Start a run and kill it once its first checkpoint is complete."""
    with (out.parent / "killed.log").open("wb") as log:
        process = subprocess.Popen(
            command("--data", data, "--out", out),
            env=environment(),
            stdout=log,
            stderr=log,
        )
    deadline = time.monotonic() + LIMIT_SECONDS
    while not list(out.glob("checkpoints/checkpoint-*/trainer_state.json")):
        assert process.poll() is None, (out.parent / "killed.log").read_text(encoding="utf-8")
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Part of every corpus file: enough for the recipe, and the time goes into training."""
    folder = tmp_path_factory.mktemp("data")
    build(folder, corpus=corpus_sample(tmp_path_factory.mktemp("corpus"), rows=160))
    return folder


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, data: Path) -> Run:
    return train(tmp_path_factory.mktemp("undisturbed"), data)


def test_a_run_ends_well_and_says_so(undisturbed: Run) -> None:
    process = undisturbed.process
    assert process.returncode == 0, process.stderr
    assert re.search(r"Validation average precision 0\.\d+ after 80 of 80 steps", process.stdout)
    assert f"Model: {undisturbed.out / 'model'}" in process.stdout
    assert re.search(r"step 50 of 80  loss \d.*left", process.stderr)
    assert "Traceback" not in process.stderr


def test_the_model_it_writes_loads_and_scores(undisturbed: Run) -> None:
    classifier = Classifier.load(undisturbed.out / "model", threads=1)
    (answer,) = classifier.score(["A boat to Italy on Thursday, pay when you arrive"])
    assert isinstance(answer, Score)
    assert classifier.manifest.model.startswith("smoke-")
    assert classifier.manifest.facts["fit"]["steps"] == undisturbed.steps
    assert (undisturbed.out / "model" / "README.md").read_text().startswith("# smoke-")


def test_a_killed_run_resumed_ends_where_the_undisturbed_one_did(
    tmp_path: Path, data: Path, undisturbed: Run
) -> None:
    out = tmp_path / "out"
    train_until_killed(out, data)
    assert not (out / "fitted" / "fit.json").exists()
    # What a kill in the middle of writing a checkpoint leaves.
    half_written = out / "checkpoints" / "checkpoint-79"
    half_written.mkdir(exist_ok=True)
    (half_written / "model.safetensors").write_bytes(b"")

    resumed = train(out, data, "--resume")
    assert resumed.process.returncode == 0, resumed.process.stderr
    assert resumed.steps == undisturbed.steps
    assert resumed.validation == pytest.approx(undisturbed.validation, abs=0.005)
    # It did not start again, and what it had learnt and saw next was the same.
    whole, rest = undisturbed.evaluations(), resumed.evaluations()
    assert 20 in whole.keys() - rest.keys()
    assert 80 in rest
    for step, value in rest.items():
        assert value == pytest.approx(whole[step], abs=0.005)


def test_a_run_of_another_recipe_is_not_resumed(
    tmp_path: Path, data: Path, undisturbed: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    changed = tmp_path / "smoke.toml"
    changed.write_text(RECIPE.read_text(encoding="utf-8").replace("2e-3", "3e-3"), encoding="utf-8")
    assert resume(changed, data, undisturbed.out) == 1
    assert "belongs to another recipe or data build" in capsys.readouterr().err


def test_a_run_on_other_data_is_not_resumed(
    tmp_path: Path, data: Path, undisturbed: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    other = Path(shutil.copytree(data, tmp_path / "data"))
    manifest = json.loads((data / MANIFEST_NAME).read_text(encoding="utf-8"))
    (other / MANIFEST_NAME).write_text(json.dumps({**manifest, "hash": "f" * 64}))
    assert resume("smoke", other, undisturbed.out) == 1
    assert "belongs to another recipe or data build" in capsys.readouterr().err


def test_data_that_were_not_built_are_missed_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert resume("smoke", tmp_path / "nowhere", tmp_path / "out") == 1
    assert "lurewatch data build" in capsys.readouterr().err


def resume(recipe: str | Path, data: Path, out: Path) -> int:
    return main(["train", str(recipe), "--data", str(data), "--out", str(out), "--resume"])


def test_more_layers_than_the_base_has_are_refused_before_anything_is_trained(
    tmp_path: Path, data: Path
) -> None:
    recipe = load_recipe("smoke")
    deep = replace(recipe, depth=replace(recipe.depth, layers=2))
    with pytest.raises(RecipeError, match="fewer than the 2 of the base, found 2"):
        run_recipe(deep, data, tmp_path / "out")
    assert not (tmp_path / "out").exists()
