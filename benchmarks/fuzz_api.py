"""Schemathesis over the whole OpenAPI document: every operation, every role, chains of operations.

Operations are called with what their schemas allow and with what they do not, alone and one after
the other along the document's links: a post, its item, a claim, a decision, an undo. Each answer
is checked against the document; an error of the server is a finding, too.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.fuzzing import SETTINGS, Tally, fuzz
from benchmarks.queue.installation import Kind, database_url, installation

ENOUGH = 200
"""Successful answers; an operation with fewer was hardly tried."""


def report(tally: Tally) -> Iterator[str]:
    """Every operation with its answers by status, then what was found."""
    yield "| operation | successful | answers by status |"
    yield "| --- | ---: | --- |"
    for operation in tally.operations:
        statuses = ", ".join(f"{n:,} x {s}" for s, n in sorted(tally.statuses(operation).items()))
        yield f"| `{operation}` | {tally.successes(operation):,} | {statuses} |"
    yield f"{tally.requests:,} requests, {len(tally.findings)} findings"
    yield from tally.findings


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kind", type=Kind, choices=list(Kind), default=Kind.SQLITE)
    parser.add_argument("--chains", type=int, default=200, help="for each role, a round")
    parser.add_argument("--singles", type=int, default=50, help="of each operation and role")
    parser.add_argument("--requests", type=int, default=50_000, help="rounds go on until then")
    parser.add_argument("--minutes", type=float, default=60, help="no round begins after that")
    args = parser.parse_args()
    tally, began, seed = Tally(), time.monotonic(), 0
    with (
        tempfile.TemporaryDirectory() as folder,
        database_url(args.kind, Path(folder)) as url,
        installation(url, Path(folder), settings=SETTINGS) as place,
    ):
        while time.monotonic() - began < args.minutes * 60 and (
            tally.requests < args.requests
            or any(tally.successes(operation) < ENOUGH for operation in tally.operations)
        ):
            fuzz(place, tally, chains=args.chains, singles=args.singles, seed=seed)
            seed += 1
            sys.stderr.write(f"{tally.requests:,} requests after {seed} rounds\n")
    sys.stdout.write("\n".join(report(tally)) + "\n")
    sys.exit(1 if tally.findings else 0)


if __name__ == "__main__":
    main()
