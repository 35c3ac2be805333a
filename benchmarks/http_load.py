"""A running server under load: single posts, batches, and twice what it can do.

The cache is off, since the same texts are sent again. The rate of a batch is compared with that of
the classifier in this process, both in turn. What this process itself spends on sending is in every
figure: on a machine of two cores it is taken from the server.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.load import Outcome, Target, closed_loop, open_loop
from benchmarks.queue.installation import Kind, database_url
from classifier.classifier import Classifier, shipped_model
from data.splits import load_split
from serving.database import Database
from serving.migrations import Migrations
from serving.policy import Role
from tests.serving.keys import key_service
from tests.serving.processes import serving

CONNECTIONS = 64
ROUNDS = 3

POSTS = 250
"""Of a batch. What waits in the server is bounded in seconds; 1,000 adverts alone can fill that."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is sent: `texts`, and for how long each part goes on."""

    texts: Sequence[str]
    seconds: float

    def singles(self, count: int) -> list[bytes]:
        endless = itertools.cycle(self.texts)
        return [json.dumps({"text": text}).encode() for text in itertools.islice(endless, count)]

    def batches(self) -> list[bytes]:
        """All texts once, POSTS a request."""
        return [
            json.dumps({"posts": [{"text": text} for text in part]}).encode()
            for part in (
                self.texts[first : first + POSTS] for first in range(0, len(self.texts), POSTS)
            )
        ]


async def measure_single(address: str, key: str, plan: Plan) -> dict[str, Any]:
    """`CONNECTIONS` clients, each with one post at a time; a short round first warms up."""
    target = Target(address, "/v1/score", key)
    await closed_loop(target, plan.singles(CONNECTIONS * 4), CONNECTIONS, plan.seconds)
    most = int(plan.seconds * 5_000)
    outcome = await closed_loop(target, plan.singles(most), CONNECTIONS, plan.seconds)
    return {"connections": CONNECTIONS, **report(outcome)}


async def measure_overload(
    address: str, key: str, plan: Plan, sustainable: float
) -> dict[str, Any]:
    """Twice the rate that `CONNECTIONS` clients reached, whether answers come or not."""
    rate = 2 * sustainable
    bodies = plan.singles(int(rate * plan.seconds))
    outcome = await open_loop(Target(address, "/v1/score", key), bodies, rate)
    return {"offered_per_s": round(rate, 1), **report(outcome)}


def measure_batch(
    address: str, key: str, plan: Plan, classifier: Classifier, clients: int
) -> dict[str, Any]:
    """Texts a second of both, alternating, and the share of the one in the other."""
    target, bodies = Target(address, "/v1/score/batch", key), plan.batches()
    local: list[float] = []
    remote: list[float] = []
    outcome = Outcome()
    for number in range(ROUNDS + 1):
        began = time.perf_counter()
        classifier.score(plan.texts)
        inside = len(plan.texts) / (time.perf_counter() - began)
        outcome = asyncio.run(closed_loop(target, bodies, clients, seconds=600))
        if outcome.statuses != {200: len(bodies)}:
            raise RuntimeError(f"expected {len(bodies)} answers of 200, found {outcome.statuses}")
        if number:  # the first round warms up
            local.append(inside)
            remote.append(len(plan.texts) / outcome.wall)
    share = statistics.median(r / c for r, c in zip(remote, local, strict=True))
    return {
        "clients": clients,
        "in_process_texts_per_s": [round(rate, 1) for rate in local],
        "http_texts_per_s": [round(rate, 1) for rate in remote],
        "share": round(share, 3),
        "generator_cpu_share": round(outcome.cpu / outcome.wall, 3),
    }


