"""`lurewatch db`: brings the database to this version's schema, backs it up and restores it."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from serving.backup import back_up, restore
from serving.database import Database
from serving.migrations import Migrations, open_database
from serving.secret import check_secret, load_keyring
from serving.settings import Settings, read_settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="upgrade|backup|restore")
    actions.add_parser("upgrade", help="bring the schema to this version; make a backup first")
    backup = actions.add_parser("backup", help="copy a SQLite database while it is in use")
    backup.add_argument("file", type=Path, metavar="FILE", help="a new file")
    restoring = actions.add_parser("restore", help="put a backup where there is no database yet")
    restoring.add_argument("file", type=Path, metavar="FILE", help="a backup of a SQLite database")


def run(args: argparse.Namespace) -> int:
    settings = read_settings(os.environ)
    if args.action == "upgrade":
        _upgrade(settings)
    elif args.action == "backup":
        _back_up(settings, args.file)
    else:
        _restore(settings, args.file)
    return 0


def _upgrade(settings: Settings) -> None:
    database = Database(settings.database_url)
    try:
        upgrade = Migrations().upgrade(database)
    finally:
        database.dispose()
    if upgrade.before == upgrade.after:
        sys.stdout.write(f"{database.name} is at revision {upgrade.after} already\n")
    else:
        before = upgrade.before or "nothing"
        sys.stdout.write(f"{database.name}: from {before} to revision {upgrade.after}\n")


def _back_up(settings: Settings, file: Path) -> None:
    back_up(settings.database_url, file)
    sys.stdout.write(f"{file} is written\n")
    sys.stderr.write("The secret is not in it; keep a copy of that elsewhere.\n")


def _restore(settings: Settings, file: Path) -> None:
    restore(file, settings.database_url)
    database = open_database(settings.database_url)
    try:
        sys.stdout.write(f"{file} is restored as {database.name}\n")
        check_secret(database, load_keyring(settings, os.environ, create=False))
    finally:
        database.dispose()
    sys.stderr.write(_AFTER_RESTORE)


_AFTER_RESTORE = """\
Everybody is signed out, and links that nobody had used are dead.
What was done after the backup is undone in it. Do these again:
  keys revoked since:     lurewatch keys list, lurewatch keys revoke ID
  people disabled since:  lurewatch users list, lurewatch users disable NAME
  passwords set since:    the earlier ones are good again; lurewatch users link NAME
  posts erased since:     docs/operations/backup.md says how to find and erase them
"""
