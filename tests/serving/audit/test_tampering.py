"""Whatever is done to the rows, the check names the first bad one."""

from __future__ import annotations

import random
from dataclasses import asdict, replace

import pytest
from sqlalchemy import text
from sqlalchemy.engine import Connection

from serving.audit.chain import Sealed, head_signature
from serving.audit.heads import sign_head
from serving.audit.log import AuditLog
from serving.audit.records import BadRow, VerifyReport
from serving.errors import AuditLogDamagedError
from serving.secret import Keyring
from tests.serving.audit.history import LANES, NEW, OLD, History, Place, draft, event_id

TRIALS = 4

AT = "lane = :lane AND position = :position"
AFTER = "lane = :lane AND position > :position"
FROM = "lane = :lane AND position >= :position"


def execute(connection: Connection, place: Place, *statements: str, **values: object) -> None:
    for statement in statements:
        connection.execute(text(statement), {**asdict(place), **values})


def shift(connection: Connection, where: str, by: int, place: Place) -> None:
    # By way of negative positions, since two rows may not share one even for a moment.
    execute(
        connection,
        place,
        f"UPDATE events SET position = -(position + {by}) WHERE {where}",
        "UPDATE events SET position = -position WHERE lane = :lane AND position < 0",
    )


def random_places(history: History, seed: str) -> list[Place]:
    return random.Random(seed).sample(history.places(), TRIALS)


def in_lane(report: VerifyReport, lane: int) -> BadRow:
    (bad,) = (row for row in report.bad if row.lane == lane)
    return bad


CHANGES = {
    "kind": "kind = 'viewed'",
    "actor": "actor = actor || '0'",
    "at": "at = '2026-03-01 12:00:00.000001'",
    "item_id": "item_id = CASE WHEN item_id IS NULL THEN 'item1' END",
    "item_version": "item_version = COALESCE(item_version, 0) + 1",
    "body": "body = body || ' '",
    "key_id": "key_id = CASE WHEN key_id = :old THEN :new ELSE :old END",
    "unknown key_id": "key_id = 'ffffffffffffffff'",
    "mac": "mac = CASE WHEN mac LIKE '0%' THEN '1' ELSE '0' END || substr(mac, 2)",
    "empty mac": "mac = ''",
}


@pytest.mark.parametrize("column", CHANGES)
def test_a_changed_row_is_named(history: History, column: str) -> None:
    old, new = Keyring((OLD,)).key_id, Keyring((NEW,)).key_id
    for place in random_places(history, column):

        def change(connection: Connection, place: Place = place) -> None:
            statement = f"UPDATE events SET {CHANGES[column]} WHERE {AT}"
            if ":old" in statement:
                execute(connection, place, statement, old=old, new=new)
            else:
                execute(connection, place, statement)

        (bad,) = history.undoing(change).bad
        assert (bad.lane, bad.position) == (place.lane, place.position)
        assert bad.event_id == history.event_id(place)


def test_a_dropped_row_is_named_also_the_last_of_a_lane(history: History) -> None:
    lasts = [Place(lane, history.length(lane)) for lane in range(LANES)]
    for place in [*random_places(history, "drop"), *lasts]:

        def drop(connection: Connection, place: Place = place) -> None:
            execute(connection, place, f"DELETE FROM events WHERE {AT}")

        (bad,) = history.undoing(drop).bad
        assert (bad.event_id, bad.lane, bad.position) == (None, place.lane, place.position)
        assert "dropped" in bad.problem


def test_a_row_dropped_with_the_gap_closed_is_named(history: History) -> None:
    for place in random_places(history, "close"):

        def drop(connection: Connection, place: Place = place) -> None:
            execute(connection, place, f"DELETE FROM events WHERE {AT}")
            shift(connection, AFTER, -1, place)

        (bad,) = history.undoing(drop).bad
        assert (bad.lane, bad.position) == (place.lane, place.position)


