"""HTTP as the clients of a failing server see it: refused, lost, or answered."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from benchmarks.queue.installation import Key, Slot

_ANSWER_SECONDS = 60.0
_GIVE_UP_SECONDS = 120.0
_TRY_AGAIN = frozenset({429, 503})

Life = tuple[int, int]
"""One server: its slot, and which of the servers there it was."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer."""

    status: int
    body: Any

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300


@dataclass(slots=True)
class Traffic:
    """What went over the wire: statuses, answers lost by server, seconds by path."""

    statuses: Counter[int] = field(default_factory=Counter)
    lost: Counter[Life] = field(default_factory=Counter)
    seconds: dict[str, list[float]] = field(default_factory=dict)


class Wire:
    """Sends each request to a server at random; for one event loop."""

    def __init__(self, client: httpx.AsyncClient, slots: Sequence[Slot], seed: int) -> None:
        self._client = client
        self._slots = slots
        self._random = random.Random(seed)
        self._in_flight: Counter[Life] = Counter()
        self.traffic = Traffic()

    def in_flight(self, life: Life) -> int:
        """How many requests wait for an answer of this server."""
        return self._in_flight[life]

    async def post(
        self, key: Key, path: str, body: Mapping[str, Any] | None = None
    ) -> Reply | None:
        """The answer, or None where the connection broke before it came.

        A server that refuses the connection, or asks to come again, did nothing: then another
        is tried. Raises `TimeoutError` where none answers for two minutes.
        """
        deadline = time.monotonic() + _GIVE_UP_SECONDS
        while time.monotonic() < deadline:
            place = self._random.randrange(len(self._slots))
            address, life = self._slots[place].address, (place, self._slots[place].lives)
            if address is None:
                await asyncio.sleep(0.02)
                continue
            began = time.perf_counter()
            self._in_flight[life] += 1
            try:
                response = await self._client.post(
                    f"{address}{path}",
                    json=body,
                    headers={"Authorization": f"Bearer {key.secret}"},
                    timeout=_ANSWER_SECONDS,
                )
            except (httpx.ConnectError, httpx.ConnectTimeout):
                await asyncio.sleep(0.02)
                continue
            except httpx.TransportError:
                self.traffic.lost[life] += 1
                return None
            finally:
                self._in_flight[life] -= 1
            self.traffic.statuses[response.status_code] += 1
            if response.status_code in _TRY_AGAIN:
                await asyncio.sleep(0.05)
                continue
            self.traffic.seconds.setdefault(_kind(path), []).append(time.perf_counter() - began)
            return Reply(response.status_code, response.json() if response.content else None)
        raise TimeoutError(f"no server answered {path} for {_GIVE_UP_SECONDS:.0f} s")


@asynccontextmanager
async def open_client(callers: int) -> AsyncIterator[httpx.AsyncClient]:
    """A client with a connection for each of `callers` and some to spare."""
    limits = httpx.Limits(max_connections=2 * callers + 20, max_keepalive_connections=None)
    async with httpx.AsyncClient(limits=limits) as client:
        yield client


def _kind(path: str) -> str:
    return path.rsplit("/", 1)[-1]
