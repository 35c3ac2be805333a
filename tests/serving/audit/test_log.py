from __future__ import annotations

import json
import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from threading import Barrier

import pytest
from sqlalchemy import select, text

from serving.audit.log import LANES, AuditLog
from serving.audit.models import Event
from serving.audit.records import Draft
from serving.audit.verify import verify
from serving.database import Database
from serving.errors import AuditLogDamagedError
from serving.secret import Keyring
from tests.serving.audit.history import BEGIN, OLD, ROTATED, History, draft

KEYRING = Keyring((OLD,))


def events(database: Database) -> list[Event]:
    with database.read() as session:
        rows = list(session.scalars(select(Event).order_by(Event.lane, Event.position)))
        session.expunge_all()
        return rows


def test_an_event_is_kept_as_it_was_drafted(database: Database) -> None:
    elsewhere = timezone(timedelta(hours=5, minutes=30))
    written = replace(draft(8), at=datetime(2026, 5, 1, 2, 3, 4, 56, tzinfo=elsewhere))
    with database.write() as session:
        AuditLog(KEYRING).append(session, written)
    (event,) = events(database)
    assert (event.kind, event.actor, event.at) == (written.kind, written.actor, written.at)
    assert (event.item_id, event.item_version) == (written.item_id, written.item_version)
    assert json.loads(event.body) == written.body
    assert event.key_id == KEYRING.key_id


def test_the_events_of_an_item_stand_in_one_lane_in_their_order(database: Database) -> None:
    log = AuditLog(KEYRING)
    drafts = [draft(number) for number in range(100)]
    with database.write() as session:
        log.append(session, *drafts)
    rows = events(database)
    for item in {one.item_id for one in drafts if one.item_id is not None}:
        found = [(row.lane, row.item_version) for row in rows if row.item_id == item]
        assert len({lane for lane, _ in found}) == 1
        assert [version for _, version in found] == sorted(
            one.item_version or 0 for one in drafts if one.item_id == item
        )


def test_items_spread_over_all_lanes() -> None:
    log = AuditLog(KEYRING)
    lanes = {log.lane(replace(draft(1), item_id=f"item{number}")) for number in range(400)}
    assert lanes == set(range(LANES))


def test_positions_count_from_one_without_a_gap(history: History) -> None:
    for lane in range(3):
        positions = [place.position for place in history.places() if place.lane == lane]
        assert sorted(positions) == list(range(1, len(positions) + 1))


def test_two_calls_in_one_session_go_on_from_each_other(database: Database) -> None:
    log = AuditLog(KEYRING)
    with database.write() as session:
        log.append(session, draft(1))
        log.append(session, draft(1))
    assert verify(database, KEYRING).events == 2


def test_what_is_rolled_back_was_never_logged(history: History) -> None:
    before = len(history.places())
    with history.database.write() as session:
        AuditLog(ROTATED, lanes=3).append(session, draft(1))
        session.rollback()
    assert len(history.places()) == before
    assert history.verify().bad == ()


def test_nothing_to_write_is_nothing_written(database: Database) -> None:
    with database.write() as session:
        AuditLog(KEYRING).append(session)
    assert events(database) == []


def test_writers_that_start_together_make_one_sound_log(database: Database) -> None:
    writers, rounds = 6, 8
    log, barrier = AuditLog(KEYRING), Barrier(writers)

    def work(writer: int) -> None:
        chance = random.Random(writer)
        barrier.wait()
        for _ in range(rounds):
            drafts = [draft(chance.randrange(1_000)) for _ in range(4)]
            with database.write() as session:
                log.append(session, *drafts)

    with ThreadPoolExecutor(writers) as pool:
        list(pool.map(work, range(writers)))
    report = verify(database, KEYRING)
    assert (report.events, report.bad) == (writers * rounds * 4, ())


def test_a_server_without_the_secret_of_the_others_adds_nothing(history: History) -> None:
    with pytest.raises(AuditLogDamagedError, match="same secrets"):
        history.write(1, Keyring((b"a secret that no other server has",)))
    assert history.verify().bad == ()


def test_a_log_begun_with_other_lanes_is_refused(history: History) -> None:
    beyond = next(one for one in map(draft, range(100)) if AuditLog(ROTATED).lane(one) > 2)
    with pytest.raises(AuditLogDamagedError), history.database.write() as session:
        AuditLog(ROTATED).append(session, beyond)


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        replace(draft(1), at=BEGIN.replace(tzinfo=None))


def test_a_body_that_is_not_json_is_refused(database: Database) -> None:
    for value in (float("nan"), b"bytes", BEGIN):
        wrong = Draft(draft(1).kind, "user:1", BEGIN, body={"value": value})
        with pytest.raises((TypeError, ValueError)), database.write() as session:
            AuditLog(KEYRING).append(session, wrong)


def test_the_secret_is_nowhere_in_the_database(history: History) -> None:
    with history.database.read() as session:
        for table in ("events", "heads", "deployment"):
            stored = str(session.execute(text(f"SELECT * FROM {table}")).all())
            assert OLD.decode() not in stored
            assert OLD.hex() not in stored
