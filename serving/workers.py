"""Several processes on one port: each an application with a model of its own.

This process answers nothing itself. It holds the sockets, so that connections which come while a
worker is replaced wait for the next one, and it stops when they cannot go on.
"""

from __future__ import annotations

import gc
import logging
import multiprocessing
import os
import signal
import socket
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from multiprocessing.connection import Connection, wait
from pathlib import Path

from classifier.errors import LurewatchError, UsageError
from serving.database import parse_url
from serving.errors import WorkersFailedError
from serving.listening import address_of, listen_together
from serving.logs import FACTS, configure_logging
from serving.migrations import open_database
from serving.secret import check_secret, load_keyring
from serving.settings import Settings

logger = logging.getLogger("lurewatch.workers")

MOST_DEATHS = 5
DEATHS_WITHIN_SECONDS = 60.0
"""So many workers lost in so short a time are no accident: all stop."""

_STOPPING_SECONDS = 10.0  # beyond the time that a worker is given to finish its answers

# A fork would copy what the runtime's threads hold half done.
_processes = multiprocessing.get_context("spawn")


class Worker:
    """One process and what is known of it. A dead one is replaced by another object."""

    def __init__(
        self, settings: Settings, number: int, listener: socket.socket, folder: Path
    ) -> None:
        self.number = number
        self._errors, sender = _processes.Pipe(duplex=False)
        self._process = _processes.Process(
            target=_work,
            args=(settings, number, listener, folder, sender),
            name=f"lurewatch-worker-{number}",
        )
        with _no_interrupts():
            self._process.start()
        sender.close()

    @property
    def sentinel(self) -> int:
        """Ready, for `wait`, when the process has ended."""
        return self._process.sentinel

    def result(self) -> tuple[int | None, LurewatchError | None]:
        """Of a process that has ended: its exit status, and why it said that it cannot go on."""
        self._process.join()
        try:
            error = self._errors.recv() if self._errors.poll() else None
        except EOFError:
            error = None
        self._errors.close()
        return self._process.exitcode, error

    def stop(self) -> None:
        """Ask it to finish; returns at once."""
        self._process.terminate()

    def join(self, seconds: float) -> None:
        """Wait for its end, and make one after `seconds`."""
        self._process.join(seconds)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()


def serve_by_workers(settings: Settings, announce: Callable[[str], None]) -> None:
    """Serve with `settings.workers` processes until a signal is raised as an exception here.

    `announce` is called with the address as soon as it is taken. A worker that dies is replaced;
    where it says why, or where they die again and again, all stop and the error is raised: of a
    database or model that cannot be used, `UsageError` or `WorkersFailedError`.
    """
    if parse_url(settings.database_url).get_backend_name() == "sqlite":
        raise UsageError(
            f"{settings.workers} workers need PostgreSQL: a SQLite database is for one server. "
            "Set LUREWATCH_DATABASE_URL to postgresql://HOST/NAME, or --workers to 1."
        )
    _check_storage(settings)
    with ExitStack() as stack:
        listeners = [
            stack.enter_context(listener)
            for listener in listen_together(settings.host, settings.port, settings.workers)
        ]
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lurewatch-")))
        workers: list[Worker] = []
        stack.callback(_stop_all, workers, settings.shutdown_seconds + _STOPPING_SECONDS)
        announce(address_of(listeners[0]))
        for number, listener in enumerate(listeners):
            workers.append(Worker(settings, number, listener, folder))
        _watch(workers, lambda lost: Worker(settings, lost, listeners[lost], folder))


def _check_storage(settings: Settings) -> None:
    """Create what is new once, before all of them would, and find out what cannot be used."""
    database = open_database(settings.database_url)
    try:
        check_secret(database, load_keyring(settings, os.environ))
    finally:
        database.dispose()


def _watch(workers: list[Worker], replace: Callable[[int], Worker]) -> None:
    deaths: deque[float] = deque(maxlen=MOST_DEATHS)
    while True:
        ended = wait([worker.sentinel for worker in workers])
        for worker in [worker for worker in workers if worker.sentinel in ended]:
            status, error = worker.result()
            if error is not None:
                raise error
            logger.error("worker ended", extra={FACTS: {"worker": worker.number, "exit": status}})
            deaths.append(time.monotonic())
            if len(deaths) == MOST_DEATHS and deaths[-1] - deaths[0] < DEATHS_WITHIN_SECONDS:
                raise WorkersFailedError(
                    f"{MOST_DEATHS} workers ended within {deaths[-1] - deaths[0]:.0f} s, the last "
                    f"with status {status}. A negative status is a signal; -9 mostly means that "
                    "memory ran out. Give each more, or run fewer."
                )
            workers[worker.number] = replace(worker.number)


def _stop_all(workers: list[Worker], seconds: float) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # they are told already
    for worker in workers:
        worker.stop()
    deadline = time.monotonic() + seconds
    for worker in workers:
        worker.join(max(0.0, deadline - time.monotonic()))


@contextmanager
def _no_interrupts() -> Iterator[None]:
    """Ctrl-C reaches every process of a terminal; the child, which keeps this mask, is told by us.

    Until its own handler stands, SIGTERM ends it at once, as it should.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _work(
    settings: Settings, number: int, listener: socket.socket, folder: Path, errors: Connection
) -> None:
    """The life of a worker."""
    signal.signal(signal.SIGTERM, lambda signum, frame: sys.exit(0))
    configure_logging(sys.stderr)
    _keep_to_own_cores(number, settings.workers)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    gc.disable()  # until all is loaded
    # Only here, so that the process which watches stays small and starts at once.
    from serving.server import answer
    from serving.siblings import Siblings

    try:
        answer(settings, listener, siblings=Siblings(folder, number))
    except LurewatchError as error:
        errors.send(error)
        sys.exit(1)


def _keep_to_own_cores(number: int, workers: int) -> None:
    """The runtime binds its threads to the first cores it may use, which are everybody's first."""
    cores = sorted(os.sched_getaffinity(0))
    share = len(cores) // workers
    if share:
        os.sched_setaffinity(0, cores[number * share : (number + 1) * share])


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    wait([parent.sentinel])
    os.kill(os.getpid(), signal.SIGTERM)
