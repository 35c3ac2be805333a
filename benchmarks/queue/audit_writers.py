"""Processes that write to one audit log at the same time, each event in its own transaction."""

from __future__ import annotations

import multiprocessing
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier

from serving.audit.log import AuditLog
from serving.audit.records import Draft, EventKind
from serving.database import Database
from serving.secret import Keyring


@dataclass(frozen=True, slots=True)
class Rate:
    """How many events were written by so many writers over so many lanes."""

    writers: int
    lanes: int
    events: int
    seconds: float

    @property
    def per_second(self) -> float:
        return self.events / self.seconds


def write_rates(url: str, writers: int, lanes: int, seconds: float) -> Rate:
    """Have `writers` write for `seconds` into a log that is empty and has `lanes` lanes."""
    context = multiprocessing.get_context("spawn")
    together = context.Barrier(writers)
    secret = secrets.token_bytes(32)
    pipes = [context.Pipe(duplex=False) for _ in range(writers)]
    processes = [
        context.Process(target=_write, args=(there, together, url, secret, lanes, seconds))
        for _, there in pipes
    ]
    for process in processes:
        process.start()
    for _, there in pipes:
        there.close()  # theirs alone now, so that one who dies is not waited for
    events = sum(here.recv() for here, _ in pipes)
    for process in processes:
        process.join()
    return Rate(writers, lanes, events, seconds)


def _write(
    line: Connection, together: Barrier, url: str, secret: bytes, lanes: int, seconds: float
) -> None:
    database, log = Database(url), AuditLog(Keyring((secret,)), lanes)
    together.wait()
    ends, written = time.perf_counter() + seconds, 0
    while time.perf_counter() < ends:
        with database.write() as session:
            item_id = secrets.token_hex(12)
            log.append(session, Draft(EventKind.CLAIMED, "user:0", datetime.now(UTC), item_id, 1))
        written += 1
    line.send(written)
    database.dispose()
