from __future__ import annotations

import gc
import warnings
from collections.abc import Iterator
from typing import Any

import pytest

from classifier.classifier import Classifier
from classifier.errors import MalformedRowError
from classifier.records import Post, Rejection
from serving.bulk.rows import Row, rejected
from serving.bulk.scoring import Chunk, local_engine

OBJECT_STORE_BYTES = 100_000_000


@pytest.fixture(scope="session")
def cluster() -> Iterator[Any]:
    """A node that scores nothing and one that does, to which a test may add another."""
    with warnings.catch_warnings():
        # Ray's own: deprecated settings that it reads itself, pipes that it leaves to the
        # collector.
        warnings.simplefilter("ignore")
        from ray.cluster_utils import Cluster

        size = {"object_store_memory": OBJECT_STORE_BYTES}
        head = {
            **size,
            "num_cpus": 0,
            "include_dashboard": False,
            # A lost node is noticed in seconds, not in half a minute.
            "_system_config": {"health_check_period_ms": 500, "health_check_initial_delay_ms": 500},
        }
        cluster = Cluster(initialize_head=True, head_node_args=head)
        cluster.add_node(num_cpus=1, **size)
        yield cluster
        cluster.shutdown()
        del cluster
        gc.collect()


@pytest.fixture(scope="session")
def chunks() -> list[Chunk]:
    """Rows of all kinds, in enough chunks that some are in hand when a worker dies."""
    rows = [_row(line) for line in range(1, 2_401)]
    return [rows[start : start + 100] for start in range(0, len(rows), 100)]


@pytest.fixture(scope="session")
def expected(classifier: Classifier, chunks: list[Chunk]) -> list[dict[str, Any]]:
    """What the local engine makes of the chunks."""
    return records_of(local_engine(classifier)(chunks))


def records_of(results: Iterator[Any]) -> list[dict[str, Any]]:
    return [record.to_dict() for records in results for record in records]


def _row(line: int) -> Row:
    if line % 97 == 5:
        return rejected(MalformedRowError("expected JSON"), line)
    if line % 89 == 7:
        return Row(line, Rejection(f"p{line}", MalformedRowError("no text"), line))
    text = "" if line % 83 == 9 else f"Two seats in boat {line}, pay on arrival " * (1 + line % 4)
    return Row(line, Post(f"p{line}", text, title="Crossing" if line % 5 == 0 else None))
