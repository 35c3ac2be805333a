from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from serving.actors import SYSTEM, Actor
from serving.audit.verify import verify
from serving.database import Database
from serving.errors import ConflictError, NotFoundError
from serving.migrations import open_database
from serving.policy import Role
from serving.review.derive import fold
from serving.review.erase import Erasure, ErasureService
from serving.review.purge import ERASABLE, purge
from serving.review.records import Source, State
from tests.serving.keys import key_service
from tests.serving.postgres import running_postgres
from tests.serving.processes import Server, lurewatch, serving
from tests.serving.review.bench import ADA, KEEP, Bench, differences
from tests.serving.running import bearer

MARKER = "Zürich7f3a9c"
"""Planted wherever a person or a platform writes; not ASCII, so that JSON spells it otherwise."""

KEPT = "A post that stays, 4b1d"
ADMIN = Actor("key:admin", Role.ADMIN)
STRANGER = Actor("key:stranger", Role.PLATFORM, platform="elsewhere")


@pytest.fixture
def bench(database: Database) -> Bench:
    return Bench(database)


def erasures(bench: Bench) -> ErasureService:
    return ErasureService(bench.database, bench.audit, bench.keyring, bench.settings, bench.clock)


def holders(folder: Path) -> list[str]:
    """The files under `folder` that hold the marker, in UTF-8 or as JSON escapes it."""
    forms = (MARKER.encode(), json.dumps(MARKER)[1:-1].encode())
    return [
        str(path.relative_to(folder))
        for path in sorted(folder.rglob("*"))
        if path.is_file() and any(form in path.read_bytes() for form in forms)
    ]


@contextmanager
def place(kind: str, folder: Path) -> Iterator[tuple[str, Path]]:
    """An empty database: its URL and the folder that all its files are in."""
    if kind == "sqlite":
        files = folder / "database"
        yield f"sqlite:///{files / 'lurewatch.db'}", files
        return
    with running_postgres() as url:
        yield url, Path(url.rpartition("host=")[2])


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_planted_marker_is_found_nowhere_after_erasure(
    kind: str, tmp_path: Path, model_folder: Path
) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    with place(kind, tmp_path) as (url, files):
        environment = {
            "LUREWATCH_DATABASE_URL": url,
            "LUREWATCH_MODEL": str(model_folder),
            "LUREWATCH_THREADS": "1",
            "LUREWATCH_UNDO_SECONDS": "0",
            "XDG_STATE_HOME": str(tmp_path / "state"),
        }
        with serving(logs, environment=environment) as server:
            kept = _submit_and_decide(server, environment)
            _gather_statistics(url)
            assert holders(files)  # else the search itself would be at fault
            erased = lurewatch(
                "erase",
                "--platform",
                "example",
                "--post-id",
                f"id {MARKER}",
                environment=environment,
            )
            assert erased.returncode == 0, erased.stderr
            assert holders(files) == []
            exported = tmp_path / "export.jsonl"
            assert not lurewatch(
                "export", "decisions", "--output", exported, environment=environment
            ).returncode
            assert kept in exported.read_text(encoding="utf-8")
            (tmp_path / "streamed.jsonl").write_bytes(_stream(server, environment))
            assert kept in (tmp_path / "streamed.jsonl").read_text(encoding="utf-8")
            verified = lurewatch("audit", "verify", environment=environment)
            assert verified.returncode == 0, verified.stdout
            server.process.terminate()
            server.process.wait()
        assert holders(files) == []
        assert holders(tmp_path) == []


def _submit_and_decide(server: Server, environment: Mapping[str, str]) -> str:
    """Two decided posts, one full of markers; returns the id of the other one's export."""
    with closing_database(environment["LUREWATCH_DATABASE_URL"]) as database:
        keys = key_service(database, environment)
        platform = bearer(keys.create(Role.PLATFORM, name="example", platform="example").key)
        moderator = bearer(keys.create(Role.MODERATOR, name="moderator").key)
    filling = "".join(f"{number**5:x} " for number in range(1_500))  # too long for a page
    with httpx.Client(base_url=server.address, timeout=30) as client:
        marked = {
            "post_id": f"id {MARKER}",
            "title": f"Title {MARKER}",
            "text": f"{MARKER} {filling[:15_000]} {MARKER}",
            "url": f"https://example.org/{MARKER}",
            "author": f"author {MARKER}",
            "source": "trusted_flagger",
        }
        plain = {"post_id": "kept", "text": KEPT, "source": "trusted_flagger"}
        for post in (marked, {**marked, "text": f"Short {MARKER}"}, plain):
            answer = client.post("/v1/posts", json=post, headers=platform)
            assert answer.is_success, answer.text
        for _ in range(2):
            item = client.post("/v1/queue/claim", headers=moderator).json()
            decision = {
                "version": item["version"],
                "labels": {"smuggling_service": False, "fake_job": None},
                "action": "none",
                "reason": "cannot_tell",
                "note": f"note {MARKER}" if MARKER in item["text"] else None,
            }
            decided = client.post(
                f"/v1/items/{item['id']}/decision", json=decision, headers=moderator
            )
            assert decided.is_success, decided.text
            if item["text"] == KEPT:
                kept = f"{item['id']}.1"
    return kept


