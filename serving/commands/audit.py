"""`lurewatch audit`: checks the audit log, and shows the signed heads to be kept elsewhere."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from classifier.errors import UsageError
from serving.audit.heads import parse_heads, read_heads, render_heads
from serving.audit.records import SignedHead, VerifyReport
from serving.audit.verify import verify
from serving.clock import utc_now
from serving.database import Database
from serving.migrations import open_database
from serving.secret import Keyring, load_keyring
from serving.settings import read_settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="verify|heads")
    check = actions.add_parser("verify", help="find the first event that is not as it was written")
    check.add_argument(
        "--heads", type=Path, metavar="FILE", help="heads kept from earlier, which must still fit"
    )
    actions.add_parser("heads", help="print the signed ends of the log, one line to be kept")


def run(args: argparse.Namespace) -> int:
    settings = read_settings(os.environ)
    database = open_database(settings.database_url)
    try:
        if args.action == "heads":
            return _print_heads(database)
        keyring = load_keyring(settings, os.environ, create=False)
        return _verify(database, keyring, _kept(args.heads, keyring))
    finally:
        database.dispose()


def _print_heads(database: Database) -> int:
    with database.read() as session:
        heads = read_heads(session)
    sys.stdout.write(render_heads(heads, utc_now()) + "\n")
    return 0


def _verify(database: Database, keyring: Keyring, kept: Sequence[SignedHead]) -> int:
    progress = _Progress(sys.stderr)
    started = time.monotonic()
    report = verify(database, keyring, progress, kept=kept)
    progress.clear()
    seconds = time.monotonic() - started
    if report.bad:
        sys.stdout.write("\n".join(map(str, report.bad)) + "\n")
        sys.stderr.write(
            f"The log is not as it was written: the first bad row of {_lanes(len(report.bad))}. "
            f"{report.events:,} events before them are good ({seconds:.1f} s).\n"
        )
        if not report.events:
            sys.stderr.write("Where no event is good, look first whether the secret is another.\n")
        return 1
    sys.stdout.write(_all_good(report, seconds) + "\n")
    return 0


def _all_good(report: VerifyReport, seconds: float) -> str:
    if not report.events:
        return "There is no event yet."
    return (
        f"{report.events:,} events in {_lanes(report.lanes)} are as they were written "
        f"({seconds:.1f} s)."
    )


def _lanes(number: int) -> str:
    return f"{number} lane" if number == 1 else f"{number} lanes"


def _kept(path: Path | None, keyring: Keyring) -> Sequence[SignedHead]:
    if path is None:
        return ()
    try:
        with path.open(encoding="utf-8") as lines:
            return parse_heads(lines, keyring)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise UsageError(f"the heads in {path} cannot be read ({reason}).") from error


class _Progress:
    """Draws over itself on a terminal, and says nothing elsewhere."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._width = 0

    def __call__(self, done: int, total: int) -> None:
        if self._stream.isatty():
            line = f"{done:,} of {total:,} events"
            self._stream.write(f"\r{line:<{self._width}}")
            self._stream.flush()
            self._width = len(line)

    def clear(self) -> None:
        self._stream.write(f"\r{'':<{self._width}}\r" if self._width else "")
