"""The measuring side of the load generator's process."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import Pipe
from multiprocessing.connection import Connection

from benchmarks.speed.errors import ContenderError
from benchmarks.speed.http.messages import Answered, Load
from benchmarks.speed.process import ROOT, environment


class Generator:
    """Sends loads from another process."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def send(self, load: Load) -> Answered:
        """Raises ContenderError where the server does not answer to the end."""
        self._connection.send(load)
        try:
            answered: Answered = self._connection.recv()
        except EOFError:
            raise ContenderError(f"{load.path} was not answered to the end") from None
        return answered


@contextmanager
def generator() -> Iterator[Generator]:
    """A load generator, gone afterwards."""
    ours, theirs = Pipe()
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.speed.http.load", str(theirs.fileno())],
            cwd=ROOT,
            env=environment(1),
            pass_fds=[theirs.fileno()],
        )
    try:
        yield Generator(ours)
    finally:
        ours.close()  # its end, had it not been told
        process.terminate()
        process.wait()
