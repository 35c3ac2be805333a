"""`score --engine ray`: the chunks of the local engine, scored by the workers of a Ray cluster.

Rows are read and records written where the command runs; only the scoring is spread. Chunks go
out in waves. The chunks of a wave stay in the object store of this node until the last of its
records is written, so whatever a lost worker or node had in hand can be handed out again.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from classifier.artifact import Manifest, read_manifest
from classifier.classifier import shipped_model
from classifier.errors import UsageError
from serving.bulk.errors import ClusterError
from serving.bulk.ray_cluster import connected
from serving.bulk.ray_worker import ChunkScorer, WorkerOptions, pack, package_version, unpack
from serving.bulk.scoring import Chunk, Records

WAVE_CHUNKS = 256
"""Chunks of a wave, about a million rows. Ray Data starts its actors anew for every wave, which
takes some seconds, so waves are as large as is comfortable to hold: a few hundred megabytes."""

STALLED_SECONDS = 1_800
"""How long nothing may come back before the run fails. A chunk whose worker was lost is tried again
without end, as nobody can tell how long a cluster takes to replace a node; but one that kills every
worker must not go on for ever."""

CPUS_OF_A_THREAD = 0.5
"""What an actor reserves for each thread. Half a processor lets the actors of a lost node start
again on the nodes that are left; with a whole one they would wait for the node to come back."""

CHUNKS_IN_HAND = 2
"""Chunks given to an actor at once: one is scored, one waits ready."""


@dataclass(frozen=True, slots=True)
class RayOptions:
    """`actors` and `threads` (of each actor) are at least 1; None is one actor a processor."""

    address: str | None = None
    actors: int | None = None
    threads: int = 1
    explain: bool = False
    screen: bool = True


class RayEngine:
    """A connected cluster and the model that its workers load. `open_engine` makes one."""

    def __init__(
        self, manifest: Manifest, files: Mapping[str, bytes], options: RayOptions, actors: int
    ) -> None:
        import ray

        self.manifest = manifest
        self._model = ray.put(dict(files))
        self._options = options
        self._actors = actors

    def __call__(self, chunks: Iterable[Chunk]) -> Iterator[Records]:
        """Give the records of every chunk, in the order of the chunks, each exactly once.

        Raises ClusterError where the cluster cannot finish, after what could be tried again was
        tried again. What was given until then is in order and complete.
        """
        rest = iter(chunks)
        while wave := list(itertools.islice(rest, WAVE_CHUNKS)):
            given = 0
            for number, records in self._wave(wave):
                if number != given or len(records) != len(wave[given]):
                    raise ClusterError(
                        f"expected the {len(wave[given]):,} records of chunk {given} of a wave,"
                        f" found {len(records):,} of chunk {number}; this is a defect, report it"
                    )
                yield records
                given += 1
            if given < len(wave):
                raise ClusterError(f"{len(wave) - given:,} chunks were lost; this is a defect")

    def _wave(self, wave: Sequence[Chunk]) -> Iterator[tuple[int, Records]]:
        import ray

        options = self._options
        held = [ray.put(pack(number, chunk)) for number, chunk in enumerate(wave)]
        with _failures_named():
            scored = ray.data.from_arrow_refs(held).map_batches(
                ChunkScorer,
                fn_constructor_args=(
                    self._model,
                    WorkerOptions(
                        options.threads, options.explain, options.screen, package_version()
                    ),
                ),
                compute=ray.data.ActorPoolStrategy(
                    size=min(self._actors, len(wave)),
                    max_tasks_in_flight_per_actor=CHUNKS_IN_HAND,
                ),
                num_cpus=CPUS_OF_A_THREAD * options.threads,
                batch_size=None,
                batch_format="pyarrow",
            )
            for block in scored.iter_batches(batch_size=None, batch_format="pyarrow"):
                yield from unpack(block)


@contextmanager
def open_engine(model: Path | None, options: RayOptions) -> Iterator[RayEngine]:
    """Connect to a cluster and hand it the model, the shipped one by default.

    Raises:
        UsageError: Ray is not installed, or an option cannot work.
        ArtifactError: the model folder is missing or not what its manifest says.
        ClusterError: the cluster does not answer.
    """
    if options.actors is not None and options.actors < 1:
        raise UsageError(f"expected --actors of at least 1, found {options.actors}")
    folder = shipped_model() if model is None else model
    manifest = read_manifest(folder)
    files = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    with connected(options.address, options.actors) as processors:
        import ray

        context = ray.data.DataContext.get_current()
        context.execution_options.preserve_order = True
        context.execution_no_progress_timeout_s = STALLED_SECONDS
        context.enable_progress_bars = False
        yield RayEngine(manifest, files, options, options.actors or processors)


@contextmanager
def _failures_named() -> Iterator[None]:
    import ray

    try:
        yield
    except ray.data.exceptions.ExecutionTimeoutError as error:
        raise ClusterError(
            f"no records came back for {STALLED_SECONDS // 60} minutes; `ray status` shows whether"
            " workers wait for room, the logs of Ray whether one chunk ends each of them"
        ) from error
    except (ray.exceptions.RayError, ray.data.exceptions.SystemException) as error:
        raise ClusterError(_reason(error)) from error


def _reason(error: Exception) -> str:
    """Find what went wrong in a worker at the end of the trace that Ray sends as text."""
    lines = [line for line in str(error).splitlines() if line.strip()] or [type(error).__name__]
    _, raised, message = lines[-1].partition("Error: ")
    return message.removeprefix(f"{ClusterError.title}: ") if raised else lines[0]
