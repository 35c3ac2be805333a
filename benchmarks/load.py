"""Many clients of one HTTP server at little cost to the machine that both stand on."""

from __future__ import annotations

import asyncio
import resource
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

WAITING_CONNECTIONS = 6_000
"""An open loop has no more requests under way; those beyond count as `unsent`."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where requests go: POST with a key and a body of JSON."""

    address: str
    path: str
    key: str

    def request(self, body: bytes) -> bytes:
        head = (
            f"POST {self.path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {self.key}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body


@dataclass(slots=True)
class Outcome:
    """What became of the requests. `seconds` are of those answered 200, `wall` of the whole run,
    `cpu` of this process meanwhile; `late` is how much later than planned the last one was sent.
    """

    statuses: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    without_retry_after: int = 0
    lost: int = 0
    unsent: int = 0
    late: float = 0.0
    wall: float = 0.0
    cpu: float = 0.0

    def percentile(self, share: float) -> float:
        """Of the seconds of the accepted; NaN where there are none."""
        ordered = sorted(self.seconds)
        return (
            ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else float("nan")
        )

    def count(self, status: int, headers: dict[bytes, bytes], seconds: float) -> None:
        self.statuses[status] += 1
        if status == 200:
            self.seconds.append(seconds)
        elif status == 429 and b"retry-after" not in headers:
            self.without_retry_after += 1


class Line:
    """A connection that is kept open and used for one request at a time."""

    def __init__(self, target: Target) -> None:
        self._address = urlsplit(target.address)
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, request: bytes) -> tuple[int, dict[bytes, bytes]]:
        """Status and headers of the answer, whose body is read and dropped."""
        # A server closes what was idle for seconds; that is no request lost.
        if self._streams is None or self._streams[0].at_eof():
            self.close()
            host, port = self._address.hostname or "", self._address.port or 80
            self._streams = await asyncio.open_connection(host, port)
        reader, writer = self._streams
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        status_line, *lines = head[:-4].split(b"\r\n")
        headers = {
            name.lower(): value.strip()
            for name, _, value in (line.partition(b":") for line in lines)
        }
        await reader.readexactly(int(headers[b"content-length"]))
        return int(status_line.split(b" ", 2)[1]), headers

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


async def closed_loop(
    target: Target, bodies: Sequence[bytes], connections: int, seconds: float
) -> Outcome:
    """Each of `connections` sends its next request when the last one is answered."""
    until = time.perf_counter() + seconds
    requests = iter([target.request(body) for body in bodies])

    async def client(outcome: Outcome) -> None:
        line = Line(target)
        for request in requests:  # shared: every body is sent once, by whoever is free
            if time.perf_counter() > until:
                break
            await _send(line, request, outcome)
        line.close()

    async with _measured() as outcome:
        await asyncio.gather(*(client(outcome) for _ in range(connections)))
    return outcome


async def open_loop(target: Target, bodies: Sequence[bytes], rate: float) -> Outcome:
    """`rate` requests a second, whether the ones before are answered or not."""
    idle: list[Line] = [Line(target) for _ in range(WAITING_CONNECTIONS)]
    under_way: set[asyncio.Task[None]] = set()

    async def send(request: bytes, outcome: Outcome) -> None:
        line = idle.pop()
        await _send(line, request, outcome)
        idle.append(line)

    async with _measured() as outcome:
        began = time.perf_counter()
        for number, request in enumerate([target.request(body) for body in bodies]):
            ahead = began + number / rate - time.perf_counter()
            await asyncio.sleep(max(0.0, ahead))
            outcome.late = max(0.0, -ahead)
            if len(under_way) == WAITING_CONNECTIONS:
                outcome.unsent += 1
                continue
            task = asyncio.create_task(send(request, outcome))
            under_way.add(task)
            task.add_done_callback(under_way.discard)
        await asyncio.gather(*under_way)
    return outcome


async def _send(line: Line, request: bytes, outcome: Outcome) -> None:
    began = time.perf_counter()
    try:
        status, headers = await line.ask(request)
    except (OSError, EOFError):
        outcome.lost += 1
        line.close()
        return
    outcome.count(status, headers, time.perf_counter() - began)


@asynccontextmanager
async def _measured() -> AsyncIterator[Outcome]:
    outcome = Outcome()
    began, cpu = time.perf_counter(), _cpu_seconds()
    yield outcome
    outcome.wall, outcome.cpu = time.perf_counter() - began, _cpu_seconds() - cpu


def _cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime
