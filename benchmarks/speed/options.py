"""The sizes of a comparison."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from classifier.classifier import shipped_model
from classifier.errors import UsageError


@dataclass(frozen=True, slots=True)
class Options:
    """`texts` are those of a stream in one round, `file_texts` those of a firehose as a file.

    `http_single` and `http_batch` are texts of one round. `share` of the data is read at all.
    """

    model: Path
    data: Path
    out: Path
    scripts: tuple[str, ...]
    seed: int
    threads: int
    rounds: int = 3
    texts: int = 500
    file_texts: int = 8_000
    http_single: int = 300
    http_batch: int = 600
    posts_together: int = 100
    connections: int = 64
    sample: int = 160
    share: float = 1.0
    install: bool = True

    @property
    def quick(self) -> Options:
        """Small enough for a minute: it shows that all works, and measures nothing."""
        return replace(
            self,
            rounds=2,
            texts=50,
            file_texts=400,
            http_single=24,
            http_batch=50,
            posts_together=25,
            connections=8,
            sample=16,
            share=0.1,
            install=False,
        )


def read_options(arguments: Sequence[str] | None = None) -> Options:
    """Raises UsageError for a size that cannot be."""
    parser = argparse.ArgumentParser(
        "python -m benchmarks.speed",
        description="Speed of Lurewatch beside what a user would pick instead, in one run.",
    )
    parser.add_argument("--quick", action="store_true", help="a minute, to see that all works")
    parser.add_argument("--model", type=Path, default=shipped_model(), metavar="DIR")
    parser.add_argument("--data", type=Path, default=Path("artifacts/data"), metavar="DIR")
    parser.add_argument("--out", type=Path, default=Path("artifacts/benchmarks"), metavar="DIR")
    parser.add_argument(
        "--scripts",
        nargs="+",
        default=(),
        help="evidenced scripts, as in `latin arabic` (default: those with 100 positives or "
        "more in the splits that are not test)",
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, help="default: 3")
    parser.add_argument("--texts", type=int, help="of a stream in one round (default: 500)")
    parser.add_argument("--file-texts", type=int, help="of a firehose in a file (default: 8,000)")
    parser.add_argument(
        "--no-install", action="store_true", help="leave infinity-emb out where it is not there yet"
    )
    args = parser.parse_args(arguments)
    options = Options(
        model=args.model,
        data=args.data,
        out=args.out,
        scripts=tuple(args.scripts),
        seed=args.seed,
        threads=args.threads,
    )
    options = options.quick if args.quick else options
    sizes = {name: getattr(args, name) for name in ("rounds", "texts", "file_texts")}
    given = {name: size for name, size in sizes.items() if size is not None}
    for name, size in {**given, "threads": args.threads}.items():
        if size < 1:
            raise UsageError(f"expected --{name.replace('_', '-')} of at least 1, found {size}")
    return replace(options, **given, install=options.install and not args.no_install)
