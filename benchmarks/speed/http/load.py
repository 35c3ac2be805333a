"""The load generator, a process of its own: `python -m benchmarks.speed.http.load FD`.

It writes bytes that were made beforehand and reads no more of an answer than its length, so that
it leaves the cores to the server; what it uses all the same is reported.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections import Counter
from collections.abc import Iterator
from multiprocessing.connection import Connection

from benchmarks.speed.http.messages import Answered, Load
from benchmarks.speed.resources import cpu_seconds

_ANSWER_SECONDS = 300.0


async def send(load: Load) -> Answered:
    """Send all of it once."""
    head = "".join(f"{name}: {value}\r\n" for name, value in load.headers.items())
    requests = iter(
        [
            f"POST {load.path} HTTP/1.1\r\nHost: {load.host}\r\n{head}"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode()
            + body
            for body in load.bodies
        ]
    )
    statuses: Counter[int] = Counter()
    latencies: list[float] = []
    cpu, began = cpu_seconds(), time.perf_counter()
    async with asyncio.timeout(_ANSWER_SECONDS):
        await asyncio.gather(
            *(_connection(load, requests, statuses, latencies) for _ in range(load.connections))
        )
    seconds = time.perf_counter() - began
    return Answered(seconds, dict(statuses), tuple(sorted(latencies)), cpu_seconds() - cpu)


async def _connection(
    load: Load, requests: Iterator[bytes], statuses: Counter[int], latencies: list[float]
) -> None:
    reader, writer = await asyncio.open_connection(load.host, load.port)
    try:
        for request in requests:
            began = time.perf_counter()
            writer.write(request)
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
            await reader.readexactly(_length(head))
            latencies.append(time.perf_counter() - began)
            statuses[int(head.split(" ", 2)[1])] += 1
    finally:
        writer.close()


def _length(head: str) -> int:
    for line in head.splitlines():
        if line.startswith("content-length:"):
            return int(line.partition(":")[2])
    raise ValueError(f"expected an answer that tells its length, found {head!r}")


def main(descriptor: int) -> None:
    with Connection(descriptor) as parent:
        try:
            while True:
                parent.send(asyncio.run(send(parent.recv())))
        except EOFError:  # the parent is gone
            return


if __name__ == "__main__":
    main(int(sys.argv[1]))
