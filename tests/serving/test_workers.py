"""Several workers behind one port, as processes of their own, on PostgreSQL."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from serving.audit.log import AuditLog
from serving.audit.models import Event
from serving.audit.records import EventKind
from serving.database import Database
from serving.policy import Role
from serving.review.models import Item
from serving.secret import load_keyring
from serving.settings import Settings
from serving.users.service import UserService
from tests.serving.keys import key_service
from tests.serving.processes import Server, lurewatch, serving
from tests.serving.running import bearer

PASSWORD = "four words in a row"
PATIENCE_SECONDS = 60.0


@pytest.fixture
def environment(empty_postgres_url: str, model_folder: Path, tmp_path: Path) -> dict[str, str]:
    return {
        "LUREWATCH_DATABASE_URL": empty_postgres_url,
        "LUREWATCH_MODEL": str(model_folder),
        "LUREWATCH_SECRET": "a secret of more than thirty-two characters",
        "LUREWATCH_WORKERS": "2",
        "LUREWATCH_THREADS": "1",
        "XDG_STATE_HOME": str(tmp_path),
    }


@pytest.fixture
def database(environment: dict[str, str]) -> Iterator[Database]:
    database = Database(environment["LUREWATCH_DATABASE_URL"])
    yield database
    database.dispose()


def workers_of(server: Server) -> set[int]:
    """The processes that answer; multiprocessing keeps another one, which tracks what to free."""
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children")
    return {int(pid) for pid in children.read_text().split() if b"spawn_main" in command_of(pid)}


def command_of(pid: int | str) -> bytes:
    """Empty where there is no such process any more."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.05)


def answered_by(server: Server, key: str) -> set[str]:
    """The workers that have answered so far, by the metrics of either."""
    metrics = httpx.get(f"{server.address}/metrics", headers=bearer(key)).text
    answered = [line for line in metrics.splitlines() if line.startswith("lurewatch_requests_to")]
    return {line.partition('worker="')[2][0] for line in answered}


def test_workers_share_posts_keys_and_sessions(
    environment: dict[str, str], database: Database, tmp_path: Path
) -> None:
    with serving(tmp_path, environment=environment) as server:
        keys = key_service(database, environment)
        admin = keys.create(Role.ADMIN, name="admin")
        platform = keys.create(Role.PLATFORM, name="example", platform="example")
        wait_for(lambda: answered_by(server, admin.key) == {"0", "1"})

        # Every one over a connection of its own, so that either worker may get it.
        def hand_in(number: int) -> Any:
            body = {"post_id": f"post-{number % 10}", "text": f"boat number {number % 10}"}
            url = f"{server.address}/v1/posts"
            response = httpx.post(url, json=body, headers=bearer(platform.key), timeout=60)
            assert response.status_code == 200, response.text
            return response.json()["item_id"]

        with ThreadPoolExecutor(20) as pool:
            items = list(pool.map(hand_in, range(100)))
        assert len(set(items)) == 10
        with database.read() as session:
            assert session.scalar(select(func.count()).select_from(Item)) == 10
            received = select(func.count()).where(Event.kind == EventKind.RECEIVED.value)
            assert session.scalar(received) == 10

        url = f"{server.address}/v1/score"
        for _ in range(5):
            answer = httpx.post(url, json={"text": "a boat"}, headers=bearer(platform.key))
            assert answer.status_code == 200
        keys.revoke(platform.id)
        for _ in range(10):
            answer = httpx.post(url, json={"text": "a boat"}, headers=bearer(platform.key))
            assert answer.status_code == 401

        keyring = load_keyring(Settings(database_url=str(database.url)), environment)
        link = UserService(database, AuditLog(keyring)).create("anna", Role.LEAD)
        form = {"password": PASSWORD, "again": PASSWORD}
        cookies = httpx.post(f"{server.address}/welcome/{link}", data=form).cookies
        for _ in range(10):
            page = httpx.get(f"{server.address}/review", cookies=cookies)
            assert (page.status_code, "anna" in page.text) == (200, True)

        workers = workers_of(server)
        assert len(workers) == 2
        server.process.terminate()
        assert server.process.wait(timeout=60) == 0
        assert not any(command_of(worker) for worker in workers)
    verified = lurewatch("audit", "verify", environment=environment)
    assert verified.returncode == 0, verified.stdout + verified.stderr


def test_a_worker_that_is_killed_is_replaced_and_none_outlives_the_server(
    environment: dict[str, str], database: Database, tmp_path: Path
) -> None:
    with serving(tmp_path, environment=environment) as server:
        key = key_service(database, environment).create(Role.ADMIN, name="admin").key
        wait_for(lambda: answered_by(server, key) == {"0", "1"})
        lost, kept = workers_of(server)
        os.kill(lost, signal.SIGKILL)
        wait_for(lambda: len(workers_of(server) - {lost}) == 2)
        assert kept in workers_of(server)
        # What comes for the one that is being replaced waits for the next, refused by nobody.
        for _ in range(20):
            assert httpx.get(f"{server.address}/healthz", timeout=60).status_code == 200
        assert '"message": "worker ended"' in server.errors.read_text()

        workers = workers_of(server)
        server.process.kill()
        wait_for(lambda: not any(command_of(worker) for worker in workers))


def test_workers_that_end_again_and_again_end_the_server(
    environment: dict[str, str], tmp_path: Path
) -> None:
    with serving(tmp_path, environment=environment) as server:

        def kill_all() -> bool:
            for worker in workers_of(server) if server.process.poll() is None else ():
                with suppress(ProcessLookupError):
                    os.kill(worker, signal.SIGKILL)
            return server.process.poll() is not None

        wait_for(kill_all)
        assert server.process.wait() == 1
    assert "workers ended within" in server.errors.read_text()
    assert "Traceback" not in server.errors.read_text()


def test_a_model_that_is_not_there_ends_all_workers_with_the_reason(
    environment: dict[str, str], tmp_path: Path
) -> None:
    environment["LUREWATCH_MODEL"] = str(tmp_path / "nothing")
    ended = lurewatch("serve", "--port", "0", environment=environment)
    assert ended.returncode == 1
    assert str(tmp_path / "nothing") in ended.stderr
    assert "Traceback" not in ended.stderr


def test_several_workers_on_sqlite_are_refused_with_what_to_do(
    environment: dict[str, str], sqlite_url: str
) -> None:
    environment["LUREWATCH_DATABASE_URL"] = sqlite_url
    ended = lurewatch("serve", "--port", "0", environment=environment)
    assert ended.returncode == 2
    assert "PostgreSQL" in ended.stderr
    assert "--workers" in ended.stderr
