"""`lurewatch keys`: makes, lists and revokes API keys."""

from __future__ import annotations

import argparse
import sys
from datetime import date, datetime

from serving.columns import columns
from serving.commands.installation import open_installation
from serving.keys.service import KeyRecord, KeyService
from serving.policy import Role


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="create|list|revoke")
    create = actions.add_parser("create", help="make a key; it is shown this once")
    create.add_argument("--role", required=True, choices=[role.value for role in Role])
    create.add_argument("--platform", help="whose key it is; for the role platform alone")
    create.add_argument("--name", help="what to list it as (default: the platform or the role)")
    actions.add_parser("list", help="show all keys, without their secrets")
    revoke = actions.add_parser("revoke", help="make a key useless, at once and for good")
    revoke.add_argument("id", help="the id, as listed")


def run(args: argparse.Namespace) -> int:
    with open_installation() as place:
        keys = KeyService(place.database, place.audit)
        if args.action == "create":
            _create(keys, args)
        elif args.action == "list":
            _list(keys)
        else:
            record = keys.revoke(args.id)
            sys.stderr.write(f"Revoked {record.id} ({record.name}).\n")
    return 0


def _create(keys: KeyService, args: argparse.Namespace) -> None:
    name = args.name or args.platform or args.role
    new = keys.create(Role(args.role), name=name, platform=args.platform)
    # The key alone on stdout, for scripts; what to know about it beside it.
    sys.stdout.write(f"{new.key}\n")
    sys.stderr.write(
        f"This is the only time the key is shown. `lurewatch keys revoke {new.id}` takes it back.\n"
    )


def _list(keys: KeyService) -> None:
    header = ("ID", "NAME", "ROLE", "PLATFORM", "CREATED", "LAST USED", "STATUS")
    rows = [header, *(_row(record) for record in keys.list())]
    sys.stdout.write("\n".join(columns(rows)) + "\n")


def _row(record: KeyRecord) -> tuple[str, ...]:
    return (
        record.id,
        record.name,
        record.role.value,
        record.platform or "-",
        _day(record.created_at),
        _day(record.last_used_on),
        f"revoked {_day(record.revoked_at)}" if record.revoked_at else "active",
    )


def _day(moment: date | datetime | None) -> str:
    return f"{moment:%Y-%m-%d}" if moment else "never"
