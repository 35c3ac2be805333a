"""A model folder that is not what it says is refused, with the file and the remedy named."""

from __future__ import annotations

import ast
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import classifier as package
from classifier.artifact import Manifest, read_manifest
from classifier.classifier import Classifier
from classifier.errors import ArtifactError, ArtifactMismatchError, ArtifactMissingError

FILES = ("weights.safetensors", "tokenizer.json")


@pytest.fixture
def folder(tmp_path: Path, tiny_model: Path) -> Path:
    return Path(shutil.copytree(tiny_model, tmp_path / "copy"))


def change_manifest(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    path = folder / "manifest.json"
    table = json.loads(path.read_text(encoding="utf-8"))
    change(table)
    path.write_text(json.dumps(table), encoding="utf-8")


@pytest.mark.parametrize("name", FILES)
def test_a_flipped_byte_is_refused(folder: Path, name: str) -> None:
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(ArtifactMismatchError, match=rf"{name} .* fetch the model folder again"):
        Classifier.load(folder)


@pytest.mark.parametrize("name", FILES)
def test_a_file_cut_short_is_refused(folder: Path, name: str) -> None:
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[: len(content) // 2])
    with pytest.raises(ArtifactMismatchError, match=rf"{name} .* cut short"):
        Classifier.load(folder)


@pytest.mark.parametrize("name", FILES)
def test_an_absent_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(ArtifactMissingError, match=rf"{name} is absent; fetch"):
        Classifier.load(folder)


def test_a_folder_without_a_manifest_says_what_to_give(tmp_path: Path) -> None:
    with pytest.raises(ArtifactMissingError, match=r"no manifest\.json; give .* or train one"):
        Classifier.load(tmp_path)


def test_a_folder_that_is_not_there_says_what_to_give(tmp_path: Path) -> None:
    with pytest.raises(ArtifactMissingError, match=r"nowhere holds no manifest\.json"):
        Classifier.load(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("format", 2, "has format 2, this version reads 1; install the version"),
        ("labels", ["fake_job", "smuggling_service"], "has labels"),
        ("facets", ["transport"], "has facets"),
        ("policy", "0", "has policy 0, this version expects 1; train a model for this policy"),
    ],
)
def test_a_manifest_of_another_kind_is_refused(
    folder: Path, key: str, value: object, told: str
) -> None:
    change_manifest(folder, lambda table: table.update({key: value}))
    with pytest.raises(ArtifactMismatchError, match=rf"manifest\.json {told}"):
        read_manifest(folder)


@pytest.mark.parametrize(
    "content",
    [
        b"not JSON",
        b"",
        b"[]",
        b"null",
        b'{"format": 1}',
        b'\xff\xfe{"format": 1}',
    ],
)
def test_a_manifest_that_is_none_is_refused(folder: Path, content: bytes) -> None:
    (folder / "manifest.json").write_bytes(content)
    with pytest.raises(ArtifactMismatchError, match=r"manifest\.json .*fetch the model folder"):
        read_manifest(folder)


@pytest.mark.parametrize(
    "change",
    [
        lambda table: table["calibration"].pop("fake_job"),
        lambda table: table["thresholds"]["fake_job"].update(other=1),
        lambda table: table["encoder"].pop("width"),
        lambda table: table.update(window={"size": 10, "overlap": 9}),
        lambda table: table.update(files=["weights.safetensors", "tokenizer.json"]),
        lambda table: table["files"].pop("weights.safetensors"),
        lambda table: table["files"].update({"tokenizer.json": None}),
        lambda table: table.pop("languages"),
    ],
)
def test_a_manifest_with_a_part_missing_or_odd_is_refused(
    folder: Path, change: Callable[[dict[str, Any]], object]
) -> None:
    change_manifest(folder, change)
    with pytest.raises(ArtifactMismatchError, match=r"manifest\.json cannot be read"):
        read_manifest(folder)


def test_every_refusal_is_one_kind_of_error() -> None:
    assert issubclass(ArtifactMissingError, ArtifactError)
    assert issubclass(ArtifactMismatchError, ArtifactError)


def test_a_manifest_survives_writing_and_reading(tiny_model: Path) -> None:
    manifest = read_manifest(tiny_model)
    assert Manifest.from_json(manifest.to_json()) == manifest


def test_a_model_folder_holds_nothing_that_could_run(tiny_model: Path) -> None:
    suffixes = {path.suffix for path in tiny_model.iterdir()}
    assert suffixes == {".json", ".safetensors", ".md"}


def test_nothing_is_unpickled() -> None:
    unsafe = {"pickle", "dill", "joblib", "marshal", "shelve", "cloudpickle"}
    for path in Path(package.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            assert not {name.split(".")[0] for name in names} & unsafe, path
            assert not (isinstance(node, ast.keyword) and node.arg == "allow_pickle"), path
