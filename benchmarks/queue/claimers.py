"""Claimers that are processes of their own, as the servers of a large team would be."""

from __future__ import annotations

import multiprocessing
import random
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from multiprocessing.connection import Connection
from types import TracebackType

from benchmarks.queue.judgements import judgement
from serving.actors import Actor
from serving.audit.log import AuditLog
from serving.database import Database
from serving.policy import Role
from serving.review.queue import QueueService
from serving.review.ranking import Slot
from serving.review.records import Filters
from serving.secret import Keyring
from serving.settings import Settings

_SKIPPED = 0.05


@dataclass(frozen=True, slots=True)
class Order:
    """What each claimer does: so many claims from `slot`, `pause` seconds apart on average."""

    slot: Slot
    languages: frozenset[str] | None
    claims: int
    pause: float


@dataclass(frozen=True, slots=True)
class Work:
    """The seconds of every claim, of which `empty` brought no item, and those of it all."""

    seconds: tuple[float, ...]
    empty: int
    elapsed: float


class Team:
    """`size` processes with a connection to the database each; a context manager."""

    def __init__(self, url: str, secret: str, size: int) -> None:
        self._url = url
        self._secret = secret
        self._size = size
        self._stack = ExitStack()
        self._lines: list[Connection] = []

    def __enter__(self) -> Team:
        context = multiprocessing.get_context("spawn")
        for number in range(self._size):
            ours, theirs = context.Pipe()
            arguments = (theirs, self._url, self._secret, number)
            process = context.Process(target=_claimer, args=arguments, daemon=True)
            process.start()
            self._lines.append(ours)
            self._stack.callback(process.join)
            self._stack.callback(ours.send, None)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def work(self, order: Order) -> Work:
        """All carry out `order` at the same time."""
        began = time.perf_counter()
        for line in self._lines:
            line.send(order)
        works: Sequence[Work] = [line.recv() for line in self._lines]
        return Work(
            tuple(seconds for work in works for seconds in work.seconds),
            sum(work.empty for work in works),
            time.perf_counter() - began,
        )


def service(database: Database, secret: str) -> QueueService:
    keyring = Keyring((secret.encode(),))
    settings = Settings(database_url=str(database.url))
    return QueueService(database, AuditLog(keyring), keyring, settings)


def _claimer(line: Connection, url: str, secret: str, number: int) -> None:
    database, rng = Database(url), random.Random(number)
    queue = service(database, secret)
    actor = Actor(f"user:{number:016}", Role.MODERATOR)
    while (order := line.recv()) is not None:
        line.send(_carry_out(order, queue, actor, rng))
    database.dispose()


def _carry_out(order: Order, queue: QueueService, actor: Actor, rng: random.Random) -> Work:
    began, seconds, empty = time.perf_counter(), list[float](), 0
    for _ in range(order.claims):
        if order.pause:
            time.sleep(rng.expovariate(1 / order.pause))
        started = time.perf_counter()
        item = queue.claim_next(actor, Filters(languages=order.languages), order.slot)
        seconds.append(time.perf_counter() - started)
        if item is None:
            empty += 1
        elif rng.random() < _SKIPPED:
            queue.skip(actor, item.id)
        else:
            queue.decide(actor, item.id, item.version, judgement(rng))
    return Work(tuple(seconds), empty, time.perf_counter() - began)
