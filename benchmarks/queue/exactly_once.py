"""Many claimers empty a queue over HTTP: is every item decided exactly once, and none stuck?"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.queue.agreement import disagreements, unfinished
from benchmarks.queue.clients import Moderator, PlatformClient, Scene
from benchmarks.queue.installation import Installation, Kind, database_url, installation
from benchmarks.queue.ledger import Ledger, Operation
from benchmarks.queue.report import OUT, Progress, Promise, Report, milliseconds, percentile, quiet
from benchmarks.queue.wire import Wire, open_client
from serving.policy import Role

_BATCH = 500
_STUCK_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Run:
    """What one database showed. `stuck` items still waited at the end; times are in seconds."""

    database: str
    servers: int
    claimers: int
    items: int
    decided: int
    stuck: int
    disagreements: tuple[str, ...]
    statuses: dict[int, int]
    seconds: float
    submit_seconds: float
    claim_p50: float
    claim_p95: float
    decide_p95: float

    @property
    def kept(self) -> bool:
        return not self.stuck and not self.disagreements and self.decided == self.items


def measure(
    place: Installation,
    *,
    items: int,
    claimers: int,
    progress: Callable[[str], None] = quiet,
    seed: int = 0,
) -> Run:
    """Queue `items` posts, then have `claimers` decide them all at once."""
    return asyncio.run(_measure(place, items, claimers, progress, seed))


async def _measure(
    place: Installation, items: int, claimers: int, progress: Callable[[str], None], seed: int
) -> Run:
    ledger = Ledger()
    platform = place.key(Role.PLATFORM, "platform")
    keys = [place.key(Role.MODERATOR, f"moderator {n}") for n in range(claimers)]
    async with open_client(claimers) as client:
        wire = Wire(client, place.slots, seed)
        scene = Scene(wire, ledger)
        posts = PlatformClient(scene, platform, "post")
        began = time.perf_counter()
        for start in range(0, items, _BATCH):
            await posts.submit(min(_BATCH, items - start))
            done = min(start + _BATCH, items)
            progress(f"{place.kind}: {done:,} of {items:,} posts handed in")
        submitted = time.perf_counter()
        remaining = Remaining(items, scene.over)
        team = [
            Moderator(scene, key, seed=seed + n, decided=remaining.one_less)
            for n, key in enumerate(keys)
        ]
        async with asyncio.TaskGroup() as group:
            for moderator in team:
                group.create_task(moderator.work())
            group.create_task(
                remaining.watch(lambda left: progress(f"{place.kind}: {left:,} items left"))
            )
        ended = time.perf_counter()
    times = {kind: sorted(seconds) for kind, seconds in wire.traffic.seconds.items()}
    return Run(
        database=place.kind.value,
        servers=len(place.slots),
        claimers=claimers,
        items=items,
        decided=sum(1 for _ in ledger.answered(Operation.DECIDE)),
        stuck=await asyncio.to_thread(unfinished, place.database),
        disagreements=await asyncio.to_thread(disagreements, ledger, place.database),
        statuses=dict(wire.traffic.statuses),
        seconds=ended - submitted,
        submit_seconds=submitted - began,
        claim_p50=statistics.median(times["claim"]),
        claim_p95=percentile(times["claim"], 0.95),
        decide_p95=percentile(times["decision"], 0.95),
    )


class Remaining:
    """Counts decisions down, and ends the scene at none or when nothing moves any more."""

    def __init__(self, items: int, over: asyncio.Event) -> None:
        self._left = items
        self._over = over
        self._moved = time.monotonic()

    def one_less(self) -> None:
        self._left -= 1
        self._moved = time.monotonic()
        if self._left <= 0:
            self._over.set()

    async def watch(self, tell: Callable[[int], None]) -> None:
        while not self._over.is_set():
            tell(self._left)
            if time.monotonic() - self._moved > _STUCK_SECONDS:
                self._over.set()
            await asyncio.sleep(0.2)


def report(runs: list[Run]) -> Report:
    header = (
        "DATABASE",
        "SERVERS",
        "CLAIMERS",
        "ITEMS",
        "DECIDED",
        "STUCK",
        "409S",
        "503S",
        "ITEMS/S",
        "CLAIM P50 MS",
        "P95 MS",
        "DECIDE P95 MS",
    )
    rows = [
        (
            run.database,
            str(run.servers),
            str(run.claimers),
            f"{run.items:,}",
            f"{run.decided:,}",
            str(run.stuck),
            str(run.statuses.get(409, 0)),
            str(run.statuses.get(503, 0)),
            f"{run.items / run.seconds:.0f}",
            milliseconds(run.claim_p50),
            milliseconds(run.claim_p95),
            milliseconds(run.decide_p95),
        )
        for run in runs
    ]
    promises = [
        Promise(
            f"on {run.database} every item is decided exactly once and none is stuck",
            run.kept,
            f"{run.decided:,} decided, {run.stuck} stuck, {len(run.disagreements)} disagreements "
            "between clients and database",
        )
        for run in runs
    ]
    return Report(
        "queue-exactly-once", [header, *rows], promises, {"runs": [asdict(run) for run in runs]}
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=5_000)
    parser.add_argument("--claimers", type=int, default=50)
    parser.add_argument("--databases", nargs="+", type=Kind, default=list(Kind), metavar="KIND")
    parser.add_argument("--postgres", help="an empty database (default: one started for this)")
    parser.add_argument("--out", type=Path, default=OUT)
    args = parser.parse_args()
    progress, runs = Progress(), []
    for kind in args.databases:
        with (
            tempfile.TemporaryDirectory() as folder,
            database_url(kind, Path(folder), args.postgres) as url,
            installation(url, Path(folder)) as place,
        ):
            runs.append(measure(place, items=args.items, claimers=args.claimers, progress=progress))
        progress.end()
        for sentence in runs[-1].disagreements[:20]:
            sys.stderr.write(f"{sentence}\n")
    return report(runs).deliver(args.out)


if __name__ == "__main__":
    sys.exit(main())