def report(outcome: Outcome) -> dict[str, Any]:
    """Latencies in milliseconds, of the accepted."""
    accepted = outcome.statuses[200]
    return {
        "wall_s": round(outcome.wall, 2),
        "accepted_per_s": round(accepted / outcome.wall, 1),
        "p50_ms": round(outcome.percentile(0.5) * 1_000, 1),
        "p99_ms": round(outcome.percentile(0.99) * 1_000, 1),
        "statuses": {str(status): n for status, n in sorted(outcome.statuses.items())},
        "refused_without_retry_after": outcome.without_retry_after,
        "lost": outcome.lost,
        "unsent": outcome.unsent,
        "late_s": round(outcome.late, 2),
        "generator_cpu_share": round(outcome.cpu / outcome.wall, 3),
    }


def broken(figures: dict[str, Any]) -> Iterator[str]:
    """What was promised and is not so."""
    overload = figures["overload"]
    if failed := {s for s in overload["statuses"] if s not in ("200", "429")}:
        yield f"overload was answered with {', '.join(sorted(failed))}"
    if overload["refused_without_retry_after"]:
        yield "a 429 had no Retry-After"
    if overload["lost"]:
        yield f"{overload['lost']} connections broke"
    best = max(batch["share"] for batch in figures["batch"])
    if best < 0.6:
        yield f"the batch endpoint gave {best:.0%} of the rate in process; the aim is 60 %"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("artifacts/data"))
    parser.add_argument("--out", type=Path, default=Path("artifacts/benchmarks"))
    parser.add_argument("--model", type=Path, help="a model folder (default: the one that ships)")
    parser.add_argument("--texts", type=int, default=4_000, help="at most, evenly spaced")
    parser.add_argument("--seconds", type=float, default=20, help="of each part")
    parser.add_argument("--threads", type=int, help="of the classifier, here and there")
    parser.add_argument("--workers", type=int, default=1, help="more than 1 run on PostgreSQL")
    args = parser.parse_args()
    whole = [e.text for e in load_split(args.data, "test") if e.source == "corpus"]
    plan = Plan(whole[:: -(-len(whole) // args.texts)], args.seconds)
    model = args.model or shipped_model()
    # Overloaded, a server holds thousands of connections, and so does this end of them.
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    kind = Kind.SQLITE if args.workers == 1 else Kind.POSTGRESQL
    with (
        tempfile.TemporaryDirectory() as folder,
        database_url(kind, Path(folder)) as url,
    ):
        environment = {
            "LUREWATCH_DATABASE_URL": url,
            "LUREWATCH_MODEL": str(model),
            "LUREWATCH_SECRET": "a secret of more than thirty-two characters",
            "LUREWATCH_WORKERS": str(args.workers),
            "LUREWATCH_CACHE_TEXTS": "0",
            "LUREWATCH_KEY_RATE": "0",
            "XDG_STATE_HOME": folder,
            **({"LUREWATCH_THREADS": str(args.threads)} if args.threads else {}),
        }
        database = Database(url)
        Migrations().prepare(database)
        key = key_service(database, environment).create(Role.ADMIN, name="bench").key
        database.dispose()
        with serving(Path(folder), environment=environment) as server:
            single = asyncio.run(measure_single(server.address, key, plan))
            sys.stderr.write(f"single: {json.dumps(single)}\n")
            rate = single["accepted_per_s"]
            overload = asyncio.run(measure_overload(server.address, key, plan, rate))
            sys.stderr.write(f"overload: {json.dumps(overload)}\n")
            classifier = Classifier.load(model, threads=args.threads)
            batch = [measure_batch(server.address, key, plan, classifier, n) for n in (1, 2)]
    figures = {
        "texts": len(plan.texts),
        "workers": args.workers,
        "single": single,
        "overload": overload,
        "batch": batch,
    }
    args.out.mkdir(parents=True, exist_ok=True)
    written = json.dumps(figures, indent=2) + "\n"
    (args.out / "http_load.json").write_text(written, encoding="utf-8")
    sys.stdout.write(written)
    problems = list(broken(figures))
    sys.stderr.write("".join(f"{problem}\n" for problem in problems))
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
