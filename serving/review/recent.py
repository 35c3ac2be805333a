"""Figures that cost a long query: read again once in a while, and by one thread alone."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from serving.clock import Clock

K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class _Read(Generic[V]):
    at: datetime
    value: V


@dataclass(slots=True)
class _Entry(Generic[V]):
    lock: threading.Lock = field(default_factory=threading.Lock)
    read: _Read[V] | None = None


class Recent(Generic[K, V]):
    """What `read` gives for a key and the present, up to `fresh` old. Thread-safe.

    While one thread reads anew the others get what was read before; only the first time they wait.
    Keeps a value for every key that it was ever asked for.
    """

    def __init__(self, read: Callable[[K, datetime], V], fresh: timedelta, clock: Clock) -> None:
        self._read = read
        self._fresh = fresh
        self._clock = clock
        self._entries: dict[K, _Entry[V]] = {}

    def get(self, key: K) -> V:
        entry = self._entries.setdefault(key, _Entry())
        held, now = entry.read, self._clock()
        if held is None:
            with entry.lock:
                return self._renewed(key, entry, now)
        if now - held.at < self._fresh or not entry.lock.acquire(blocking=False):
            return held.value
        try:
            return self._renewed(key, entry, now)
        finally:
            entry.lock.release()

    def _renewed(self, key: K, entry: _Entry[V], now: datetime) -> V:
        held = entry.read
        if held is None or now - held.at >= self._fresh:  # else another thread was first
            held = entry.read = _Read(now, self._read(key, now))
        return held.value
