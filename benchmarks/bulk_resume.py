"""`lurewatch score`, killed with SIGKILL at random points and resumed, against a run left alone."""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import pyarrow.parquet as pq

from benchmarks.bulk_runs import command, model_options, run, write_input
from benchmarks.queue.report import OUT, Progress, Promise, Report
from serving.bulk.journal import journal_path
from serving.bulk.part_file import part_path

OUTPUTS = ("out.jsonl", "out.csv.zst", "out.parquet")
_LONGEST_DELAY = 0.03
"""As a share of the undisturbed run. A kill waits for up to this long after the row that it was
drawn for, so that it falls anywhere within the work on a chunk."""


@dataclass(frozen=True, slots=True)
class Chain:
    """One output that was killed again and again; `kills` are the rows in the journal then."""

    output: str
    kills: tuple[int, ...]
    equal: bool
    undisturbed_seconds: float
    seconds: float


def chain(
    words: Callable[[str], list[str]],
    folder: Path,
    output: str,
    rows: Sequence[int],
    dice: random.Random,
) -> Chain:
    """Run once undisturbed, then kill at each of `rows` and resume, and compare the outputs."""
    whole, target = folder / f"whole-{output}", folder / output
    alone = run(words(whole.name))
    journal = journal_path(part_path(target))
    resuming = [*words(output), "--resume"]
    began = time.monotonic()
    kills = [
        kill_at(resuming, journal, goal, dice.uniform(0, _LONGEST_DELAY * alone.seconds))
        for goal in rows
    ]
    last = run(resuming)
    seconds = time.monotonic() - began
    return Chain(
        output,
        tuple(reached for reached in kills if reached is not None),
        last.status == alone.status == 0 and same(whole, target),
        alone.seconds,
        seconds,
    )


def kill_at(words: list[str], journal: Path, goal: int, delay: float) -> int | None:
    """Start a run and kill it, `delay` seconds after the journal counts `goal` rows. Return the
    rows that it counts then, None if the run ended before.
    """
    with subprocess.Popen(words, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None and rows_in(journal) < goal:
            time.sleep(0.01)
        time.sleep(delay)
        process.kill()
    return None if process.returncode >= 0 else rows_in(journal)


def rows_in(journal: Path) -> int:
    """Count the rows that a journal vouches for; a last line may be half written."""
    if not journal.exists():
        return 0
    blocks = [json.loads(line) for line in journal.read_bytes().split(b"\n")[1:-1]]
    return sum(block["scored"] + block["rejected"] for block in blocks)


def same(first: Path, second: Path) -> bool:
    """Compare byte for byte, and Parquet row for row."""
    if first.suffix != ".parquet":
        return first.read_bytes() == second.read_bytes()
    return bool(pq.read_table(first).equals(pq.read_table(second)))


def report(chains: Sequence[Chain], kills: int) -> Report:
    header = ("OUTPUT", "KILLED AT ROW", "UNDISTURBED S", "WITH KILLS S")
    table = [
        (
            chain.output,
            " ".join(f"{row:,}" for row in chain.kills),
            f"{chain.undisturbed_seconds:.1f}",
            f"{chain.seconds:.1f}",
        )
        for chain in chains
    ]
    promises = [
        Promise(
            f"{chain.output} is what an undisturbed run writes",
            chain.equal and len(chain.kills) == kills,
            f"{'equal' if chain.equal else 'different'}, {len(chain.kills)} kills",
        )
        for chain in chains
    ]
    return Report(
        "bulk-resume", [header, *table], promises, {"chains": [asdict(chain) for chain in chains]}
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--kills", type=int, default=5, help="of each output")
    parser.add_argument("--characters", type=int, default=200, help="of a text, about")
    parser.add_argument("--outputs", nargs="+", default=OUTPUTS, metavar="NAME")
    parser.add_argument("--model", type=Path, help="a model folder (default: the shipped one)")
    parser.add_argument("--stage", default="auto")
    parser.add_argument("--threads", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=OUT)
    args = parser.parse_args()
    options = model_options(args.model, args.stage, args.threads)
    dice, progress = random.Random(args.seed), Progress()
    chains = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = folder / "in.jsonl"
        write_input(source, args.rows, args.characters)

        def words(output: str) -> list[str]:
            return command(source, folder / output, *options)

        for output in args.outputs:
            progress(f"{output}: {args.kills} kills in {args.rows:,} rows")
            rows = sorted(dice.randrange(1, args.rows * 8 // 10) for _ in range(args.kills))
            chains.append(chain(words, folder, output, rows, dice))
    progress.end()
    return report(chains, args.kills).deliver(args.out)


if __name__ == "__main__":
    sys.exit(main())
