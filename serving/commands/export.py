"""`lurewatch export`: decisions as JSON Lines, to train on."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from classifier.errors import UsageError
from serving.bulk.part_file import PartFile
from serving.commands.installation import COMMAND_LINE, open_installation
from serving.review.exports import DecisionRecord, ExportService


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="decisions")
    decisions = actions.add_parser(
        "decisions", help="final decisions with their texts, contacts masked"
    )
    decisions.add_argument(
        "--output", type=Path, metavar="FILE", help="JSON Lines (default: standard output)"
    )
    decisions.add_argument(
        "--since",
        metavar="DATE",
        help="leave out what was final before, in UTC (2026-09-30, 2026-09-30T08:00): with the "
        "moment at which the last export began nothing is lost in between",
    )


def run(args: argparse.Namespace) -> int:
    since = None if args.since is None else _moment(args.since)
    with open_installation() as place:
        records = ExportService(place.database, place.audit).decisions(COMMAND_LINE, since)
        if args.output is None:
            written = _write(records, sys.stdout.buffer.write)
        else:
            with closing(PartFile(args.output)) as part:
                written = _write(records, part.write)
                part.publish()
    sys.stderr.write(f"{written:,} decisions exported.\n")
    return 0


def _write(records: Iterable[DecisionRecord], write: Callable[[bytes], object]) -> int:
    written = 0
    for record in records:
        write(record.to_json().encode())
        written += 1
    return written


def _moment(date: str) -> datetime:
    try:
        moment = datetime.fromisoformat(date)
    except ValueError as error:
        raise UsageError(f"expected --since as 2026-09-30, found {date!r}") from error
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
