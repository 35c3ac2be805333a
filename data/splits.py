"""Reading what `lurewatch data build` wrote."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from data.errors import SplitMissingError
from data.records import Example, read_examples

SPLITS = ("train", "validation", "calibration", "test")

MANIFEST_NAME = "manifest.json"


def split_path(folder: Path, name: str) -> Path:
    return folder / f"{name}.jsonl"


def load_split(folder: Path, name: str) -> list[Example]:
    """The examples of one of SPLITS, in order of id.

    Raises SplitMissingError when the folder holds no finished build, SchemaError when the file
    was damaged.
    """
    path = split_path(folder, name)
    if name not in SPLITS:
        raise SplitMissingError(f"the splits are {', '.join(SPLITS)}; there is no {name!r}")
    if not (folder / MANIFEST_NAME).is_file() or not path.is_file():
        raise _missing(folder)
    return read_examples(path)


def load_manifest(folder: Path) -> dict[str, Any]:
    """The manifest, written last: its presence means that the build is complete."""
    path = folder / MANIFEST_NAME
    if not path.is_file():
        raise _missing(folder)
    manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return manifest


def _missing(folder: Path) -> SplitMissingError:
    return SplitMissingError(
        f"{folder} holds no finished build. Run `lurewatch data build --out {folder}` first."
    )
