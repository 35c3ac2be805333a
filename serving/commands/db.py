"""`lurewatch db upgrade`: brings the database to this version's schema."""

from __future__ import annotations

import argparse
import os
import sys

from serving.database import Database
from serving.migrations import Migrations
from serving.settings import read_settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="upgrade")
    actions.add_parser("upgrade", help="bring the schema to this version; make a backup first")


def run(args: argparse.Namespace) -> int:
    database = Database(read_settings(os.environ).database_url)
    try:
        upgrade = Migrations().upgrade(database)
    finally:
        database.dispose()
    if upgrade.before == upgrade.after:
        sys.stdout.write(f"{database.name} is at revision {upgrade.after} already\n")
    else:
        before = upgrade.before or "nothing"
        sys.stdout.write(f"{database.name}: from {before} to revision {upgrade.after}\n")
    return 0
