"""`lurewatch erase`: removes what was posted, from the rows and from the bytes of the files."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from classifier.errors import UsageError
from serving.commands.installation import COMMAND_LINE, Installation, open_installation
from serving.errors import NotFoundError
from serving.review.erase import ErasureService
from serving.review.purge import purge


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("items", nargs="*", metavar="ITEM", help="the id of an item")
    parser.add_argument("--platform", help="whose post it is, where the item is not known")
    parser.add_argument("--post-id", help="what that platform calls the post")
    parser.add_argument(
        "--purge",
        action="store_true",
        help="erase no item; overwrite what the server, or a run cut short, has deleted",
    )
    parser.add_argument(
        "--list",
        action="store_true",
        help="erase nothing; print the items erased on request, for use after a restore",
    )


def run(args: argparse.Namespace) -> int:
    """Return 1 where an item is not there or something could not be overwritten."""
    by_post = args.platform is not None or args.post_id is not None
    if by_post and None in (args.platform, args.post_id):
        raise UsageError("--platform and --post-id name a post together; give both")
    if bool(args.items) + by_post + args.purge + args.list != 1:
        raise UsageError("expected either items, or --platform and --post-id, --purge or --list")
    with open_installation() as place:
        erasures = ErasureService(place.database, place.audit, place.keyring, place.settings)
        if args.list:
            sys.stdout.writelines(f"{item}\n" for item in erasures.erased_on_request())
            return 0
        items: Sequence[str] = args.items
        if by_post:
            items = [erasures.find_post(COMMAND_LINE, args.platform, args.post_id)]
        missing = [item for item in items if not _erase(erasures, item)]
        gone = purge_and_report(place)
    return 0 if gone and not missing else 1


def purge_and_report(place: Installation) -> bool:
    """Overwrite what was deleted; say on stderr what may still hold it. True where nothing does."""
    remaining = purge(place.database)
    for remainder in remaining:
        sys.stderr.write(f"Erased texts may still be in {remainder}\n")
    if not remaining:
        sys.stderr.write(
            "No file of the database holds an erased text. Earlier backups and exports may: see "
            "docs/operations/erasure.md.\n"
        )
    return not remaining


def _erase(erasures: ErasureService, item: str) -> bool:
    try:
        erasure = erasures.erase(COMMAND_LINE, item)
    except NotFoundError as error:
        sys.stderr.write(f"{item}: {error.detail}\n")
        return False
    sys.stdout.write(f"{item}: {erasure.texts} texts, {erasure.notes} notes erased\n")
    return True
