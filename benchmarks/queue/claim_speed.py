"""How long claim-next takes on a full queue, with many claimers at once, and by which plan."""

from __future__ import annotations

import argparse
import secrets
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path
from types import MappingProxyType

from benchmarks.queue.claimers import Order, Team, service
from benchmarks.queue.installation import Kind, database_url
from benchmarks.queue.open_items import LANGUAGES, fill
from benchmarks.queue.plans import Plan, claim_plan
from benchmarks.queue.report import OUT, Progress, Promise, Report, milliseconds, percentile
from serving.database import Database
from serving.migrations import Migrations
from serving.review.ranking import Slot

_SLOTS = (Slot.HARM, Slot.DOUBT, Slot.AGE, Slot.SAMPLE)

_FILTERS: Mapping[str, frozenset[str] | None] = MappingProxyType(
    {"3 common": frozenset(LANGUAGES[:3]), "3 rare": frozenset(LANGUAGES[-3:]), "all": None}
)


@dataclass(frozen=True, slots=True)
class Result:
    """One line: the seconds of its claims, and the plan of its statement."""

    languages: str
    slot: str
    pause: float
    claims: int
    empty: int
    per_second: float
    p50: float
    p95: float
    p99: float
    slowest: float
    plan: Plan


def measure(team: Team, name: str, order: Order, plan: Plan) -> Result:
    work = team.work(order)
    seconds = sorted(work.seconds)
    return Result(
        languages=name,
        slot=order.slot.value,
        pause=order.pause,
        claims=len(seconds),
        empty=work.empty,
        per_second=len(seconds) / work.elapsed,
        p50=percentile(seconds, 0.5),
        p95=percentile(seconds, 0.95),
        p99=percentile(seconds, 0.99),
        slowest=seconds[-1],
        plan=plan,
    )


def report(results: Sequence[Result], items: int, claimers: int, limit: float) -> Report:
    header = (
        *("LANGUAGES", "ORDER", "PACE", "CLAIMS", "EMPTY", "CLAIMS/S", "P50 MS", "P95", "P99"),
        *("MAX", "STATEMENT MS"),
    )
    rows = [
        (
            result.languages,
            result.slot,
            f"{result.pause:g} s pause" if result.pause else "flat out",
            f"{result.claims:,}",
            str(result.empty),
            f"{result.per_second:.0f}",
            *map(milliseconds, (result.p50, result.p95, result.p99, result.slowest)),
            f"{result.plan.execution_ms:.1f}",
        )
        for result in results
    ]
    # Flat out, claims wait for a processor: that is the size of the machine, not of the queue.
    paced = [result for result in results if result.pause] or results
    slowest = max(result.p95 for result in paced)
    return Report(
        "queue-claim-speed",
        [header, *rows],
        [
            Promise(
                f"with {items:,} open items and {claimers} claimers who pause between claims, the "
                f"p95 of claim-next is at most {milliseconds(limit)} ms in every order",
                slowest <= limit,
                f"{milliseconds(slowest)} ms at worst",
            )
        ],
        {
            "items": items,
            "claimers": claimers,
            "results": [asdict(result) for result in results],
        },
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=1_000_000)
    parser.add_argument("--claimers", type=int, default=20, help="processes")
    parser.add_argument("--claims", type=int, default=50, help="of each claimer, for each line")
    parser.add_argument(
        "--pauses",
        type=float,
        nargs="+",
        default=[1.0, 0.0],
        metavar="SECONDS",
        help="mean time a claimer takes between claims; 0 shows what the machine carries",
    )
    parser.add_argument("--limit-ms", type=float, default=50.0, help="for the p95 with pauses")
    parser.add_argument("--postgres", help="an empty database (default: one started for this)")
    parser.add_argument("--out", type=Path, default=OUT)
    args = parser.parse_args()
    progress, secret = Progress(), secrets.token_hex(32)
    results: list[Result] = []
    with (
        tempfile.TemporaryDirectory() as folder,
        database_url(Kind.POSTGRESQL, Path(folder), args.postgres) as url,
        _filled(url, args.items, progress) as database,
        Team(url, secret, args.claimers) as team,
    ):
        planner = service(database, secret)
        for pause, (name, languages), slot in product(args.pauses, _FILTERS.items(), _SLOTS):
            progress(f"{name} languages, {slot}, {pause:g} s pause")
            plan = claim_plan(database, planner, slot, languages)
            order = Order(slot, languages, args.claims, pause)
            results.append(measure(team, name, order, plan))
    progress.end()
    slowest = max(results, key=lambda result: result.plan.execution_ms)
    sys.stdout.write(f"{slowest.languages} languages, {slowest.slot}, the slowest plan:\n")
    sys.stdout.write(f"{slowest.plan.text}\n\n")
    return report(results, args.items, args.claimers, args.limit_ms / 1000).deliver(args.out)


@contextmanager
def _filled(url: str, items: int, progress: Progress) -> Iterator[Database]:
    database = Database(url)
    try:
        Migrations().prepare(database)
        fill(database, items, progress)
        yield database
    finally:
        database.dispose()


if __name__ == "__main__":
    sys.exit(main())
