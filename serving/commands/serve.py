"""`lurewatch serve`: the API and the pages."""

from __future__ import annotations

import argparse
import contextlib
import gc
import os
import signal
import sys
from pathlib import Path

from serving.logs import configure_logging
from serving.settings import read_settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", help="address to listen on (default: 127.0.0.1)")
    parser.add_argument("--port", type=int, help="port to listen on (default: 8000)")
    parser.add_argument("--model", type=Path, help="model folder (default: the one that ships)")
    parser.add_argument("--workers", type=int, help="processes on that port (default: 1)")
    parser.add_argument(
        "--threads", type=int, help="processor threads of each (default: its share of the cores)"
    )


def run(args: argparse.Namespace) -> int:
    settings = read_settings(
        os.environ,
        host=args.host,
        port=args.port,
        model=args.model,
        workers=args.workers,
        threads=args.threads,
    )
    configure_logging(sys.stderr)
    stop_cleanly_on_sigterm()
    with contextlib.suppress(KeyboardInterrupt):
        # Each imported where it is wanted: the process that watches workers needs no runtime. While
        # modules are loaded all objects stay; looking for garbage among them is 0.3 s of the start.
        gc.disable()
        if settings.workers > 1:
            from serving.workers import serve_by_workers

            serve_by_workers(settings, _announce)
        else:
            from serving.server import serve

            serve(settings, _announce)
    return 0


def stop_cleanly_on_sigterm() -> None:
    """Exit 0 on SIGTERM. The server drains first, and then has the signal delivered again."""
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))


def _announce(address: str) -> None:
    sys.stdout.write(f"Listening on {address}\n")
    sys.stdout.flush()