def test_all_rows_from_one_on_dropped_are_found_at_the_first(history: History) -> None:
    for place in [*random_places(history, "tail"), Place(1, 1)]:

        def drop(connection: Connection, place: Place = place) -> None:
            execute(connection, place, f"DELETE FROM events WHERE {FROM}")

        (bad,) = history.undoing(drop).bad
        assert (bad.event_id, bad.lane, bad.position) == (None, place.lane, place.position)


def test_rows_dropped_at_the_end_are_found_although_the_head_was_set_back(
    history: History,
) -> None:
    for place in random_places(history, "set back"):

        def drop(connection: Connection, place: Place = place) -> None:
            execute(
                connection,
                place,
                f"DELETE FROM events WHERE {FROM}",
                "UPDATE heads SET position = :position - 1, mac = COALESCE((SELECT mac FROM events "
                "WHERE lane = :lane AND position = :position - 1), '') WHERE lane = :lane",
            )

        (bad,) = history.undoing(drop).bad
        assert (bad.lane, bad.position) == (place.lane, place.position)
        assert "head" in bad.problem


def test_a_lane_dropped_with_its_head_is_found(history: History) -> None:
    for lane in range(LANES):

        def drop(connection: Connection, lane: int = lane) -> None:
            for table in ("events", "heads"):
                execute(connection, Place(lane, 0), f"DELETE FROM {table} WHERE lane = :lane")

        (bad,) = history.undoing(drop).bad
        assert (bad.event_id, bad.lane, bad.position) == (None, lane, 1)


def test_a_dropped_head_is_found(history: History) -> None:
    def drop(connection: Connection) -> None:
        execute(connection, Place(1, 0), "DELETE FROM heads WHERE lane = :lane")

    (bad,) = history.undoing(drop).bad
    assert (bad.lane, bad.position) == (1, history.length(1) + 1)
    assert "head of the lane is missing" in bad.problem


def test_a_log_dropped_altogether_is_found(history: History) -> None:
    def drop(connection: Connection) -> None:
        for table in ("events", "heads"):
            connection.execute(text(f"DELETE FROM {table}"))

    assert [bad.lane for bad in history.undoing(drop).bad] == [0, 1, 2]


INSERT = (
    "INSERT INTO events (lane, position, kind, actor, at, item_id, item_version, body, key_id, mac)"
    " SELECT lane, :to, kind, 'user:9', at, item_id, item_version, body, key_id, mac FROM events "
)


def test_an_inserted_row_is_named(history: History) -> None:
    for place in random_places(history, "insert"):
        made: list[int] = []

        def insert(connection: Connection, place: Place = place, made: list[int] = made) -> None:
            shift(connection, FROM, 1, place)
            source = "WHERE lane = :lane AND position = :position + 1"
            execute(connection, place, INSERT + source, to=place.position)
            made.append(event_id(connection, place))

        (bad,) = history.undoing(insert).bad
        assert (bad.event_id, bad.lane, bad.position) == (made[0], place.lane, place.position)


@pytest.mark.parametrize("beyond", [1, 5, -1_000])
def test_a_row_put_outside_a_lane_s_length_is_named(history: History, beyond: int) -> None:
    place = Place(1, history.length(1))
    outside = Place(1, place.position + beyond)
    made: list[int] = []

    def insert(connection: Connection) -> None:
        execute(connection, place, f"{INSERT} WHERE {AT}", to=outside.position)
        made.append(event_id(connection, outside))

    (bad,) = history.undoing(insert).bad
    assert (bad.event_id, bad.lane, bad.position) == (made[0], 1, outside.position)


def test_a_row_put_into_a_lane_that_is_not_there_is_named(history: History) -> None:
    place = history.places()[-1]

    def move(connection: Connection) -> None:
        execute(connection, place, f"UPDATE events SET lane = 99 WHERE {AT}")

    report = history.undoing(move)
    assert in_lane(report, 99).event_id == history.event_id(place)
    assert in_lane(report, place.lane).position == place.position


