"""The servers that are loaded, each in processes of its own."""

from __future__ import annotations

import json
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.speed.contenders.contender import Setting
from benchmarks.speed.errors import ContenderError
from benchmarks.speed.http.messages import Load
from benchmarks.speed.process import ROOT, environment

HOST = "127.0.0.1"
_START_SECONDS = 180

Body = Callable[[Sequence[str]], Any]


@dataclass(frozen=True, slots=True)
class Door:
    """Where a server takes texts, and how it wants them written."""

    path: str
    body: Body


@dataclass(frozen=True, slots=True)
class Server:
    """A running server."""

    name: str
    pid: int
    port: int
    single: Door
    batch: Door
    headers: Mapping[str, str] = field(default_factory=dict)

    def load(self, texts: Sequence[str], *, together: int, connections: int) -> Load:
        """Requests of `together` texts each, by the single door where that is 1."""
        door = self.single if together == 1 else self.batch
        parts = [texts[at : at + together] for at in range(0, len(texts), together)]
        bodies = tuple(json.dumps(door.body(part)).encode() for part in parts)
        return Load(HOST, self.port, door.path, self.headers, bodies, connections)


@contextmanager
def lurewatch_server(setting: Setting, logs: Path) -> Iterator[Server]:
    """`lurewatch serve` on a database of its own, without limits by key and without its cache."""
    port = _free_port()
    program = [sys.executable, "-m", "lurewatch"]
    with TemporaryDirectory() as folder:
        env = {
            **environment(setting.threads),
            "LUREWATCH_DATABASE_URL": f"sqlite:///{folder}/lurewatch.db",
            "LUREWATCH_SECRET": secrets.token_hex(32),
            "LUREWATCH_MODEL": str(setting.model),
            "LUREWATCH_THREADS": str(setting.threads),
            "LUREWATCH_PORT": str(port),
            "LUREWATCH_KEY_RATE": "0",
            "LUREWATCH_CACHE_TEXTS": "0",
            "XDG_STATE_HOME": folder,
        }
        made = subprocess.run(
            [*program, "keys", "create", "--role", "researcher", "--name", "speed"],
            env=env,
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
        if made.returncode:
            raise ContenderError(f"no key could be made: {made.stderr.strip()}")
        headers = {"Authorization": f"Bearer {made.stdout.split()[-1]}"}
        single = Door("/v1/score", lambda texts: {"text": texts[0]})
        batch = Door("/v1/score/batch", lambda texts: {"posts": [{"text": t} for t in texts]})
        log = logs / "lurewatch-server.log"
        with _running([*program, "serve"], env, log, port, "/readyz") as pid:
            yield Server("Lurewatch", pid, port, single, batch, headers)


@contextmanager
def plain_server(setting: Setting, logs: Path, batch: int) -> Iterator[Server]:
    """FastAPI around the float32 pipeline."""
    port = _free_port()
    module = "benchmarks.speed.http.plain_server"
    command = [sys.executable, "-m", module, str(setting.hub), str(port)]
    command += [str(setting.threads), str(batch)]
    env = environment(setting.threads)
    with _running(command, env, logs / "plain-server.log", port, "/ready") as pid:
        yield Server(
            "FastAPI + pipeline fp32",
            pid,
            port,
            Door("/classify", lambda texts: {"text": texts[0]}),
            Door("/classify/batch", lambda texts: {"texts": list(texts)}),
        )


@contextmanager
def infinity_server(setting: Setting, logs: Path, python: Path, batch: int) -> Iterator[Server]:
    """Infinity's own server; it takes one text as a list of one."""
    port = _free_port()
    command = [str(python.with_name("infinity_emb")), "v2", "--model-id", str(setting.hub)]
    command += ["--served-model-name", "lure", "--engine", "torch", "--device", "cpu"]
    command += ["--batch-size", str(batch), "--host", HOST, "--port", str(port)]
    command += ["--trust-remote-code", "--no-compile", "--no-bettertransformer"]
    command += ["--no-model-warmup", "--log-level", "warning"]
    env = environment(setting.threads)
    door = Door("/classify", lambda texts: {"model": "lure", "input": list(texts)})
    with _running(command, env, logs / "infinity-server.log", port, "/health") as pid:
        yield Server("infinity-emb", pid, port, door, door)


@contextmanager
def _running(
    command: Sequence[str], env: Mapping[str, str], log: Path, port: int, ready: str
) -> Iterator[int]:
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=env, cwd=ROOT, stdout=output, stderr=output)
    try:
        deadline = time.monotonic() + _START_SECONDS
        while not _answers(f"http://{HOST}:{port}{ready}"):
            if process.poll() is not None:
                raise ContenderError(f"its server ended with {process.returncode}; see {log}")
            if time.monotonic() > deadline:
                raise ContenderError(f"its server is not ready after {_START_SECONDS} s; see {log}")
            time.sleep(0.1)
        yield process.pid
    finally:
        process.terminate()
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _free_port() -> int:
    with socket.create_server((HOST, 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
