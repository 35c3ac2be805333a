"""Rows per second on Ray with 1 and 2 actors beside the local engine, and runs with kills.

Every run's records are held against those of the local engine on one thread.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import signal
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.ray_processes import node_that_scores, scorers_under
from classifier.classifier import Classifier
from classifier.records import Post
from serving.bulk.ray_engine import RayOptions, open_engine
from serving.bulk.rows import Row
from serving.bulk.scoring import Chunk, Engine, chunked, local_engine

CORPUS = Path(__file__).parent.parent / "data" / "corpus"
OBJECT_STORE_BYTES = 500_000_000

Opened = Callable[[], AbstractContextManager[Engine]]


@dataclass(frozen=True, slots=True)
class Run:
    """`first_seconds` and `seconds` run from handing over the rows, cluster and connection ready,
    to the first and the last record: with Ray, the start of the actors is within them.
    """

    name: str
    rows: int
    first_seconds: float
    seconds: float
    digest: str

    @property
    def rate(self) -> float:
        return self.rows / self.seconds


def timed(
    name: str, engine: Engine, chunks: list[Chunk], strike: Callable[[], None] | None = None
) -> Run:
    """Run to the end, and call `strike` when a third of the chunks have come back."""
    digest = hashlib.sha256()
    rows = 0
    first = 0.0
    began = time.perf_counter()
    for number, records in enumerate(engine(chunks)):
        first = first or time.perf_counter() - began
        for record in records:
            digest.update(json.dumps(record.to_dict()).encode())
        rows += len(records)
        if strike is not None and number == len(chunks) // 3:
            strike()
    run = Run(name, rows, first, time.perf_counter() - began, digest.hexdigest())
    sys.stderr.write(f"{name}: {run.rate:.0f} rows/s, first after {first:.1f} s\n")
    return run


def in_turns(contenders: dict[str, Opened], chunks: list[Chunk], rounds: int) -> list[Run]:
    runs = []
    for _ in range(rounds):
        for name, opened in contenders.items():
            with opened() as engine:
                runs.append(timed(name, engine, chunks))
    return runs


def with_kills(chunks: list[Chunk]) -> list[Run]:
    """One run with a worker killed, and one with a node of two that score."""
    from ray.cluster_utils import Cluster

    size = {"object_store_memory": OBJECT_STORE_BYTES}
    head = {**size, "num_cpus": 0, "include_dashboard": False}
    cluster = Cluster(initialize_head=True, head_node_args=head)
    try:
        nodes = [cluster.add_node(num_cpus=1, **size) for _ in range(2)]

        def kill_worker() -> None:
            os.kill(scorers_under(os.getpid())[0], signal.SIGKILL)

        def kill_node() -> None:
            cluster.remove_node(node_that_scores(nodes), allow_graceful=False)

        runs = []
        for name, strike in (("a worker killed", kill_worker), ("a node killed", kill_node)):
            with open_engine(None, RayOptions(cluster.address, actors=2)) as engine:
                runs.append(timed(f"ray, 2 actors, {name}", engine, chunks, strike))
        return runs
    finally:
        cluster.shutdown()


@contextmanager
def _local(threads: int) -> Iterator[Engine]:
    yield local_engine(Classifier.load(threads=threads))


def corpus_rows(most: int) -> list[Row]:
    """Distinct texts of the corpus, evenly spaced."""
    texts = [
        json.loads(line)["text"]
        for path in sorted(CORPUS.glob("*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    chosen = list(dict.fromkeys(texts))
    chosen = chosen[:: -(-len(chosen) // most)]
    return [Row(line, Post(str(line), text)) for line, text in enumerate(chosen, start=1)]


def summary(runs: Iterable[Run], expected: str) -> list[dict[str, Any]]:
    by_name: dict[str, list[Run]] = {}
    for run in runs:
        by_name.setdefault(run.name, []).append(run)
    return [
        {
            "name": name,
            "median_rows_per_second": statistics.median(run.rate for run in of_name),
            "equal_to_local": all(run.digest == expected for run in of_name),
            "runs": [asdict(run) for run in of_name],
        }
        for name, of_name in by_name.items()
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", type=int, default=20_000, help="texts, evenly spaced")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--out", type=Path, default=Path("artifacts/benchmarks"))
    args = parser.parse_args()
    rows = corpus_rows(args.most)
    chunks = list(chunked(rows))
    contenders: dict[str, Opened] = {
        "local, 1 thread": lambda: _local(1),
        "ray, 1 actor": lambda: open_engine(None, RayOptions(actors=1)),
        "local, 2 threads": lambda: _local(2),
        "ray, 2 actors": lambda: open_engine(None, RayOptions(actors=2)),
    }
    runs = in_turns(contenders, chunks, args.rounds)
    lines = summary([*runs, *with_kills(chunks)], runs[0].digest)
    args.out.mkdir(parents=True, exist_ok=True)
    report = {"rows": len(rows), "chunks": len(chunks), "runs": lines}
    text = json.dumps(report, indent=2) + "\n"
    (args.out / "ray.json").write_text(text, encoding="utf-8")
    sys.stdout.write(text)
    return 0 if all(line["equal_to_local"] for line in lines) else 1


if __name__ == "__main__":
    sys.exit(main())