def test_rows_that_changed_places_are_found_at_the_first(history: History) -> None:
    for place in random_places(history, "swap"):
        length = history.length(place.lane)
        other = place.position % length + 1
        first = min(place.position, other)

        def swap(connection: Connection, place: Place = place, other: int = other) -> None:
            move = "UPDATE events SET position = {} WHERE lane = :lane AND position = {}"
            for before, after in ((":position", "-1"), (":other", ":position"), ("-1", ":other")):
                execute(connection, place, move.format(after, before), other=other)

        (bad,) = history.undoing(swap).bad
        assert (bad.lane, bad.position) == (place.lane, first)


def test_a_chain_computed_anew_without_the_key_is_found_where_it_begins(history: History) -> None:
    for place in random_places(history, "anew"):

        def forge(connection: Connection, place: Place = place) -> None:
            execute(connection, place, f"UPDATE events SET actor = 'user:9' WHERE {AT}")
            reseal(connection, place, b"not the key")

        (bad,) = history.undoing(forge).bad
        assert (bad.lane, bad.position) == (place.lane, place.position)


def reseal(connection: Connection, place: Place, key: bytes) -> None:
    """Seal the lane anew from `place` on, and sign its head, with a key of one's own."""
    columns = "kind, actor, CAST(at AS TEXT) AS at, item_id, item_version, body, key_id, mac"
    rows = connection.execute(
        text(f"SELECT position, {columns} FROM events WHERE lane = :lane ORDER BY position"),
        {"lane": place.lane},
    ).all()
    previous = ""
    for row in rows:
        if row.position < place.position:
            previous = row.mac
            continue
        fields = {name: value for name, value in row._mapping.items() if name != "mac"}
        previous = Sealed(lane=place.lane, **fields).mac(key, previous)
        here = Place(place.lane, row.position)
        execute(connection, here, f"UPDATE events SET mac = :mac WHERE {AT}", mac=previous)
    signature = head_signature(key, place.lane, rows[-1].position, previous, rows[-1].key_id)
    execute(
        connection,
        place,
        "UPDATE heads SET mac = :mac, signature = :signature WHERE lane = :lane",
        mac=previous,
        signature=signature,
    )


def test_every_lane_that_was_tampered_with_is_named(history: History) -> None:
    places = [Place(0, 3), Place(2, 5)]

    def change(connection: Connection) -> None:
        for place in places:
            execute(connection, place, f"UPDATE events SET body = '{{}}' WHERE {AT}")

    report = history.undoing(change)
    assert [(bad.lane, bad.position) for bad in report.bad] == [(0, 3), (2, 5)]


def test_a_lane_set_back_with_its_head_is_found_by_kept_heads(history: History) -> None:
    before = history.heads()
    history.write(40)
    kept = history.heads()
    lane = 1
    set_back(history, lane, before[lane].position)
    sign = asdict(before[lane])
    history.tamper(
        "UPDATE heads SET position = :position, mac = :mac, key_id = :key_id, "
        "signature = :signature WHERE lane = :lane",
        **sign,
    )
    # By itself the database is as it once was; that is what the kept heads are for.
    assert history.verify().bad == ()
    assert history.verify(kept=before).bad == ()
    (bad,) = history.verify(kept=kept).bad
    assert (bad.lane, bad.position) == (lane, before[lane].position + 1)
    # The server goes on in good faith; the kept heads still tell.
    history.write(80)
    assert history.length(lane) > kept[lane].position
    assert history.verify().bad == ()
    (bad,) = history.verify(kept=before + kept).bad
    assert (bad.lane, bad.position) == (lane, kept[lane].position)


def set_back(history: History, lane: int, position: int) -> None:
    history.tamper(f"DELETE FROM events WHERE {AFTER}", lane=lane, position=position)


