"""The command `lurewatch`: finds the part that a subcommand names and imports only that."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import version

from classifier.errors import LurewatchError, UsageError

DONE, FELL_SHORT, USAGE, INTERRUPTED = 0, 1, 2, 130


@dataclass(frozen=True, slots=True)
class Command:
    """`module` has `add_arguments(parser)` and `run(args) -> int`; `extra` is what it needs."""

    module: str
    summary: str
    extra: str | None = None


COMMANDS = {
    "score": Command("serving.commands.score", "score a file or standard input"),
    "serve": Command("serving.commands.serve", "serve the API and the pages"),
    "demo": Command("serving.commands.demo", "score the bundled samples, then serve"),
    "keys": Command("serving.commands.keys", "create, list and revoke API keys"),
    "users": Command("serving.commands.users", "create, link, list and disable people"),
    "audit": Command("serving.commands.audit", "check that the audit log was not changed"),
    "queue": Command("serving.commands.queue", "end what was kept too long, score open items anew"),
    "erase": Command("serving.commands.erase", "remove a post's texts for good"),
    "export": Command("serving.commands.export", "write decisions out as training records"),
    "db": Command("serving.commands.db", "bring up to date, back up and restore the database"),
    "model": Command("classifier.command", "show or verify a model folder"),
    "data": Command("data.command", "build the splits, check the corpus", "train"),
    "train": Command("training.command", "fine-tune a model by a recipe", "train"),
    "evaluate": Command("lurewatch.evaluate", "judge a model folder", "train"),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns 0 done, 1 a bar missed or input rejected, 2 usage."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments[:1] == ["--version"]:
        sys.stdout.write(f"lurewatch {version('lurewatch')}\n")
        return DONE
    if not arguments or arguments[0] in ("-h", "--help"):
        sys.stdout.write(_overview())
        return DONE if arguments else USAGE
    name, *rest = arguments
    if name not in COMMANDS:
        sys.stderr.write(f"lurewatch: there is no command {name!r}; see lurewatch --help\n")
        return USAGE
    try:
        module = import_module(COMMANDS[name].module)
    except ModuleNotFoundError as error:
        extra = COMMANDS[name].extra
        if extra is None or error.name is None or error.name.split(".")[0] in _OWN_PACKAGES:
            raise
        sys.stderr.write(
            f"lurewatch {name} needs the package {error.name}, which scoring does without; "
            f'install it with: pip install "lurewatch[{extra}]"\n'
        )
        return USAGE
    parser = argparse.ArgumentParser(f"lurewatch {name}", description=COMMANDS[name].summary)
    module.add_arguments(parser)
    try:
        args = parser.parse_args(rest)
    except SystemExit as leaving:
        return int(leaving.code or DONE)
    try:
        return int(module.run(args))
    except LurewatchError as error:
        sys.stderr.write(f"lurewatch {name}: {error}\n")
        return USAGE if isinstance(error, UsageError) else FELL_SHORT
    except BrokenPipeError:  # whoever read the output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except KeyboardInterrupt:
        sys.stderr.write(f"\nlurewatch {name}: interrupted\n")
        return INTERRUPTED


_OWN_PACKAGES = frozenset({"classifier", "data", "training", "evaluation", "serving", "lurewatch"})


def _overview() -> str:
    lines = [
        "usage: lurewatch COMMAND [...]",
        "",
        "Scores posts and adverts that lure people into smugglers' boats and fake jobs.",
        "",
        *(f"  {name:10}{command.summary}" for name, command in COMMANDS.items()),
        "",
        "lurewatch COMMAND --help tells more; lurewatch --version tells which this is.",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
