"""Texts per second of the pipeline and of Lurewatch, alternating, on the same texts."""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import httpx
import torch

from benchmarks.pipeline_model import pipeline_of
from classifier.artifact import read_manifest
from classifier.classifier import Classifier, shipped_model
from data.splits import load_split
from training.fitted import load_fitted

PIPELINE_BATCHES = (1, 8, 32)
ROUNDS = 3
REQUESTS = 600
_KEY_LINE = "lw_"


@dataclass(frozen=True, slots=True)
class Rate:
    """Texts per second of each round, in order."""

    name: str
    rates: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.rates)


def measure(contenders: dict[str, Callable[[], None]], texts: int) -> list[Rate]:
    """Every contender once in each round, one after the other, after a warm-up."""
    found: dict[str, list[float]] = {name: [] for name in contenders}
    for name, run in contenders.items():
        run()
        sys.stderr.write(f"warm: {name}\n")
    for _ in range(ROUNDS):
        for name, run in contenders.items():
            began = time.perf_counter()
            run()
            found[name].append(texts / (time.perf_counter() - began))
            sys.stderr.write(f"{name}: {found[name][-1]:.0f} texts/s\n")
    return [Rate(name, tuple(rates)) for name, rates in found.items()]


def contenders(fitted: Path, texts: Sequence[str]) -> dict[str, Callable[[], None]]:
    pipeline = pipeline_of(load_fitted(fitted))
    window = read_manifest(shipped_model()).window.size
    ours = {threads: Classifier.load(threads=threads) for threads in (1, 2)}

    def by_pipeline(threads: int, batch: int) -> Callable[[], None]:
        def run() -> None:
            torch.set_num_threads(threads)
            pipeline(list(texts), batch_size=batch, truncation=True, max_length=window)

        return run

    def by_classifier(threads: int) -> Callable[[], None]:
        def run() -> None:
            ours[threads].score(texts)

        return run

    return {
        **{
            f"pipeline float32, {threads} threads, batch {batch}": by_pipeline(threads, batch)
            for threads in (1, 2)
            for batch in PIPELINE_BATCHES
        },
        **{f"lurewatch, {threads} threads": by_classifier(threads) for threads in (1, 2)},
    }


def serve_latency(texts: Sequence[str], port: int, folder: Path) -> dict[str, float]:
    """p50 and p99 in milliseconds of one text at a time, and the server's resident MiB."""
    database = f"sqlite:///{folder / 'bench.db'}"
    lurewatch = [sys.executable, "-m", "lurewatch"]
    env = {"LUREWATCH_DATABASE_URL": database, "PATH": "/usr/bin:/bin"}
    made = subprocess.run(
        [*lurewatch, "keys", "create", "--role", "researcher", "--name", "bench"],
        env=env,
        check=True,
        capture_output=True,
        text=True,
    )
    key = next(word for word in made.stdout.split() if word.startswith(_KEY_LINE))
    server = subprocess.Popen(
        [*lurewatch, "serve", "--port", str(port)], env=env, stderr=subprocess.DEVNULL
    )
    try:
        headers = {"Authorization": f"Bearer {key}"}
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers) as client:
            _wait_until_ready(client)
            times = []
            for number in range(REQUESTS):
                body = {"text": texts[number % len(texts)]}
                began = time.perf_counter()
                client.post("/v1/score", json=body).raise_for_status()
                times.append((time.perf_counter() - began) * 1_000)
        times = sorted(times[REQUESTS // 10 :])
        status = Path(f"/proc/{server.pid}/status").read_text(encoding="utf-8")
        resident = next(line for line in status.splitlines() if line.startswith("VmRSS"))
        return {
            "p50_ms": times[len(times) // 2],
            "p99_ms": times[int(len(times) * 0.99)],
            "resident_mib": int(resident.split()[1]) / 1024,
        }
    finally:
        server.terminate()
        server.wait(timeout=30)


def _wait_until_ready(client: httpx.Client) -> None:
    for _ in range(300):
        try:
            if client.get("/readyz").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise TimeoutError("the server was not ready within 30 s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fitted", type=Path, required=True, help="the float model's folder")
    parser.add_argument("--data", type=Path, default=Path("artifacts/data"))
    parser.add_argument("--out", type=Path, default=Path("artifacts/benchmarks"))
    parser.add_argument("--most", type=int, default=10_000, help="texts, evenly spaced")
    parser.add_argument("--port", type=int, default=8791)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    whole = [e.text for e in load_split(args.data, "test") if e.source == "corpus"]
    texts = whole[:: -(-len(whole) // args.most)]
    rates = measure(contenders(args.fitted, texts), len(texts))
    report = {
        "texts": len(texts),
        "rates": [{**asdict(rate), "median": rate.median} for rate in rates],
        "http": serve_latency(texts, args.port, args.out),
        "model_bytes": sum(path.stat().st_size for path in shipped_model().iterdir()),
    }
    target = args.out / "scoring.json"
    target.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    sys.stdout.write(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    main()
