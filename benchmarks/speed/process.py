"""The measuring side of a contender's process."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from multiprocessing import Pipe
from pathlib import Path

from benchmarks.speed.contenders.contender import Name, Setting
from benchmarks.speed.errors import ContenderError
from benchmarks.speed.messages import Done, Failed, Ready, Task

ROOT = Path(__file__).parents[2]


class Process:
    """A contender in a process of its own, to be closed.

    Raises:
        ContenderError: it cannot be loaded, or ended by itself.
    """

    def __init__(self, name: Name, setting: Setting, log: Path, python: Path | None = None) -> None:
        self.name = name
        self._log = log
        self._connection, theirs = Pipe()
        with theirs, log.open("wb") as output:
            self._process = subprocess.Popen(
                [
                    str(python or sys.executable),
                    "-m",
                    "benchmarks.speed.worker",
                    str(theirs.fileno()),
                    name.value,
                ],
                cwd=ROOT,
                env=environment(setting.threads),
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=[theirs.fileno()],
            )
        try:
            self._connection.send(setting)
            ready = self._receive()
        except ContenderError:
            self.close()
            raise
        assert isinstance(ready, Ready)
        self.ready = ready

    def close(self) -> None:
        """End it; once more does no harm."""
        if not self._connection.closed:
            with suppress(OSError):
                self._connection.send(None)
            self._connection.close()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def run(self, texts: Sequence[str], batch: int) -> Done:
        """Score `texts` once."""
        self._connection.send(Task(tuple(texts), batch))
        done = self._receive()
        assert isinstance(done, Done)
        return done

    def _receive(self) -> Ready | Done:
        try:
            message: Ready | Done | Failed = self._connection.recv()
        except EOFError:
            status = self._process.wait()
            raise ContenderError(f"its process ended with {status}; see {self._log}") from None
        if isinstance(message, Failed):
            raise ContenderError(f"{message.reason}; see {self._log}")
        return message


def environment(threads: int) -> Mapping[str, str]:
    """For every process that scores: as many threads, nothing fetched, nothing reported home."""
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "OMP_NUM_THREADS": str(threads),
        "MKL_NUM_THREADS": str(threads),
        "RAYON_NUM_THREADS": str(threads),
        "TOKENIZERS_PARALLELISM": "true",
        "HF_HUB_OFFLINE": "1",
        "TRANSFORMERS_VERBOSITY": "error",
        "DO_NOT_TRACK": "1",
        "INFINITY_ANONYMOUS_USAGE_STATS": "0",
    }
