"""Servers are killed under their clients: is anything lost, is anything done twice?"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from types import MappingProxyType

from benchmarks.queue.agreement import disagreements, unfinished
from benchmarks.queue.clients import Moderator, PlatformClient, Scene
from benchmarks.queue.installation import Installation, Kind, database_url, installation
from benchmarks.queue.kills import Kill, kill_often
from benchmarks.queue.ledger import Ledger, Operation
from benchmarks.queue.report import OUT, Progress, Promise, Report, quiet
from benchmarks.queue.wire import Wire, open_client
from serving.policy import Role
from tests.serving.processes import lurewatch

SETTINGS: Mapping[str, str] = MappingProxyType({"LUREWATCH_LEASE_SECONDS": "5"})
"""An item whose claim was answered to nobody comes back within the run, not in ten minutes."""

_UNDO_SHARE = 0.1
_POSTS_AT_ONCE = 10
_BACKLOG = 300
_STUCK_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Run:
    """What one database showed. `answers` are the 2xx in the ledger, by operation."""

    database: str
    kills: tuple[Kill, ...]
    answers: dict[str, int]
    answers_lost: dict[str, int]
    statuses: dict[int, int]
    items: int
    stuck: int
    disagreements: tuple[str, ...]
    audit_status: int
    audit_said: str

    @property
    def busy_kills(self) -> int:
        """Kills that broke at least one request."""
        return sum(kill.lost > 0 for kill in self.kills)

    @property
    def kept(self) -> bool:
        return not self.stuck and not self.disagreements and self.audit_status == 0


def measure(
    place: Installation,
    *,
    kills: int,
    claimers: int,
    progress: Callable[[str], None] = quiet,
    seed: int = 0,
) -> Run:
    """Kill `kills` servers while clients work, then let them finish and compare the books."""
    return asyncio.run(_measure(place, kills, claimers, progress, seed))


async def _measure(
    place: Installation, kills: int, claimers: int, progress: Callable[[str], None], seed: int
) -> Run:
    ledger = Ledger()
    platforms = [place.key(Role.PLATFORM, f"platform {n}") for n in range(2)]
    keys = [place.key(Role.MODERATOR, f"moderator {n}") for n in range(claimers)]
    async with open_client(claimers) as client, asyncio.TaskGroup() as group:
        wire = Wire(client, place.slots, seed)
        scene = Scene(wire, ledger)
        backlog, begun = Backlog(place), asyncio.Event()
        group.create_task(backlog.watch(scene.finishing))
        suppliers = [
            group.create_task(_supply(PlatformClient(scene, key, f"post{number}"), backlog))
            for number, key in enumerate(platforms)
        ]
        for number, key in enumerate(keys):
            moderator = Moderator(
                scene, key, seed=seed + number, undo_share=_UNDO_SHARE, decided=begun.set
            )
            group.create_task(moderator.work())
        await begun.wait()
        done = await kill_often(place.slots, wire, kills, random.Random(seed), progress)
        scene.finishing.set()
        progress(f"{place.kind}: the clients finish what is left")
        await asyncio.wait(suppliers)
        await _until_empty(place)
        scene.over.set()
    audit = await asyncio.to_thread(
        lurewatch, "audit", "verify", environment=dict(place.environment)
    )
    return Run(
        database=place.kind.value,
        kills=tuple(done),
        answers={op.value: sum(1 for _ in ledger.answered(op)) for op in Operation},
        answers_lost={op.value: sum(1 for _ in ledger.lost(op)) for op in Operation},
        statuses=dict(wire.traffic.statuses),
        items=backlog.taken,
        stuck=await asyncio.to_thread(unfinished, place.database),
        disagreements=await asyncio.to_thread(disagreements, ledger, place.database),
        audit_status=audit.returncode,
        audit_said=(audit.stdout + audit.stderr).strip(),
    )


class Backlog:
    """How many items wait, by the database: kept at enough to work on and few enough to finish."""

    def __init__(self, place: Installation) -> None:
        self._place = place
        self._waiting = 0
        self.taken = 0

    @property
    def room(self) -> bool:
        return self._waiting < _BACKLOG

    def more(self, count: int) -> None:
        self._waiting += count
        self.taken += count

    async def watch(self, finishing: asyncio.Event) -> None:
        while not finishing.is_set():
            self._waiting = await asyncio.to_thread(unfinished, self._place.database)
            await asyncio.sleep(0.2)


async def _supply(platform: PlatformClient, backlog: Backlog) -> None:
    while not platform.scene.finishing.is_set():
        if backlog.room:
            backlog.more(_POSTS_AT_ONCE)
            await platform.submit(_POSTS_AT_ONCE)
        else:
            await asyncio.sleep(0.02)


async def _until_empty(place: Installation) -> None:
    """Until nothing waits, three looks in a row, or nothing has moved for a minute."""
    loop = asyncio.get_running_loop()
    seen, moved = [-1], loop.time()
    while seen[-3:] != [0, 0, 0] and loop.time() - moved < _STUCK_SECONDS:
        await asyncio.sleep(0.2)
        seen.append(await asyncio.to_thread(unfinished, place.database))
        moved = loop.time() if seen[-1] != seen[-2] else moved


def report(runs: list[Run], busy: int) -> Report:
    """`busy` is the share of kills, in percent, that must have broken a request."""
    header = (
        *("DATABASE", "KILLS", "BROKE REQUESTS", "IN FLIGHT", "ANSWERS LOST", "POSTS", "2XX"),
        *("STUCK", "DISAGREEMENTS", "AUDIT"),
    )
    rows = [
        (
            run.database,
            str(len(run.kills)),
            str(run.busy_kills),
            _spread([kill.in_flight for kill in run.kills]),
            str(sum(run.answers_lost.values())),
            f"{run.items:,}",
            f"{sum(run.answers.values()):,}",
            str(run.stuck),
            str(len(run.disagreements)),
            "intact" if run.audit_status == 0 else "DAMAGED",
        )
        for run in runs
    ]
    return Report(
        "queue-faults",
        [header, *rows],
        [promise for run in runs for promise in _promises(run, busy)],
        {"runs": [asdict(run) for run in runs]},
    )


def _promises(run: Run, busy: int) -> list[Promise]:
    return [
        Promise(
            f"on {run.database} nothing that was answered is lost, and nothing is done twice",
            run.kept,
            f"{sum(run.answers.values()):,} answers, {len(run.disagreements)} disagreements, "
            f"{run.stuck} stuck; audit verify: {run.audit_said}",
        ),
        Promise(
            f"on {run.database} at least {busy} % of the kills broke requests in flight",
            run.busy_kills * 100 >= busy * len(run.kills),
            f"{run.busy_kills} of {len(run.kills)}",
        ),
    ]


def _spread(counts: list[int]) -> str:
    return f"{min(counts)}-{max(counts)}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--claimers", type=int, default=50)
    parser.add_argument("--busy", type=int, default=75, help="percent of kills to break requests")
    parser.add_argument("--seed", type=int, default=0, help="of the moments and the servers killed")
    parser.add_argument("--databases", nargs="+", type=Kind, default=list(Kind), metavar="KIND")
    parser.add_argument("--postgres", help="an empty database (default: one started for this)")
    parser.add_argument("--out", type=Path, default=OUT)
    args = parser.parse_args()
    progress, runs = Progress(), []
    for kind in args.databases:
        with (
            tempfile.TemporaryDirectory() as folder,
            database_url(kind, Path(folder), args.postgres) as url,
            installation(url, Path(folder), settings=SETTINGS) as place,
        ):
            runs.append(
                measure(
                    place,
                    kills=args.kills,
                    claimers=args.claimers,
                    progress=progress,
                    seed=args.seed,
                )
            )
        progress.end()
        for sentence in runs[-1].disagreements[:20]:
            sys.stderr.write(f"{sentence}\n")
    return report(runs, args.busy).deliver(args.out)


if __name__ == "__main__":
    sys.exit(main())
