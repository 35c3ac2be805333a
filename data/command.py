"""`lurewatch data`: `build`, `check` and `import-decisions`."""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from classifier.labels import LABELS
from data.build import DEFAULT_SEED, build
from data.check import check_corpus
from data.decisions import import_decisions
from data.sources.corpus import corpus_files

DATASETS_VARIABLE = "LUREWATCH_DATASETS"

T = TypeVar("T")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    building = actions.add_parser(
        "build", help="build the splits from the corpus and the public sets"
    )
    building.add_argument(
        "--datasets",
        type=Path,
        metavar="DIR",
        help=f"folder of public sets (default: ${DATASETS_VARIABLE}; without it the corpus alone)",
    )
    building.add_argument(
        "--emscad-hub",
        metavar="NAME",
        help="read the whole EMSCAD from this dataset on the hub, instead of the copy in DIR",
    )
    building.add_argument(
        "--decisions",
        type=Path,
        nargs="+",
        default=[],
        metavar="FILE",
        help="files that import-decisions wrote",
    )
    building.add_argument(
        "--out",
        type=Path,
        default=Path("artifacts/data"),
        metavar="DIR",
        help="where the splits go (default: %(default)s)",
    )
    building.add_argument(
        "--seed", type=int, default=DEFAULT_SEED, help="of the splits (default: %(default)s)"
    )
    checking = actions.add_parser("check", help="check corpus files against their schema")
    checking.add_argument(
        "files", nargs="*", type=Path, metavar="FILE", help="JSONL files (default: the corpus)"
    )
    importing = actions.add_parser(
        "import-decisions", help="turn decisions exported from the review queue into examples"
    )
    importing.add_argument(
        "file", type=Path, metavar="FILE", help="what `lurewatch export decisions` wrote"
    )
    importing.add_argument(
        "--output", type=Path, required=True, metavar="FILE", help="for `build --decisions FILE`"
    )


def run(args: argparse.Namespace) -> int:
    if args.action == "build":
        return _build(args)
    if args.action == "import-decisions":
        return _import_decisions(args.file, args.output)
    return _check(args.files)


def _build(args: argparse.Namespace) -> int:
    named = os.environ.get(DATASETS_VARIABLE)
    datasets = args.datasets or (Path(named) if named else None)
    progress = Progress(
        TextColumn("{task.description:<20}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
    )

    def track(items: Sequence[T], step: str) -> Iterable[T]:
        return progress.track(items, total=len(items), description=step)

    with progress:
        manifest = build(
            args.out,
            corpus=corpus_files(),
            datasets=datasets,
            emscad=args.emscad_hub,
            decisions=args.decisions,
            seed=args.seed,
            track=track,
        )
    sys.stdout.write(summarise(manifest))
    sys.stdout.write(f"\nWritten to {args.out}, manifest {manifest['hash'][:12]}\n")
    return 0


def _check(files: Sequence[Path]) -> int:
    checked = check_corpus(files or corpus_files())
    for fault in checked.faults:
        sys.stdout.write(f"{fault}\n")
    faults = f"{len(checked.faults)} faults" if checked.faults else "no faults"
    sys.stdout.write(f"{checked.rows} rows in {checked.groups} groups, {faults}\n")
    return 1 if checked.faults else 0


def _import_decisions(file: Path, output: Path) -> int:
    decisions = import_decisions(file, output)
    for label in LABELS:
        told = Counter(decision.example.labels[label] for decision in decisions)
        sys.stdout.write(
            f"{label.value}: {told[True]:,} true, {told[False]:,} false, {told[None]:,} unknown\n"
        )
    sys.stdout.write(f"{len(decisions):,} examples written to {output}\n")
    return 0


def summarise(manifest: Mapping[str, Any]) -> str:
    """A table of rows by split and source, with the positives of each label."""
    header = ("split", "source", "rows", *(f"{label.value} 1/0/null" for label in LABELS))
    lines = [header]
    for split, counts in manifest["counts"].items():
        parts = {"all": counts, **counts["by_source"]}
        lines.extend((split, source, *_cells(part)) for source, part in parts.items())
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    table = "\n".join(
        "  ".join(
            cell.ljust(width) if column < 2 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )
    dropped, groups = manifest["dropped"], manifest["groups"]
    notes = [
        f"Dropped: {', '.join(f'{n:,} {kind}' for kind, n in dropped.items())}".replace("_", " "),
        f"Groups united: {groups['united']:,}; rows in the largest: {groups['largest']:,}",
    ]
    if manifest["absent"]:
        notes.append(f"Sources not there: {', '.join(manifest['absent'])}")
    return "\n".join([table, "", *notes, ""])


def _cells(counts: Mapping[str, Any]) -> tuple[str, ...]:
    labels = (counts[label.value] for label in LABELS)
    return (
        f"{counts['rows']:,}",
        *(f"{label['1']:,}/{label['0']:,}/{label['null']:,}" for label in labels),
    )