def test_a_head_set_back_alone_is_found(history: History) -> None:
    before = history.heads()[2]
    history.write(20)
    history.tamper(
        "UPDATE heads SET position = :position, mac = :mac, signature = :signature, "
        "key_id = :key_id WHERE lane = :lane",
        **asdict(before),
    )
    (bad,) = history.verify().bad
    assert (bad.lane, bad.position) == (2, before.position + 1)


def test_a_secret_that_was_replaced_seals_nothing_any_more(history: History) -> None:
    head = history.heads()[0]
    thief = Keyring((OLD,))
    stolen = sign_head(thief, head.lane, head.position, head.mac)
    history.tamper(
        "UPDATE heads SET position = :position, mac = :mac, key_id = :key_id, "
        "signature = :signature WHERE lane = :lane",
        **asdict(stolen),
    )
    (bad,) = history.verify().bad
    assert (bad.lane, bad.position) == (0, head.position)
    length = history.length(0)
    forged = [replace(draft(0), actor=f"user:{number}") for number in range(40)]
    log = AuditLog(thief, lanes=LANES)
    with history.database.write() as session:
        log.append(session, *(one for one in forged if log.lane(one) == 0))
    (bad,) = history.verify().bad
    assert (bad.lane, bad.position) == (0, length + 1)
    assert "replaced" in bad.problem


@pytest.mark.parametrize(
    "done",
    [
        "DELETE FROM heads WHERE lane = 1",
        "DELETE FROM heads",
        "UPDATE heads SET position = position - 1",
        "UPDATE heads SET mac = 'x'",
        "UPDATE heads SET signature = 'é'",
        "UPDATE heads SET key_id = 'x'",
    ],
)
def test_nothing_is_added_to_a_log_whose_head_was_tampered_with(
    history: History, done: str
) -> None:
    history.tamper(done)
    events = len(history.places())
    with pytest.raises(AuditLogDamagedError):
        history.write(12)
    assert len(history.places()) == events
    assert history.verify().bad


def test_a_log_that_was_emptied_does_not_begin_anew(history: History) -> None:
    history.tamper("DELETE FROM heads", "DELETE FROM events")
    with pytest.raises(AuditLogDamagedError):
        history.write(4)


SQLITE_VALUES = [
    "body = x'ff'",
    "body = CAST(x'ff' AS TEXT)",
    "kind = x'00'",
    "item_version = 'many'",
    "item_version = 1.5",
    "position = 'last'",
    "mac = x'00'",
    "key_id = x'00'",
    "at = 'yesterday'",
    "at = replace(at, ' ', 'T')",
    "at = at || '0'",
    "lane = 0.5",
    "lane = 'x'",
]


@pytest.mark.parametrize("change", SQLITE_VALUES)
def test_values_of_a_type_that_only_sqlite_keeps_are_found(
    sqlite_history: History, change: str
) -> None:
    sqlite_history.tamper(f"UPDATE events SET {change} WHERE lane = 0 AND position = 4")
    first = sqlite_history.verify().bad[0]
    assert (first.lane, first.position) == (0, 4)


def test_heads_of_a_type_that_only_sqlite_keeps_are_found(sqlite_history: History) -> None:
    for column in ("mac", "key_id", "signature", "position"):
        sqlite_history.tamper(f"UPDATE heads SET {column} = x'ff' WHERE lane = 1")
        (bad,) = sqlite_history.verify().bad
        assert bad.lane == 1


@pytest.mark.parametrize("moment", ["infinity", "-infinity", "0044-03-15 12:00:00+00 BC"])
def test_moments_that_only_postgresql_keeps_are_found(
    postgres_history: History, moment: str
) -> None:
    postgres_history.tamper(
        "UPDATE events SET at = CAST(:moment AS timestamptz) WHERE lane = 0 AND position = 4",
        moment=moment,
    )
    (bad,) = postgres_history.verify().bad
    assert (bad.lane, bad.position) == (0, 4)
