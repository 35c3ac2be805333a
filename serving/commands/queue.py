"""`lurewatch queue`: what is done to the queue from time to time."""

from __future__ import annotations

import argparse
import asyncio
import sys

from classifier.errors import LurewatchError
from serving.commands.erase import purge_and_report
from serving.commands.installation import COMMAND_LINE, Installation, open_installation
from serving.metrics import Metrics
from serving.review.rescore import RescoreService
from serving.review.rescore_report import RescoreReport
from serving.review.retention import RetentionService
from serving.scoring.batcher import Limits
from serving.scoring.engine import Engine

_SHOWN_EVERY = 1_000  # a multiple of the batches that it is told of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="retention|rescore")
    retention = actions.add_parser(
        "retention", help="erase the texts that were kept for as long as the settings say"
    )
    rescore = actions.add_parser(
        "rescore", help="score what waits anew, after a change of the model or the policy"
    )
    for action in (retention, rescore):
        action.add_argument("--dry-run", action="store_true", help="show what would change")


def run(args: argparse.Namespace) -> int:
    """Return 1 where an erased text could not be overwritten."""
    with open_installation() as place:
        if args.action == "retention":
            return _retention(place, args.dry_run)
        report = asyncio.run(_rescore(place, args.dry_run))
    sys.stdout.write(summarise(report))
    return 0


def _retention(place: Installation, dry_run: bool) -> int:
    service = RetentionService(place.database, place.audit, place.settings)
    counts = service.due() if dry_run else service.run()
    verb = "to erase" if dry_run else "erased"
    for outcome, number in counts.items():
        sys.stdout.write(f"{outcome}: {number:,} {verb}\n")
    return 0 if dry_run or purge_and_report(place) else 1


async def _rescore(place: Installation, dry_run: bool) -> RescoreReport:
    settings, metrics = place.settings, Metrics()
    failures: list[LurewatchError] = []
    engine = Engine(
        Limits(settings.queue_texts, settings.queue_characters, patience=0),
        metrics,
        folder=settings.model,
        threads=settings.threads,
        on_failure=failures.append,
    )
    service = RescoreService(
        place.database,
        place.audit,
        place.keyring,
        settings,
        engine,
    )
    sys.stderr.write("Loading the model ...\n")
    engine.start()
    try:
        while not engine.ready:
            if failures:
                raise failures[0]
            await asyncio.sleep(0.05)
        return await service.run(COMMAND_LINE, dry_run, progress=_show)
    finally:
        await engine.stop()


def _show(done: int) -> None:
    if done and done % _SHOWN_EVERY == 0:
        sys.stderr.write(f"{done:,} items scored ...\n")


def summarise(report: RescoreReport) -> str:
    """What was scored anew, how many routes flip, and the items whose routes do."""
    verb = "would be" if report.dry_run else "were"
    lines = [
        f"{report.items:,} items {verb} scored anew with {report.model}, policy {report.policy}; "
        f"{report.left_queue:,} {verb} taken out of the queue"
    ]
    lines += [
        f"{before.value} to {after.value}: {number:,}"
        for (before, after), number in sorted(report.flipped.items())
    ]
    lines += [f"{flip.item_id}  {flip.before.value} to {flip.after.value}" for flip in report.flips]
    return "\n".join(lines) + "\n"
