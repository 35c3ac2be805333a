"""The command `lurewatch` as a user meets it: help, exit statuses, errors in one line."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from classifier.artifact import read_manifest
from lurewatch.__main__ import COMMANDS, main
from tests.builders import build_tiny_model


@pytest.fixture(scope="module")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_tiny_model(tmp_path_factory.mktemp("model") / "tiny")


@pytest.fixture
def broken_model(tmp_path: Path, tiny_model: Path) -> Path:
    folder = Path(shutil.copytree(tiny_model, tmp_path / "broken"))
    weights = bytearray((folder / "weights.safetensors").read_bytes())
    weights[-1] ^= 1
    (folder / "weights.safetensors").write_bytes(weights)
    return folder


def lurewatch(*arguments: str | Path, code: str = "") -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, after running `code` in it."""
    started = f"{code}\nimport sys\nfrom lurewatch.__main__ import main\nsys.exit(main())"
    return subprocess.run(
        [sys.executable, "-c", started, *map(str, arguments)],
        env={**os.environ, "HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
    )


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    shown = capsys.readouterr().out
    for name, command in COMMANDS.items():
        assert f"  {name} " in shown
        assert command.summary in shown


def test_the_module_runs_as_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "lurewatch", "--version"], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (0, f"lurewatch {version('lurewatch')}\n")


@pytest.mark.parametrize("arguments", [[], ["scoer"], ["--verbose"], ["model"], ["model", "sow"]])
def test_a_command_line_that_cannot_be_meant_ends_with_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    shown = capsys.readouterr()
    assert shown.out + shown.err
    assert "Traceback" not in shown.err


def test_an_unknown_command_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    main(["scoer"])
    assert capsys.readouterr().err == (
        "lurewatch: there is no command 'scoer'; see lurewatch --help\n"
    )


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_of_its_own(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([name, "--help"]) == 0
    assert f"usage: lurewatch {name}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "package"), [("data", "rich"), ("train", "torch"), ("evaluate", "sklearn")]
)
def test_a_missing_extra_is_told_in_one_sentence(name: str, package: str) -> None:
    """None in sys.modules makes an import fail as if the package were not installed."""
    done = lurewatch(name, "--help", code=f"import sys\nsys.modules[{package!r}] = None")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert f"lurewatch {name} needs the package {package}" in done.stderr
    assert 'pip install "lurewatch[train]"' in done.stderr


def test_a_sound_model_verifies(tiny_model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["model", "verify", "--model", str(tiny_model)]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith(f"{read_manifest(tiny_model).model}: 2 files, ")
    assert shown.endswith("match their hashes; the model loads and scores\n")


def test_a_corrupted_model_is_refused_in_one_line(broken_model: Path) -> None:
    for action in ("verify", "show"):
        done = lurewatch("model", action, "--model", broken_model)
        assert done.returncode == 1
        assert done.stdout == ""
        assert done.stderr.count("\n") == 1
        assert "weights.safetensors was expected to have SHA-256" in done.stderr
        assert "fetch the model folder again" in done.stderr


def test_a_model_that_is_not_there_is_refused_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["model", "verify", "--model", str(tmp_path / "nowhere")]) == 1
    shown = capsys.readouterr().err
    assert shown.count("\n") == 1
    assert "holds no manifest.json" in shown


def test_a_model_can_be_shown_to_people_and_programs(
    tiny_model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    manifest = read_manifest(tiny_model)
    assert main(["model", "show", "--model", str(tiny_model)]) == 0
    shown = capsys.readouterr().out
    assert manifest.model in shown
    assert all(label.value in shown for label in manifest.thresholds)
    assert main(["model", "show", "--model", str(tiny_model), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["model"] == manifest.model