def _stream(server: Server, environment: Mapping[str, str]) -> bytes:
    with closing_database(environment["LUREWATCH_DATABASE_URL"]) as database:
        keys = key_service(database, environment)
        researcher = bearer(keys.create(Role.RESEARCHER, name="researcher").key)
    answer = httpx.get(f"{server.address}/v1/exports/decisions", headers=researcher, timeout=30)
    assert answer.is_success, answer.text
    return answer.content


def _gather_statistics(url: str) -> None:
    """What PostgreSQL does by itself after a while: it keeps the commonest values of columns."""
    with closing_database(url) as database, database.engine.connect() as connection:
        connection.execute(text("ANALYZE"))
        connection.commit()


@contextmanager
def closing_database(url: str) -> Iterator[Database]:
    database = open_database(url)
    try:
        yield database
    finally:
        database.dispose()


def test_erasure_on_sqlite_overwrites_without_writing_the_file_anew(
    sqlite_url: str, tmp_path: Path
) -> None:
    with closing_database(sqlite_url) as database:
        bench = Bench(database)
        for number in range(40):
            bench.admit(text=f"{MARKER if number % 2 else KEPT} {'filling ' * (number * 9)}")
        marked = [item for item in bench.item_ids() if MARKER in (_text(bench, item) or "")]
        assert len(marked) == 20
        for item in marked:
            erasures(bench).erase(ADMIN, item)
        assert holders(tmp_path) == []


def test_an_erased_item_leaves_the_queue_and_keeps_its_history(bench: Bench) -> None:
    item = bench.admit(text="Boat on Saturday").item_id
    held = bench.queue.claim(ADA, item)
    assert erasures(bench).erase(ADMIN, item) == Erasure(texts=1, notes=0)
    view = bench.queue.view(ADMIN, item)
    assert (view.text, view.post_id, view.url, view.state) == (None, None, None, State.CLEARED)
    assert view.erased_at == bench.clock.now
    with pytest.raises(ConflictError):
        bench.queue.decide(ADA, item, held.version, KEEP)
    assert bench.queue.claim_next(ADA) is None
    assert bench.kinds(item) == ["received", "queued", "claimed", "erased", "viewed"]


def test_a_decision_outlasts_the_text_it_was_about(bench: Bench) -> None:
    item = bench.admit(source=Source.USER_NOTICE).item_id
    held = bench.queue.claim(ADA, item)
    bench.queue.decide(ADA, item, held.version, KEEP)
    erasures(bench).erase(ADMIN, item)
    view = bench.queue.view(ADMIN, item)
    assert view.state is State.DECIDED
    assert view.outcome is not None
    assert view.outcome.judgement.action is KEEP.action


def test_a_decision_is_not_undone_once_its_text_is_gone(bench: Bench) -> None:
    item = bench.admit().item_id
    held = bench.queue.claim(ADA, item)
    bench.queue.decide(ADA, item, held.version, KEEP)
    erasures(bench).erase(ADMIN, item)
    with pytest.raises(ConflictError, match="erased"):
        bench.queue.undo(ADA, item)


def test_all_versions_of_a_text_and_all_notes_go(bench: Bench) -> None:
    first = bench.admit(post_id="post", text="Boat on Saturday")
    bench.admit(post_id="post", text="Boat on Sunday")
    bench.notice("post", note="My cousin took that boat")
    held = bench.queue.claim(ADA, first.item_id)
    bench.queue.escalate(ADA, first.item_id, held.version, "Please look")
    assert erasures(bench).erase(ADMIN, first.item_id) == Erasure(texts=2, notes=2)
    with bench.database.read() as session:
        for table in ERASABLE:
            assert session.scalar(text(f"SELECT count(*) FROM {table}")) == 0


def test_the_log_verifies_and_tells_the_state_after_erasure(bench: Bench) -> None:
    item = bench.admit().item_id
    erasures(bench).erase(ADMIN, item)
    assert verify(bench.database, bench.keyring).bad == ()
    assert differences(fold(bench.events(item)), bench.row(item)) == {}


def test_a_second_erasure_changes_nothing(bench: Bench) -> None:
    item = bench.admit().item_id
    erasures(bench).erase(ADMIN, item)
    before = bench.row(item)
    assert erasures(bench).erase(ADMIN, item) == Erasure(0, 0)
    assert bench.row(item) == before


