"""The whole of a training run, as a user starts it: build, train, kill, resume, score."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from classifier.classifier import Classifier
from classifier.records import Score
from data.build import build
from data.sources.corpus import corpus_files
from data.splits import MANIFEST_NAME

pytestmark = pytest.mark.slow

LIMIT_SECONDS = 600
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

    def _fit(self) -> dict[str, float]:
        facts = json.loads((self.out / "fitted" / "fit.json").read_text(encoding="utf-8"))
        fit: dict[str, float] = facts["fit"]
        return fit


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "lurewatch", "train", *map(str, arguments)]


def environment() -> dict[str, str]:
    return {**os.environ, "HF_HUB_OFFLINE": "1"}


def train(out: Path, data: Path, *more: str, recipe: str | Path = "smoke") -> Run:
    process = subprocess.run(
        command(recipe, "--data", data, "--out", out, *more),
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
            command("smoke", "--data", data, "--out", out),
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
    folder = tmp_path_factory.mktemp("data")
    build(folder, corpus=corpus_files())
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


def test_it_has_learnt_something(undisturbed: Run) -> None:
    assert undisturbed.validation > 0.4


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
    assert "step 20," not in resumed.process.stderr  # it did not start again
    assert resumed.steps == undisturbed.steps
    assert resumed.validation == pytest.approx(undisturbed.validation, abs=0.005)


def test_a_run_of_another_recipe_or_data_is_not_resumed(
    tmp_path: Path, data: Path, undisturbed: Run
) -> None:
    changed = tmp_path / "smoke.toml"
    changed.write_text(RECIPE.read_text(encoding="utf-8").replace("2e-3", "3e-3"), encoding="utf-8")
    other_data = tmp_path / "data"
    other_data.mkdir()
    for path in data.iterdir():
        (other_data / path.name).symlink_to(path)
    (other_data / MANIFEST_NAME).unlink()
    manifest = json.loads((data / MANIFEST_NAME).read_text(encoding="utf-8"))
    (other_data / MANIFEST_NAME).write_text(json.dumps({**manifest, "hash": "f" * 64}))

    for recipe, folder in ((changed, data), ("smoke", other_data)):
        refused = train(undisturbed.out, folder, "--resume", recipe=recipe)
        assert refused.process.returncode == 1
        assert "belongs to another recipe or data build" in refused.process.stderr
        assert "Traceback" not in refused.process.stderr


def test_nothing_to_resume_is_said(tmp_path: Path, data: Path) -> None:
    refused = train(tmp_path / "empty", data, "--resume")
    assert refused.process.returncode == 1
    assert "holds no checkpoint; start without --resume" in refused.process.stderr


def test_data_that_were_not_built_are_missed_at_once(tmp_path: Path) -> None:
    refused = train(tmp_path / "out", tmp_path / "nowhere")
    assert refused.process.returncode == 1
    assert "lurewatch data build" in refused.process.stderr
    assert "Traceback" not in refused.process.stderr
