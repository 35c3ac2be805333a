"""`lurewatch evaluate`: measures a model on named suites, prints and keeps the report.

`lurewatch evaluate compare A B` says which of two models is better; see `evaluation.compare`.
"""

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
from evaluation.baselines import BASELINES, BaselineSources
from evaluation.baselines.frozen import Embedder
from evaluation.cards import rewrite_cards
from evaluation.cases import COMPARABLE
from evaluation.check import COMMITTED, deviations, merged, read_committed
from evaluation.compare import compare, contestant
from evaluation.comparison import Verdict, print_comparison
from evaluation.html.exhibits import Exhibits, gather
from evaluation.html.page import write_page
from evaluation.kept import write_kept
from evaluation.report import Report, print_report, write_json
from evaluation.run import run_suite
from evaluation.sets.sets import FOLDER
from evaluation.suites import DEFAULT_SUITES, SUITES
from evaluation.workbench import Workbench

REPORT_NAME = "report.json"
PAGE_NAME = "report.html"
COMPARISON_NAME = "comparison.json"

COMPARE = "compare"
"""Stands where a suite's name would."""

# Where nobody is looking, rich would fold the tables to 80 columns.
_WIDTH = 160

T = TypeVar("T")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    suites = "; ".join(f"{suite.name}: {suite.summary}" for suite in SUITES.values())
    parser.add_argument(
        "suites",
        nargs="*",
        metavar="SUITE",
        help=(
            f"{suites} (default: {' '.join(DEFAULT_SUITES)}); or `compare A B`, each a model "
            f"folder, a file of kept scores or a baseline: status 0 where B is better, else 1"
        ).replace("%", "%%"),
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
        help=f"where {REPORT_NAME} and {PAGE_NAME} go (default: %(default)s)",
    )
    parser.add_argument(
        "--predictions", type=Path, metavar="FILE", help="out-of-fold scores, for the suite oof"
    )
    baselines = parser.add_mutually_exclusive_group()
    baselines.add_argument("--no-baseline", action="store_true", help="leave out the baselines")
    baselines.add_argument(
        "--baseline",
        action="append",
        choices=BASELINES,
        metavar="NAME",
        help=f"this baseline only, of {', '.join(BASELINES)}; may be repeated (default: all)",
    )
    parser.add_argument(
        "--before",
        type=Path,
        metavar="DIR",
        help="folder of the model before (default: its kept scores, which come with the code)",
    )
    parser.add_argument(
        "--keep-scores",
        type=Path,
        metavar="FILE",
        help="keep what the model scored, by hash of the text, in this .json.gz",
    )
    parser.add_argument(
        "--on",
        action="append",
        metavar="SUITE",
        help="with compare: this suite only; may be repeated (default: all that compare models)",
    )
    parser.add_argument(
        "--figures",
        type=Path,
        default=COMMITTED,
        metavar="FILE",
        help="the committed figures (default: those beside this package's code)",
    )
    parser.add_argument(
        "--cards",
        action="store_true",
        help="write the figures into the model's card and the datasheet of the data",
    )
    kept = parser.add_mutually_exclusive_group()
    kept.add_argument(
        "--check", action="store_true", help="exit 1 unless the committed figures hold"
    )
    kept.add_argument(
        "--update", action="store_true", help="write these figures as the committed ones"
    )


def run(args: argparse.Namespace, embed: Embedder | None = None) -> int:
    """`embed` is the encoder of the frozen baseline, which is left out without one."""
    if args.suites[:1] == [COMPARE]:
        return _compare(args, embed)
    names = list(dict.fromkeys(args.suites)) or list(DEFAULT_SUITES)
    unknown = [name for name in names if name not in SUITES]
    if unknown:
        raise UsageError(
            f"the suites are {', '.join(SUITES)}; there is no {', '.join(map(repr, unknown))}"
        )
    # Read first: minutes of scoring should not end in a missing file.
    committed = read_committed(args.figures) if args.check else {}
    report, exhibits = _measure(args, names, embed)
    write_json(args.out / REPORT_NAME, report.to_dict())
    write_page(args.out / PAGE_NAME, report, exhibits)
    print_report(report, _stdout())
    sys.stderr.write(f"Written to {args.out / REPORT_NAME} and {args.out / PAGE_NAME}\n")
    if args.cards:
        for card in rewrite_cards(report, load_manifest(args.data), args.model):
            sys.stderr.write(f"Figures written into {card}\n")
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


def _measure(
    args: argparse.Namespace, names: Sequence[str], embed: Embedder | None
) -> tuple[Report, Exhibits]:
    manifest = load_manifest(args.data)
    with _progress() as progress:
        bench = _workbench(args, embed, progress)
        suites = [run_suite(SUITES[name], bench) for name in names]
        exhibits = gather(bench, suites)
    if not any(SUITES[name].needs_model for name in names):
        return Report(None, None, {}, manifest["hash"], suites), exhibits
    if args.keep_scores is not None:
        count = write_kept(args.keep_scores, bench.classifier)
        sys.stderr.write(f"Scores of {count:,} texts kept in {args.keep_scores}\n")
    model = bench.classifier.manifest
    report = Report(
        model=model.model,
        policy=model.policy,
        thresholds={
            label.value: {"review": cuts.review, "priority": cuts.priority}
            for label, cuts in model.thresholds.items()
        },
        data=manifest["hash"],
        suites=suites,
    )
    return report, exhibits


def _compare(args: argparse.Namespace, embed: Embedder | None) -> int:
    """0 where the second is better, 1 where that is not shown."""
    if len(args.suites) != 3:
        raise UsageError(f"`{COMPARE}` takes two models, A and B; found {args.suites[1:]}")
    names = args.on or list(COMPARABLE)
    unknown = [name for name in names if name not in COMPARABLE]
    if unknown:
        raise UsageError(
            f"models are compared on {', '.join(COMPARABLE)}; found {', '.join(map(repr, unknown))}"
        )
    data = load_manifest(args.data)["hash"]
    with _progress() as progress:
        bench = _workbench(args, embed, progress)
        first, second = (contestant(name, bench) for name in args.suites[1:])
        comparison = compare({name: COMPARABLE[name] for name in names}, bench, first, second)
    path = args.out / COMPARISON_NAME
    write_json(path, {"data": data, **comparison.to_dict()})
    print_comparison(comparison, _stdout())
    sys.stderr.write(f"Written to {path}\n")
    return 0 if comparison.verdict is Verdict.BETTER else 1


def _workbench(args: argparse.Namespace, embed: Embedder | None, progress: Progress) -> Workbench:
    def track(items: Sequence[T], step: str) -> Iterable[T]:
        return progress.track(items, description=step)

    before = args.before or sorted(FOLDER.glob("before-*.json.gz"))
    return Workbench(
        args.data,
        args.model,
        held_out=args.predictions,
        with_baseline=not args.no_baseline,
        track=track,
        sources=BaselineSources(embed, before, args.baseline),
    )


def _progress() -> Progress:
    return Progress(console=Console(stderr=True), transient=True)


def _stdout() -> Console:
    width = None if sys.stdout.isatty() else _WIDTH
    return Console(file=sys.stdout, width=width, highlight=False)
