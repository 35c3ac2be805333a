"""The metrics of all workers, whichever of them is asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

PUBLISH_SECONDS = 1.0
"""How old the figures of another worker are at most."""

_LABEL = "worker"


class Siblings:
    """Worker `number` of those that keep their figures in `folder`, each in a file of its own.

    A label says whose a figure is, so that a worker which was replaced is a counter that began
    anew, as Prometheus expects it of any process.
    """

    def __init__(self, folder: Path, number: int) -> None:
        self._folder = folder
        self._number = number
        self._writing = threading.Lock()
        self._stopping = threading.Event()
        self._publisher: threading.Thread | None = None

    def start(self, registry: CollectorRegistry) -> None:
        """Publish every `PUBLISH_SECONDS` from now on, on a thread of its own."""
        self._publisher = threading.Thread(
            target=self._keep_publishing, args=(registry,), name="lurewatch-metrics", daemon=True
        )
        self._publisher.start()

    def stop(self) -> None:
        """Return when nothing is written any more."""
        self._stopping.set()
        if self._publisher is not None:
            self._publisher.join()

    def publish(self, registry: CollectorRegistry) -> None:
        """Write this worker's figures, whole or not at all."""
        target = self._folder / f"{self._number}.json"
        draft = target.with_suffix(".part")
        with self._writing:
            content = json.dumps([_to_dict(family) for family in registry.collect()])
            draft.write_text(content, encoding="utf-8")
            draft.replace(target)

    def gather(self, registry: CollectorRegistry) -> CollectorRegistry:
        """The figures of this worker as they are, and of the others as they were last written."""
        self.publish(registry)
        gathered = CollectorRegistry()
        gathered.register(_Gathered(self._folder))
        return gathered

    def _keep_publishing(self, registry: CollectorRegistry) -> None:
        self.publish(registry)
        while not self._stopping.wait(PUBLISH_SECONDS):
            self.publish(registry)


class _Gathered(Collector):
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def collect(self) -> Iterable[Metric]:
        families: dict[str, Metric] = {}
        for path in sorted(self._folder.glob("*.json")):
            for entry in json.loads(path.read_text(encoding="utf-8")):
                name = entry["name"]
                family = families.setdefault(
                    name, Metric(name, entry["documentation"], entry["type"])
                )
                for sample, labels, value in entry["samples"]:
                    family.add_sample(sample, {**labels, _LABEL: path.stem}, value)
        return families.values()


def _to_dict(family: Metric) -> dict[str, Any]:
    return {
        "name": family.name,
        "documentation": family.documentation,
        "type": family.type,
        "samples": list(_samples(family)),
    }


def _samples(family: Metric) -> Iterator[tuple[str, dict[str, str], float]]:
    for sample in family.samples:
        yield sample.name, dict(sample.labels), sample.value
