"""`lurewatch users`: the people who may sign in."""

from __future__ import annotations

import argparse
import sys
from datetime import datetime

from serving.columns import columns
from serving.commands.installation import open_installation
from serving.policy import Role
from serving.users.names import read_languages
from serving.users.records import UserRecord
from serving.users.service import UserService, welcome_address

_ROLES = tuple(role.value for role in Role if role is not Role.PLATFORM)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(
        dest="action", required=True, metavar="create|list|disable|link|end-sessions"
    )
    create = actions.add_parser("create", help="add a person; prints a link to set a password")
    create.add_argument("name", help="what they sign in with")
    create.add_argument("--role", required=True, choices=_ROLES)
    create.add_argument(
        "--languages", type=str, help='what they read, such as "en,ar,hi-Latn" (default: all)'
    )
    actions.add_parser("list", help="show all people")
    disable = actions.add_parser("disable", help="end a person's access, at once and for good")
    disable.add_argument("name")
    link = actions.add_parser("link", help="print a new link to set a password")
    link.add_argument("name")
    actions.add_parser("end-sessions", help="sign everybody out, and kill all unused links")


def run(args: argparse.Namespace) -> int:
    with open_installation() as place:
        users = UserService(place.database, place.audit)
        if args.action == "create":
            languages = None if args.languages is None else read_languages(args.languages)
            token = users.create(args.name, Role(args.role), languages)
            _show_link(welcome_address(place.settings.address, token))
        elif args.action == "link":
            token = users.new_link(args.name)
            _show_link(welcome_address(place.settings.address, token))
        elif args.action == "disable":
            user = users.disable(args.name)
            sys.stderr.write(f"Disabled {user.name}; whoever was signed in so is out.\n")
        elif args.action == "end-sessions":
            ended = users.end_sessions()
            sys.stderr.write(f"Ended {ended} sessions; everybody signs in again.\n")
        else:
            _list(users)
    return 0


def _show_link(link: str) -> None:
    # The link alone on stdout, for scripts; what to know about it beside it.
    sys.stdout.write(f"{link}\n")
    sys.stderr.write("It works once, within 24 hours. Give it to that person and to nobody else.\n")


def _list(users: UserService) -> None:
    header = ("NAME", "ROLE", "READS", "CREATED", "STATUS")
    rows = [header, *(_row(user) for user in users.list())]
    sys.stdout.write("\n".join(columns(rows)) + "\n")


def _row(user: UserRecord) -> tuple[str, ...]:
    languages = "all" if user.languages is None else ",".join(sorted(user.languages))
    return (user.name, user.role.value, languages, _day(user.created_at), _status(user))


def _status(user: UserRecord) -> str:
    if user.disabled_at is not None:
        return f"disabled {_day(user.disabled_at)}"
    return "active" if user.welcomed else "has not set a password"


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d}"
