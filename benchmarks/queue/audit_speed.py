"""How long the audit log takes to check, and whether its writers wait for each other."""

from __future__ import annotations

import argparse
import resource
import secrets
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import text

from benchmarks.queue.audit_writers import Rate, write_rates
from benchmarks.queue.installation import Kind, database_url
from benchmarks.queue.report import OUT, Progress, Promise, Report
from serving.audit.log import LANES, AuditLog
from serving.audit.records import Draft, EventKind
from serving.audit.verify import verify
from serving.database import Database
from serving.migrations import Migrations
from serving.secret import Keyring

_BATCH = 1_000
_LIFE = (EventKind.RECEIVED, EventKind.QUEUED, EventKind.CLAIMED, EventKind.DECIDED)


@dataclass(frozen=True, slots=True)
class Check:
    """One verification. `grown` is by how many MiB the process was larger at its largest."""

    database: str
    events: int
    found: int
    intact: bool
    seconds: float
    grown: float


def check(database: Database, events: int, progress: Callable[[str], None]) -> Check:
    """Write `events` events into an empty database, then verify them."""
    keyring = Keyring((secrets.token_bytes(32),))
    log, kind = AuditLog(keyring), database.url.get_backend_name()
    drafts = _drafts()
    for start in range(0, events, _BATCH):
        batch = [next(drafts) for _ in range(min(_BATCH, events - start))]
        with database.write() as session:
            log.append(session, *batch)
        progress(f"{kind}: {start + len(batch):,} of {events:,} events written")
    before = _peak_mib()
    began = time.perf_counter()
    report = verify(
        database, keyring, lambda done, total: progress(f"{kind}: {done:,} of {total:,} checked")
    )
    seconds = time.perf_counter() - began
    return Check(kind, events, report.events, not report.bad, seconds, _peak_mib() - before)


def _drafts() -> Iterator[Draft]:
    """The lives of items, one after the other: what a working queue writes."""
    at, number = datetime(2026, 1, 1, tzinfo=UTC), 0
    while True:
        number += 1
        item_id = f"{number:024}"
        for version, kind in enumerate(_LIFE, start=1):
            at += timedelta(seconds=1)
            body = {
                "labels": {"smuggling_service": True, "fake_job": None},
                "reason": "offers_crossing",
                "action": "remove",
                "text": secrets.token_hex(32),
            }
            yield Draft(kind, f"user:{number % 50:016}", at, item_id, version, body)


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def report(checks: Sequence[Check], rates: Sequence[Rate], limit: float) -> Report:
    header = ("DATABASE", "WHAT", "EVENTS", "SECONDS", "EVENTS/S", "MIB MORE")
    rows = [
        *(
            (
                c.database,
                "verify",
                f"{c.found:,}",
                f"{c.seconds:.1f}",
                f"{c.found / c.seconds:,.0f}",
                f"{c.grown:.1f}",
            )
            for c in checks
        ),
        *(
            (
                "postgresql",
                f"{rate.writers} writers, {rate.lanes} lanes",
                f"{rate.events:,}",
                f"{rate.seconds:.1f}",
                f"{rate.per_second:,.0f}",
                "",
            )
            for rate in rates
        ),
    ]
    promises = [
        Promise(
            f"{c.events:,} events on {c.database} are found intact within {limit:g} s",
            c.intact and c.found == c.events and c.seconds <= limit,
            f"{c.found:,} intact, {c.seconds:.1f} s",
        )
        for c in checks
    ]
    if rates:
        one, many = (rate.per_second for rate in rates)
        promises.append(
            Promise(
                "writers do not wait for one chain: many lanes are quicker than one",
                many > one,
                f"{many / one:.1f} times",
            )
        )
    return Report(
        "queue-audit-speed",
        [header, *rows],
        promises,
        {"checks": [asdict(c) for c in checks], "writers": [asdict(rate) for rate in rates]},
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--limit", type=float, default=60.0, help="seconds that a check may take")
    parser.add_argument("--writers", type=int, default=8, help="processes; 0 leaves them out")
    parser.add_argument("--seconds", type=float, default=5.0, help="that the writers write")
    parser.add_argument("--databases", nargs="+", type=Kind, default=list(Kind), metavar="KIND")
    parser.add_argument("--postgres", help="an empty database (default: one started for this)")
    parser.add_argument("--out", type=Path, default=OUT)
    args = parser.parse_args()
    progress = Progress()
    checks, rates = list[Check](), list[Rate]()
    for kind in args.databases:
        with (
            tempfile.TemporaryDirectory() as folder,
            database_url(kind, Path(folder), args.postgres) as url,
        ):
            database = Database(url)
            Migrations().prepare(database)
            checks.append(check(database, args.events, progress))
            if kind is Kind.POSTGRESQL and args.writers:
                for lanes in (1, LANES):
                    progress(f"{args.writers} writers, {lanes} lanes")
                    _empty(database)
                    rates.append(write_rates(url, args.writers, lanes, args.seconds))
            database.dispose()
    progress.end()
    return report(checks, rates, args.limit).deliver(args.out)


def _empty(database: Database) -> None:
    with database.write() as session:
        session.execute(text("TRUNCATE events, heads, deployment"))


if __name__ == "__main__":
    sys.exit(main())
