"""Reads all sources that are there and says which are not."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from classifier.errors import UsageError
from data.errors import RowFault, SchemaError
from data.progress import Track, untracked
from data.records import Example, read_examples
from data.sources import emscad_hub
from data.sources.corpus import read_corpus
from data.sources.public import PUBLIC_SETS, read_public


@dataclass(frozen=True, slots=True)
class Gathered:
    """Examples of all sources, the SHA-256 of each input by name, and the sources not there."""

    examples: list[Example]
    inputs: Mapping[str, str]
    absent: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Input:
    name: str
    path: Path
    read: Callable[[], list[Example]]


def gather(
    corpus: Sequence[Path],
    datasets: Path | None,
    *,
    emscad: str | None = None,
    decisions: Sequence[Path] = (),
    track: Track = untracked,
) -> Gathered:
    """Read the corpus files, the public sets in the folder `datasets`, and EMSCAD from the hub.

    With `emscad` (the name of a dataset on the hub) the partial copy in the folder is not read.
    `decisions` are files that `lurewatch data import-decisions` wrote.
    Raises UsageError for a folder that is not there, SchemaError with the faults of all files.
    """
    if datasets is not None and not datasets.is_dir():
        raise UsageError(f"the folder of public data sets {datasets} does not exist")
    files = [_Input(f"corpus/{path.name}", path, partial(read_corpus, path)) for path in corpus]
    absent: list[str] = []
    files += [
        _Input(f"decisions/{path.name}", path, partial(read_examples, path)) for path in decisions
    ]
    for public_set in PUBLIC_SETS:
        if emscad is not None and public_set.name == emscad_hub.NAME:
            continue
        if datasets is None or not (path := datasets / public_set.file_name).is_file():
            absent.append(public_set.name)
            continue
        read = partial(read_public, public_set, datasets)
        files.append(_Input(f"datasets/{path.name}", path, read))

    examples: list[Example] = []
    inputs: dict[str, str] = {}
    faults: list[RowFault] = []
    for file in track(files, "Reading"):
        try:
            examples.extend(file.read())
        except SchemaError as error:
            faults.extend(error.faults)
        else:
            inputs[file.name] = file_digest(file.path)
    if faults:
        raise SchemaError(faults)
    if emscad is not None:
        rows = emscad_hub.load_emscad(emscad)
        examples.extend(rows)
        inputs[f"hub/{emscad}"] = _rows_digest(rows)
    return Gathered(examples, inputs, tuple(absent))


def file_digest(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _rows_digest(rows: Sequence[Example]) -> str:
    """The hub's files are not ours to hash: their content is."""
    digest = hashlib.sha256()
    for row in rows:
        digest.update(json.dumps(row.to_dict()).encode())
    return digest.hexdigest()
