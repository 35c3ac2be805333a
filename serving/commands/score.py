"""`lurewatch score`: score a file or standard input, one record out per row in."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from classifier.artifact import Manifest
from classifier.classifier import Classifier
from classifier.errors import UsageError
from serving.bulk.journal import journal_path
from serving.bulk.output import open_output, output_format
from serving.bulk.part_file import part_path
from serving.bulk.progress import Progress, summary_line
from serving.bulk.run import Run, run_of
from serving.bulk.scoring import Engine, local_engine, score_stream
from serving.bulk.source import Format, Source, open_source
from serving.bulk.storage import local_input, local_output
from serving.bulk.tally import Tally

_INTERRUPTED = 130
"""What a shell reports for a command stopped by Ctrl-C."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "input",
        nargs="?",
        default="-",
        metavar="INPUT",
        help="JSONL, CSV, Parquet or text lines by extension, also .gz and .zst; - (the default) is"
        " standard input",
    )
    parser.add_argument(
        "--output",
        metavar="FILE",
        help="JSONL, or CSV or Parquet by extension; without it JSONL goes to standard output",
    )
    parser.add_argument(
        "--resume",
        action="store_true",
        help="continue FILE.part where an earlier run was stopped or killed",
    )
    parser.add_argument(
        "--explain", action="store_true", help="add facets and evidence to every record"
    )
    parser.add_argument(
        "--engine", choices=("local", "ray"), default="local", help="where the work is done"
    )
    parser.add_argument(
        "--ray-address",
        metavar="HOST:PORT",
        help="the Ray cluster; default: RAY_ADDRESS, without it one is started on this machine",
    )
    parser.add_argument(
        "--actors", type=int, metavar="N", help="models on the Ray cluster; default: one a core"
    )
    parser.add_argument(
        "--stage",
        choices=("auto", "encoder"),
        default="auto",
        help="auto: the screen clears what is plainly harmless; encoder: it reads every text",
    )
    parser.add_argument(
        "--format",
        choices=[kind.value for kind in Format],
        help="the format of INPUT, where its extension does not say",
    )
    parser.add_argument("--model", type=Path, metavar="DIR", help="a model folder")
    parser.add_argument(
        "--threads",
        type=int,
        metavar="N",
        help="threads to use; default: all; with --engine ray those of each actor, default: 1",
    )
    parser.add_argument(
        "--progress", action="store_true", help="show progress even if this is no terminal"
    )


def run(args: argparse.Namespace) -> int:
    """Return 0 if every row was scored, 1 if some were rejected.

    Raises a LurewatchError where an option, the input, the output or the model cannot be used.
    """
    if args.threads is not None and args.threads < 1:
        raise UsageError(f"expected --threads of at least 1, found {args.threads}")
    with ExitStack() as stack:
        source, output = args.input, args.output or "-"
        source_path = None if source == "-" else stack.enter_context(local_input(source))
        output_path = None if output == "-" else stack.enter_context(local_output(output))
        if args.resume and not (source_path and output_path):
            raise UsageError(
                "--resume needs an input and an --output that are files: standard input cannot be "
                "read again from its start"
            )
        return _run(args, source_path, output_path)


def _run(args: argparse.Namespace, source_path: Path | None, output_path: Path | None) -> int:
    if source_path and output_path:
        _refuse_overwriting(source_path, output_path)
    if source_path is None and sys.stdin.isatty():
        sys.stderr.write("Reading from the terminal; Ctrl-D ends the input.\n")
    try:
        tally = _score(args, source_path, output_path)
    except BrokenPipeError:
        # The reader of the records has seen enough, as `head` does. Standard output is pointed
        # elsewhere so that the interpreter does not complain when it flushes on its way out.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        part = part_path(output_path) if output_path else None
        where = f" What was written is in {part}." if part and part.exists() else ""
        sys.stderr.write(f"Stopped.{where}\n")
        return _INTERRUPTED
    return 1 if tally.rejected else 0


def _score(args: argparse.Namespace, source_path: Path | None, output_path: Path | None) -> Tally:
    given = Format(args.format) if args.format else None
    with open_source(source_path, given) as source, _engine(args) as (engine, manifest):
        run = _identity(args, source, manifest, output_path)
        if args.resume and run is None:
            raise UsageError(f"--resume needs an input that is a file, and {source_path} is none")
        with open_output(output_path, run, resumes=args.resume) as output:
            done = _passed_over(source, output.done) if args.resume else output.done
            progress = Progress(sys.stderr, source.fraction)
            shown = args.progress or _progress_helps(output_path)
            try:
                tally = score_stream(
                    source.rows,
                    engine,
                    output,
                    report=progress if shown else None,
                    done=done,
                )
            finally:
                progress.clear()
    sys.stderr.write(f"{summary_line(tally)}\n")
    return tally


def _identity(
    args: argparse.Namespace, source: Source, manifest: Manifest, output_path: Path | None
) -> Run | None:
    if source.mark is None or output_path is None:
        return None
    return run_of(
        source.mark,
        manifest,
        input_format=source.kind,
        output_format=output_format(output_path),
        engine=args.engine,
        stage=args.stage,
        explain=args.explain,
    )


def _passed_over(source: Source, done: Tally) -> Tally:
    found = source.skip(done.rows)
    if found < done.rows:
        raise UsageError(
            f"the part holds {done.rows:,} rows and the input only {found:,};"
            " leave --resume out to start over"
        )
    sys.stderr.write(
        f"Resuming: {done.rows:,} rows are there already and were skipped.\n"
        if done.rows
        else "Nothing to resume; starting at the first row.\n"
    )
    return replace(done, resumed=done.rows)


@contextmanager
def _engine(args: argparse.Namespace) -> Iterator[tuple[Engine, Manifest]]:
    screen = args.stage == "auto"
    if args.engine == "ray":
        from serving.bulk.ray_engine import RayOptions, open_engine  # an extra, seldom needed

        address = args.ray_address or os.environ.get("RAY_ADDRESS")
        options = RayOptions(address, args.actors, args.threads or 1, args.explain, screen)
        with open_engine(args.model, options) as engine:
            yield engine, engine.manifest
    else:
        classifier = Classifier.load(args.model, threads=args.threads, screen=screen)
        yield local_engine(classifier, explain=args.explain), classifier.manifest


def _progress_helps(output_path: Path | None) -> bool:
    # Records and a progress line on the same terminal would write over each other.
    return sys.stderr.isatty() and (output_path is not None or not sys.stdout.isatty())


def _refuse_overwriting(source_path: Path, output_path: Path) -> None:
    part = part_path(output_path)
    for written in (output_path, part, journal_path(part)):
        with suppress(OSError):  # one of the two is not there
            if source_path.samefile(written):
                raise UsageError(f"the output {written} is the input; name another file")
