"""`lurewatch evaluate`: measures a model on named suites, prints and keeps the report."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TypeVar

from rich.console import Console
from rich.progress import Progress

from classifier.errors import UsageError
from data.splits import load_manifest
from evaluation.check import COMMITTED, deviations, merged, read_committed
from evaluation.report import Report, print_report, write_json
from evaluation.suites import DEFAULT_SUITES, SUITES
from evaluation.workbench import Workbench

REPORT_NAME = "report.json"

# Where nobody is looking, rich would fold the tables to 80 columns.
_WIDTH = 160

T = TypeVar("T")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    suites = "; ".join(f"{suite.name}: {suite.summary}" for suite in SUITES.values())
    parser.add_argument(
        "suites",
        nargs="*",
        metavar="SUITE",
        help=f"{suites} (default: {' '.join(DEFAULT_SUITES)})".replace("%", "%%"),
    )
    parser.add_argument("--model", type=Path, metavar="DIR", help="default: the model that ships")
    parser.add_argument(
        "--data",
        type=Path,
        default=Path("artifacts/data"),
        metavar="DIR",
        help="what `lurewatch data build` wrote (default: %(default)s)",
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("artifacts/evaluation"),
        metavar="DIR",
        help=f"where {REPORT_NAME} goes (default: %(default)s)",
    )
    parser.add_argument(
        "--predictions", type=Path, metavar="FILE", help="out-of-fold scores, for the suite oof"
    )
    parser.add_argument("--no-baseline", action="store_true", help="leave out the TF-IDF baseline")
    parser.add_argument(
        "--figures",
        type=Path,
        default=COMMITTED,
        metavar="FILE",
        help="the committed figures (default: those beside this package's code)",
    )
    kept = parser.add_mutually_exclusive_group()
    kept.add_argument(
        "--check", action="store_true", help="exit 1 unless the committed figures hold"
    )
    kept.add_argument(
        "--update", action="store_true", help="write these figures as the committed ones"
    )


def run(args: argparse.Namespace) -> int:
    names = list(dict.fromkeys(args.suites)) or list(DEFAULT_SUITES)
    unknown = [name for name in names if name not in SUITES]
    if unknown:
        raise UsageError(
            f"the suites are {', '.join(SUITES)}; there is no {', '.join(map(repr, unknown))}"
        )
    # Read first: minutes of scoring should not end in a missing file.
    committed = read_committed(args.figures) if args.check else {}
    report = _measure(args, names)
    write_json(args.out / REPORT_NAME, report.to_dict())
    stdout = Console(
        file=sys.stdout, width=None if sys.stdout.isatty() else _WIDTH, highlight=False
    )
    print_report(report, stdout)
    sys.stderr.write(f"Written to {args.out / REPORT_NAME}\n")
    if args.update:
        old = read_committed(args.figures) if args.figures.exists() else {}
        write_json(args.figures, merged(old, report))
        sys.stderr.write(f"Committed to {args.figures}\n")
    if not args.check:
        return 0
    deviating = deviations(committed, report.suites)
    for deviation in deviating:
        sys.stdout.write(f"{deviation}\n")
    held = "the committed figures hold" if not deviating else f"{len(deviating)} figures deviate"
    sys.stdout.write(f"Check: {held}\n")
    return 1 if deviating else 0


def _measure(args: argparse.Namespace, names: Sequence[str]) -> Report:
    manifest = load_manifest(args.data)
    with Progress(console=Console(stderr=True), transient=True) as progress:

        def track(items: Sequence[T], step: str) -> Iterable[T]:
            return progress.track(items, description=step)

        bench = Workbench(
            args.data,
            args.model,
            held_out=args.predictions,
            with_baseline=not args.no_baseline,
            track=track,
        )
        suites = [SUITES[name].run(bench) for name in names]
    if not any(SUITES[name].needs_model for name in names):
        return Report(None, None, {}, manifest["hash"], suites)
    model = bench.classifier.manifest
    return Report(
        model=model.model,
        policy=model.policy,
        thresholds={
            label.value: {"review": cuts.review, "priority": cuts.priority}
            for label, cuts in model.thresholds.items()
        },
        data=manifest["hash"],
        suites=suites,
    )
