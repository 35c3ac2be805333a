"""`lurewatch demo`: the sample posts as a scored table, then the server, open to be tried."""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from classifier.classifier import Classifier
from classifier.labels import Label, Route
from classifier.records import Rejection, Score
from serving.actors import KEY, Actor
from serving.columns import fit, pad
from serving.commands.demo_posts import hand_in
from serving.commands.installation import open_installation
from serving.commands.serve import stop_cleanly_on_sigterm
from serving.keys.service import KeyService
from serving.logs import configure_logging
from serving.pages.samples import Sample, load_samples
from serving.policy import Role
from serving.server import serve
from serving.settings import Settings, read_settings
from serving.users.service import UserService, welcome_address

KEY_NAME = "demo"
USER_NAME = "demo"

_COLOURS = {Route.CLEAR: "32", Route.REVIEW: "33", Route.PRIORITY: "31;1"}
_NARROWEST_TEXT = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", help="port to listen on (default: $PORT, or 8000)")
    parser.add_argument("--model", type=Path, help="model folder (default: the one that ships)")
    parser.add_argument("--threads", type=int, help="processor threads (default: all cores)")
    parser.add_argument("--table-only", action="store_true", help="print the table and end")


def run(args: argparse.Namespace) -> int:
    # `make demo PORT=...` hands the port over as other hosts do, in a variable without a prefix.
    port = args.port or os.environ.get("PORT") or None
    settings = read_settings(
        os.environ, port=port, model=args.model, threads=args.threads, workers=1
    )
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal without UTF-8 still gets a table
    sys.stderr.write("Loading the model ...\n")
    classifier = Classifier.load(settings.model, threads=settings.threads)
    samples = load_samples()
    results = classifier.score([sample.post for sample in samples])
    colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    cells = shutil.get_terminal_size((120, 24)).columns
    sys.stdout.write("\n".join(table(samples, results, cells=cells, colour=colour)) + "\n")
    sys.stdout.flush()
    if args.table_only:
        return 0
    configure_logging(sys.stderr)
    stop_cleanly_on_sigterm()
    with contextlib.suppress(KeyboardInterrupt):
        serve(
            settings,
            lambda address: _announce(settings, classifier, samples, address),
            classifier=classifier,
        )
    return 0


def table(
    samples: Sequence[Sample],
    results: Sequence[Score | Rejection],
    *,
    cells: int,
    colour: bool,
) -> list[str]:
    """A header, a line for each sample with as much of its text as fits `cells`, a summary."""
    languages = max(len(sample.language) for sample in samples)
    kinds = max(len(sample.kind) for sample in samples)
    head = "  ".join(
        (pad("LANG", languages), pad("WHAT IT IS", kinds), "SMUGGLING", "FAKE JOB", "ROUTE   ")
    )
    text_cells = max(_NARROWEST_TEXT, cells - len(head) - 2)
    lines = [f"{head}  TEXT"]
    for sample, result in zip(samples, results, strict=True):
        about = (pad(sample.language, languages), pad(sample.kind, kinds))
        text = fit(" | ".join(filter(None, (sample.post.title, sample.post.text))), text_cells)
        lines.append("  ".join((*about, *_scores(result, colour), text)))
    flagged = sum(isinstance(r, Score) and r.route is not Route.CLEAR for r in results)
    tongues = len({sample.language for sample in samples})
    lines.append(f"{len(samples)} posts in {tongues} languages; {flagged} would go to a moderator.")
    return lines


def _scores(result: Score | Rejection, colour: bool) -> tuple[str, str, str]:
    if isinstance(result, Rejection):
        return pad("-", 9, right=True), pad("-", 8, right=True), pad(result.error.code, 8)
    route = pad(result.route.value, 8)
    return (
        pad(f"{result.scores[Label.SMUGGLING_SERVICE]:.3f}", 9, right=True),
        pad(f"{result.scores[Label.FAKE_JOB]:.3f}", 8, right=True),
        f"\x1b[{_COLOURS[result.route]}m{route}\x1b[0m" if colour else route,
    )


def _announce(
    settings: Settings, classifier: Classifier, samples: Sequence[Sample], address: str
) -> None:
    with open_installation(settings) as place:
        keys = KeyService(place.database, place.audit)
        # A secret cannot be read back, so each demo makes its key anew and revokes the last one.
        new = keys.replace(Role.PLATFORM, name=KEY_NAME, platform=KEY_NAME)
        token = sign_in_token(UserService(place.database, place.audit))
    sys.stderr.write("Handing the samples in ...\n")
    platform = Actor(f"{KEY}{new.id}", Role.PLATFORM, KEY_NAME)
    waiting = hand_in(settings, classifier, platform, samples)
    link = welcome_address(settings.public_url or address, token)
    sys.stdout.write(
        f"\nOpen {address} and paste a text. The API is described at {address}/docs.\n"
        f"{waiting} posts wait in the queue. To work it as a lead called {USER_NAME}, set a "
        f"password here; the link works once:\n{link}\n"
        f"A key to try it, good until the next demo: {new.key}\n\n"
        f"curl {address}/v1/score -H 'Authorization: Bearer {new.key}' \\\n"
        "  -H 'Content-Type: application/json' \\\n"
        """  -d '{"text": "Boat Saturday, 3 seats left, pay on arrival.", "explain": true}'\n\n"""
        "Ctrl+C stops it.\n"
    )
    sys.stdout.flush()


def sign_in_token(users: UserService) -> str:
    if users.find(USER_NAME) is None:
        return users.create(USER_NAME, Role.LEAD)
    return users.new_link(USER_NAME)
