"""What runs in the worker processes of a Ray cluster: one model each, a chunk at a time.

Chunks travel as one pickled cell, rows in and records out. Arrow columns would need a second
description of `Row`, `Score` and `Rejection`, and a way back that gives the same records.
"""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import pyarrow as pa

from classifier.classifier import Classifier
from serving.bulk.errors import ClusterError
from serving.bulk.scoring import Chunk, Records, score_chunk

CHUNK = "chunk"
NUMBER = "number"


@dataclass(frozen=True, slots=True)
class WorkerOptions:
    """What every worker is told. `version` is that of the package where the run was started."""

    threads: int
    explain: bool
    screen: bool
    version: str


def package_version() -> str:
    try:
        return version("lurewatch")
    except PackageNotFoundError:
        return "not installed"


def pack(number: int, content: Chunk | Records) -> pa.Table:
    """Put one chunk, or the records of one, into a table of one row."""
    return pa.table({NUMBER: [number], CHUNK: pa.array([pickle.dumps(content)], pa.large_binary())})


def unpack(block: pa.Table) -> list[tuple[int, Any]]:
    """Give the number and the content of each chunk in a block."""
    cells = zip(block[NUMBER].to_pylist(), block[CHUNK].to_pylist(), strict=True)
    return [(number, pickle.loads(cell)) for number, cell in cells]


class ChunkScorer:
    """Loads the model once, then scores the chunks that Ray Data hands it.

    `model` refers to the files of the model folder by name: they come through the object store,
    so that no node needs a copy or a shared disk, and are checked against their hashes here.
    """

    def __init__(self, model: Any, options: WorkerOptions) -> None:
        import ray

        if package_version() != options.version:
            raise ClusterError(
                f"expected lurewatch {options.version} on every node, as where the run was"
                f" started, found {package_version()} on {ray.util.get_node_ip_address()}"
            )
        files = cast(Mapping[str, bytes], ray.get(model))
        with TemporaryDirectory(prefix="lurewatch-model-") as folder:
            for name, data in files.items():
                (Path(folder) / name).write_bytes(data)
            self._classifier = Classifier.load(
                Path(folder), threads=options.threads, screen=options.screen
            )
        self._explain = options.explain

    def __call__(self, block: pa.Table) -> pa.Table:
        scored = [
            pack(number, score_chunk(rows, self._classifier, explain=self._explain))
            for number, rows in unpack(block)
        ]
        return pa.concat_tables(scored)
