from __future__ import annotations

import os
import signal
import subprocess
import sys
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from benchmarks.ray_processes import node_that_scores, scorers_under
from serving.bulk.ray_engine import RayOptions, open_engine
from serving.bulk.scoring import Chunk
from tests.serving.bulk.ray.conftest import OBJECT_STORE_BYTES, records_of

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning:ray"),
]


@pytest.mark.parametrize("actors", [1, 2])
def test_the_records_are_those_of_the_local_engine(
    cluster: Any,
    model_folder: Path,
    chunks: list[Chunk],
    expected: list[dict[str, Any]],
    actors: int,
) -> None:
    with open_engine(model_folder, RayOptions(cluster.address, actors)) as engine:
        assert records_of(engine(chunks)) == expected


def test_waves_follow_each_other_without_a_gap(
    cluster: Any,
    model_folder: Path,
    chunks: list[Chunk],
    expected: list[dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("serving.bulk.ray_engine.WAVE_CHUNKS", 2)
    with open_engine(model_folder, RayOptions(cluster.address, 1)) as engine:
        assert records_of(engine(chunks[:5])) == expected[:500]


def test_a_killed_worker_costs_no_row_and_doubles_none(
    cluster: Any, model_folder: Path, chunks: list[Chunk], expected: list[dict[str, Any]]
) -> None:
    found = []
    workers: list[set[int]] = []
    with open_engine(model_folder, RayOptions(cluster.address, 2)) as engine:
        for number, records in enumerate(engine(chunks)):
            workers.append(set(scorers_under(os.getpid())))
            if number == 2:
                os.kill(min(workers[-1]), signal.SIGKILL)
            found += [record.to_dict() for record in records]
    assert found == expected
    before, after = {*chain(*workers[:3])}, {*chain(*workers[3:])}
    assert after - before, "nothing had to be done again"


def test_a_killed_node_costs_no_row_and_doubles_none(
    cluster: Any, model_folder: Path, chunks: list[Chunk], expected: list[dict[str, Any]]
) -> None:
    cluster.add_node(num_cpus=1, object_store_memory=OBJECT_STORE_BYTES)
    found = []
    with open_engine(model_folder, RayOptions(cluster.address, 2)) as engine:
        for number, records in enumerate(engine(chunks)):
            if number == 2:
                node = node_that_scores(cluster.worker_nodes)
                cluster.remove_node(node, allow_graceful=False)
            found += [record.to_dict() for record in records]
    assert found == expected


def test_what_ray_says_does_not_get_among_the_records(
    cluster: Any,
    model_folder: Path,
    chunks: list[Chunk],
    capfd: pytest.CaptureFixture[str],
) -> None:
    with open_engine(model_folder, RayOptions(cluster.address, 1)) as engine:
        results = engine(chunks)
        next(results)
        os.kill(scorers_under(os.getpid())[0], signal.SIGKILL)
        for records in results:
            sys.stdout.buffer.write(b"r" * len(records))
    sys.stdout.flush()
    assert set(capfd.readouterr().out) == {"r"}


def test_the_command_starts_a_cluster_of_its_own_and_writes_the_same_bytes(
    model_folder: Path, tmp_path: Path
) -> None:
    source = tmp_path / "posts.txt"
    source.write_text("".join(f"Seat {line} in the boat\n" for line in range(300)) + "\n")
    written = []
    for engine in ("local", "ray"):
        target = tmp_path / f"{engine}.jsonl"
        options = ["--engine", engine, "--threads", "1", "--model", model_folder]
        command = [sys.executable, "-m", "lurewatch", "score", source, *options]
        environment = {name: value for name, value in os.environ.items() if name != "RAY_ADDRESS"}
        done = subprocess.run(
            [*command, "--output", target], env=environment, capture_output=True, check=False
        )
        assert (done.returncode, done.stdout) == (1, b""), done.stderr.decode()
        written.append(target.read_bytes())
    assert written[0] == written[1]
