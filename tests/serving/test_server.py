"""`lurewatch serve` as a process: starting, refusing to start, stopping."""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from serving.database import Database
from serving.migrations import Migrations, open_database
from serving.policy import Role
from tests.serving.keys import key_service
from tests.serving.processes import Server, lurewatch, serving
from tests.serving.running import bearer


@pytest.fixture(scope="module")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("shared")


@pytest.fixture(scope="module")
def server(shared_folder: Path, model_folder: Path) -> Iterator[Server]:
    """For tests that leave it running."""
    environment = {
        "LUREWATCH_DATABASE_URL": f"sqlite:///{shared_folder / 'lurewatch.db'}",
        "LUREWATCH_MODEL": str(model_folder),
    }
    with serving(shared_folder, environment=environment) as server:
        yield server


@pytest.fixture(scope="module")
def admin_key(server: Server, shared_folder: Path) -> str:
    database = open_database(f"sqlite:///{shared_folder / 'lurewatch.db'}")
    key = key_service(database, os.environ).create(Role.ADMIN, name="admin").key
    database.dispose()
    return key


@pytest.fixture
def environment(sqlite_url: str, model_folder: Path) -> dict[str, str]:
    return {"LUREWATCH_DATABASE_URL": sqlite_url, "LUREWATCH_MODEL": str(model_folder)}


def test_a_server_and_its_commands_work_together_on_postgresql(
    environment: dict[str, str], empty_postgres_url: str, tmp_path: Path
) -> None:
    environment["LUREWATCH_DATABASE_URL"] = empty_postgres_url
    with serving(tmp_path, environment=environment) as server:
        key = lurewatch("keys", "create", "--role", "admin", environment=environment).stdout.strip()
        url, body = f"{server.address}/v1/score", {"text": "a boat"}
        assert httpx.post(url, json=body, headers=bearer(key)).status_code == 200
        lurewatch("keys", "revoke", key.split("_")[1], environment=environment)
        assert httpx.post(url, json=body, headers=bearer(key)).status_code == 401
        server.process.terminate()
        server.process.wait(timeout=60)
    assert (tmp_path / "stdout").read_text() == f"Listening on {server.address}\n"
    entries = [json.loads(line) for line in server.errors.read_text().splitlines()]
    statuses = [entry["status"] for entry in entries if entry.get("path") == "/v1/score"]
    assert statuses == [200, 401]


def test_a_large_upload_is_refused_before_it_is_read(server: Server) -> None:
    headers = {"Content-Type": "application/json"}
    url, body = f"{server.address}/v1/score", b"x" * 20_000_000
    response = httpx.post(url, content=body, headers=headers)
    assert response.status_code == 413
    assert response.json()["code"] == "body_too_large"


def test_a_batch_whose_client_left_is_not_finished(server: Server, admin_key: str) -> None:
    posts = [{"text": f"boat number {n} " * 20} for n in range(1000)]
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(
            f"{server.address}/v1/score/batch",
            json={"posts": posts},
            headers=bearer(admin_key),
            timeout=httpx.Timeout(60, read=0.1),
        )
    while '"status": 499' not in server.errors.read_text():
        assert server.process.poll() is None
    metrics = httpx.get(f"{server.address}/metrics", headers=bearer(admin_key)).text
    assert "lurewatch_queue_texts 0.0" in metrics


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stopped_server_finishes_what_it_is_answering(
    number: signal.Signals, environment: dict[str, str], tmp_path: Path
) -> None:
    database = open_database(environment["LUREWATCH_DATABASE_URL"])
    key = key_service(database, os.environ).create(Role.ADMIN, name="admin").key
    database.dispose()
    posts = [{"text": f"boat number {n} " * 20} for n in range(500)]
    answers: list[httpx.Response] = []
    with serving(tmp_path, environment=environment) as server:

        def send() -> None:
            url = f"{server.address}/v1/score/batch"
            answers.append(httpx.post(url, json={"posts": posts}, headers=bearer(key), timeout=60))

        sender = threading.Thread(target=send)
        sender.start()
        metrics = f"{server.address}/metrics"
        while "lurewatch_batch_texts_count 0.0" in httpx.get(metrics, headers=bearer(key)).text:
            pass
        server.process.send_signal(number)
        sender.join()
        assert server.process.wait(timeout=60) == 0
    assert [answer.status_code for answer in answers] == [200]
    assert len(answers[0].json()["results"]) == 500


def test_a_port_in_use_is_a_usage_error_that_names_it(
    environment: dict[str, str],
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = lurewatch("serve", "--port", str(port), environment=environment)
    assert ended.returncode == 2
    assert f"port {port}" in ended.stderr
    assert "--port" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_model_that_is_damaged_ends_the_server_with_the_reason(
    environment: dict[str, str], model_folder: Path, tmp_path: Path
) -> None:
    damaged = tmp_path / "model"
    damaged.mkdir()
    for path in model_folder.iterdir():
        (damaged / path.name).write_bytes(path.read_bytes())
    largest = max(damaged.iterdir(), key=lambda path: path.stat().st_size)
    content = bytearray(largest.read_bytes())
    content[len(content) // 2] ^= 1
    largest.write_bytes(content)
    environment = {**environment, "LUREWATCH_MODEL": str(damaged)}
    ended = lurewatch("serve", "--port", "0", environment=environment)
    assert ended.returncode == 1
    assert largest.name in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_model_that_is_not_there_ends_the_server_with_the_reason(
    environment: dict[str, str], tmp_path: Path
) -> None:
    environment = {**environment, "LUREWATCH_MODEL": str(tmp_path / "nothing")}
    ended = lurewatch("serve", "--port", "0", environment=environment)
    assert ended.returncode == 1
    assert str(tmp_path / "nothing") in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_schema_of_another_version_ends_the_server_with_what_to_do(
    environment: dict[str, str],
) -> None:
    database = Database(environment["LUREWATCH_DATABASE_URL"])
    Migrations().upgrade(database)
    with database.connect() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    database.dispose()
    ended = lurewatch("serve", "--port", "0", environment=environment)
    assert ended.returncode == 1
    assert "9999" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_the_demo_prints_a_table_an_address_and_a_key_that_works(
    environment: dict[str, str], tmp_path: Path
) -> None:
    with serving(tmp_path, command="demo", environment=environment) as server:
        printed = (tmp_path / "stdout").read_text()
        assert "posts in" in printed
        assert "posts wait in the queue" in printed
        assert server.address in printed
        key = next(word for word in printed.split() if word.startswith("lw_"))
        url = f"{server.address}/v1/score"
        response = httpx.post(url, json={"text": "a boat"}, headers=bearer(key))
    assert response.status_code == 200


def test_answers_do_not_wait_for_the_clients_acknowledgement(server: Server) -> None:
    """A delayed acknowledgement takes 40 ms, several times what an answer does."""
    with httpx.Client(base_url=server.address) as client:
        times = sorted(client.get("/healthz").elapsed.total_seconds() for _ in range(30))
    assert times[len(times) // 2] < 0.035
