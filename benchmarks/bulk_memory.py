"""Peak memory of `lurewatch score` on a small and on a large file of distinct rows."""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from benchmarks.bulk_runs import CORPUS, Done, command, model_options, run, write_input
from benchmarks.queue.report import OUT, Promise, Report


def report(rows: list[int], runs: list[Done], growth: float) -> Report:
    header = ("ROWS", "SECONDS", "ROWS/S", "CPU SECONDS", "PEAK MIB")
    table = [
        (
            f"{count:,}",
            f"{done.seconds:.1f}",
            f"{count / done.seconds:,.0f}",
            f"{done.cpu:.1f}",
            f"{done.peak:.1f}",
        )
        for count, done in zip(rows, runs, strict=True)
    ]
    ratio = runs[-1].peak / runs[0].peak
    promises = [
        Promise(
            f"{rows[-1]:,} rows need the memory of {rows[0]:,} within {growth:.0%}",
            ratio <= 1 + growth,
            f"{ratio - 1:+.1%}",
        ),
        Promise("every run ends well", all(done.status == 0 for done in runs), ""),
    ]
    figures = [{"rows": count, **asdict(done)} for count, done in zip(rows, runs, strict=True)]
    return Report("bulk-memory", [header, *table], promises, {"runs": figures})


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs=2, default=[100_000, 2_000_000])
    parser.add_argument("--characters", type=int, default=200, help="of a text, about")
    parser.add_argument(
        "--posts", type=Path, help="JSON Lines with `text` to make them of (default: the corpus)"
    )
    parser.add_argument("--input", default="in.jsonl", help="its extension says the format")
    parser.add_argument("--output", default="out.jsonl", help="likewise")
    parser.add_argument("--model", type=Path, help="a model folder (default: the shipped one)")
    parser.add_argument("--stage", default="auto")
    parser.add_argument("--threads", type=int)
    parser.add_argument("--growth", type=float, default=0.10, help="the share that is allowed")
    parser.add_argument("--folder", type=Path, help="for the files (default: a temporary one)")
    parser.add_argument("--out", type=Path, default=OUT)
    args = parser.parse_args()
    options = [*model_options(args.model, args.stage, args.threads), "--progress"]
    runs = []
    with tempfile.TemporaryDirectory(dir=args.folder) as folder:
        source, target = Path(folder) / args.input, Path(folder) / args.output
        for rows in args.rows:
            write_input(source, rows, args.characters, [args.posts] if args.posts else CORPUS)
            runs.append(run(command(source, target, *options)))
    return report(args.rows, runs, args.growth).deliver(args.out)


if __name__ == "__main__":
    sys.exit(main())
