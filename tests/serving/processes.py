"""The program as a process of its own, as a user would start it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

START_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Server:
    """A running `lurewatch serve` or `demo`, its address and what it writes."""

    process: subprocess.Popen[bytes]
    address: str
    errors: Path


def lurewatch(
    *arguments: str | Path, environment: dict[str, str], timeout: float = START_SECONDS
) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "lurewatch", *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=timeout,
    )


@contextmanager
def serving(
    folder: Path, *, environment: dict[str, str], command: str = "serve"
) -> Iterator[Server]:
    """A server that is ready, on a free port, killed afterwards if it still runs."""
    port = free_port()
    output, errors = folder / "stdout", folder / "stderr"
    with output.open("wb") as out, errors.open("wb") as err:
        process = subprocess.Popen(
            [sys.executable, "-m", "lurewatch", command],
            env={**os.environ, **environment, "PORT": str(port), "LUREWATCH_PORT": str(port)},
            stdout=out,
            stderr=err,
        )
    server = Server(process, f"http://127.0.0.1:{port}", errors)
    try:
        wait_until_ready(server)
        yield server
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def wait_until_ready(server: Server) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if server.process.poll() is not None:
            raise RuntimeError(f"the server ended:\n{server.errors.read_text()}")
        try:
            if httpx.get(f"{server.address}/readyz").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    raise RuntimeError(f"the server is not ready:\n{server.errors.read_text()}")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