def test_a_post_is_found_by_what_its_platform_calls_it(bench: Bench) -> None:
    item = bench.admit(post_id="post", platform="example").item_id
    assert erasures(bench).find_post(ADMIN, "example", "post") == item
    for actor, platform in ((ADMIN, "elsewhere"), (STRANGER, "example")):
        with pytest.raises(NotFoundError):
            erasures(bench).find_post(actor, platform, "post")


def test_nobody_erases_what_another_platform_handed_in(bench: Bench) -> None:
    item = bench.admit(platform="example").item_id
    for item_id in (item, "0" * 24, "not an id"):
        with pytest.raises(NotFoundError):
            erasures(bench).erase(STRANGER, item_id)
    assert _text(bench, item) is not None


def test_what_was_erased_on_request_is_listed_for_after_a_restore(bench: Bench) -> None:
    items = [bench.admit().item_id for _ in range(3)]
    for item in reversed(items[1:]):
        erasures(bench).erase(ADMIN, item)
        bench.clock.turn(minutes=1)
    erasures(bench).erase(Actor(SYSTEM, Role.ADMIN), items[0])
    assert erasures(bench).erased_on_request() == (items[2], items[1])


def test_the_same_post_sent_again_after_erasure_is_taken_in_anew(bench: Bench) -> None:
    first = bench.admit(post_id="post", text="Boat on Saturday")
    erasures(bench).erase(ADMIN, first.item_id)
    again = bench.admit(post_id="post", text="Boat on Saturday")
    assert (again.item_id, again.text_version) == (first.item_id, 2)
    assert _text(bench, first.item_id) == "Boat on Saturday"


def test_a_reader_that_does_not_end_is_named_on_sqlite(sqlite_url: str) -> None:
    with closing_database(sqlite_url) as database:
        bench = Bench(database)
        item = bench.admit().item_id
        path = sqlite_url.removeprefix("sqlite:///")
        with closing(sqlite3.connect(path, isolation_level=None)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM post_texts").fetchone()
            erasures(bench).erase(ADMIN, item)  # is not held up by it
            (remaining,) = purge(database, patience=0.1)
        assert "lurewatch erase --purge" in remaining
        assert purge(database, patience=0.1) == ()


def test_a_transaction_that_still_sees_the_text_is_named_on_postgresql(
    empty_postgres_url: str,
) -> None:
    with closing_database(empty_postgres_url) as database:
        bench = Bench(database)
        item = bench.admit().item_id
        with database.engine.connect() as other:
            other.execution_options(isolation_level="REPEATABLE READ")
            other.execute(text("SELECT count(*) FROM users"))
            erasures(bench).erase(ADMIN, item)
            (remaining,) = purge(database, patience=0.1)
        assert remaining.startswith("the table post_texts")
        assert purge(database) == ()


def test_a_log_that_is_kept_for_a_standby_is_named(empty_postgres_url: str) -> None:
    with closing_database(empty_postgres_url) as database:
        bench = Bench(database)
        _autonomously(database, "SELECT pg_create_physical_replication_slot('standby', true)")
        try:
            erasures(bench).erase(ADMIN, bench.admit().item_id)
            (remaining,) = purge(database)
        finally:
            _autonomously(database, "SELECT pg_drop_replication_slot('standby')")
        assert "a replication slot" in remaining
        assert purge(database) == ()


def _autonomously(database: Database, statement: str) -> None:
    with database.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text(statement))


def test_a_database_user_without_the_right_is_told_what_remains_and_who_mends_it(
    empty_postgres_url: str,
) -> None:
    with closing_database(empty_postgres_url) as owner, _plain_user(owner) as plain:
        *tables, log = purge(plain, patience=0.1)
        assert ["VACUUM FULL post_texts" in table for table in tables] == [True, False]
        assert "VACUUM FULL notes" in tables[1]
        with owner.engine.connect() as connection:
            for grant in re.findall(r"`(GRANT .*?)`", log):
                connection.execute(text(grant))
            for table in ERASABLE:
                connection.execute(text(f"ALTER TABLE {table} OWNER TO plain_user"))
            connection.commit()
        assert purge(plain, patience=0.1) == ()


@contextmanager
def _plain_user(owner: Database) -> Iterator[Database]:
    with owner.engine.connect() as connection:
        connection.execute(text("CREATE ROLE plain_user LOGIN"))
        connection.execute(text("GRANT USAGE, CREATE ON SCHEMA public TO plain_user"))
        connection.commit()
    plain = Database(owner.url.set(username="plain_user").render_as_string(hide_password=False))
    try:
        yield plain
    finally:
        plain.dispose()
        with owner.engine.connect() as connection:
            connection.execute(text("REASSIGN OWNED BY plain_user TO CURRENT_USER"))
            connection.execute(text("DROP OWNED BY plain_user"))
            connection.execute(text("DROP ROLE plain_user"))
            connection.commit()


def _text(bench: Bench, item_id: str) -> str | None:
    return bench.queue.view(ADMIN, item_id).text
