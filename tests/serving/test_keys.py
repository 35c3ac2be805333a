from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text

from classifier.errors import UsageError
from serving.actors import OPERATOR
from serving.audit.models import Event
from serving.audit.records import EventKind
from serving.database import Database
from serving.errors import AuditLogDamagedError, InvalidKeyError, KeyNotFoundError
from serving.keys import secrets
from serving.policy import Role
from tests.serving.keys import key_service


def test_a_key_proves_who_holds_it(database: Database) -> None:
    keys = key_service(database)
    new = keys.create(Role.PLATFORM, name="production", platform="example")
    found = keys.authenticate(new.key)
    assert (found.id, found.role, found.platform) == (new.id, Role.PLATFORM, "example")


def test_every_wrong_key_gets_the_same_refusal(database: Database) -> None:
    keys = key_service(database)
    good, revoked = (keys.create(Role.ADMIN, name=name) for name in ("good", "revoked"))
    keys.revoke(revoked.id)
    wrong_secret = secrets.render(good.id, secrets.new_secret())
    unknown_id = secrets.render(secrets.new_id(), secrets.new_secret())
    others = ("", "x", good.key[:-1], good.key + "0", good.key.upper(), f" {good.key}", "lw__")
    refusals = set()
    for presented in (revoked.key, wrong_secret, unknown_id, *others):
        with pytest.raises(InvalidKeyError) as error:
            keys.authenticate(presented)
        refusals.add(str(error.value))
    assert len(refusals) == 1
    assert keys.authenticate(good.key)


def test_the_database_holds_no_secret(database: Database) -> None:
    new = key_service(database).create(Role.ADMIN, name="admin")
    parts = secrets.parse(new.key)
    assert parts is not None
    with database.read() as session:
        stored = str(session.execute(text("SELECT * FROM api_keys")).all())
    assert parts.secret not in stored
    assert secrets.hash_secret(parts.secret) in stored


def test_secrets_have_256_bits_and_differ() -> None:
    made = {secrets.new_secret() for _ in range(100)}
    assert len(made) == 100
    assert all(len(bytes.fromhex(secret)) == 32 for secret in made)


def test_use_leaves_a_day_and_no_more(database: Database) -> None:
    keys = key_service(database)
    new = keys.create(Role.ADMIN, name="admin")
    assert keys.list()[0].last_used_on is None
    keys.authenticate(new.key)
    keys.authenticate(new.key)
    assert keys.list()[0].last_used_on == datetime.now(UTC).date()


def test_moments_come_back_in_utc(database: Database) -> None:
    keys = key_service(database)
    keys.create(Role.ADMIN, name="admin")
    created = keys.list()[0].created_at
    assert created.utcoffset() == timedelta(0)
    assert abs(datetime.now(UTC) - created) < timedelta(minutes=1)


def test_the_first_revocation_keeps_its_date(database: Database) -> None:
    keys = key_service(database)
    new = keys.create(Role.ADMIN, name="admin")
    first = keys.revoke(new.id).revoked_at
    assert keys.revoke(new.id).revoked_at == first


def test_revoking_what_is_not_there_says_so(database: Database) -> None:
    with pytest.raises(KeyNotFoundError, match="keys list"):
        key_service(database).revoke("000000000000")


def test_replacing_revokes_the_keys_of_that_name_alone(database: Database) -> None:
    keys = key_service(database)
    old = keys.create(Role.ADMIN, name="demo")
    other = keys.create(Role.ADMIN, name="other")
    new = keys.replace(Role.ADMIN, name="demo")
    assert keys.authenticate(new.key)
    assert keys.authenticate(other.key)
    with pytest.raises(InvalidKeyError):
        keys.authenticate(old.key)


@pytest.mark.parametrize(
    ("role", "platform"), [(Role.PLATFORM, None), (Role.ADMIN, "example"), (Role.PLATFORM, "  ")]
)
def test_platform_keys_and_no_others_name_a_platform(
    database: Database, role: Role, platform: str | None
) -> None:
    with pytest.raises(UsageError, match="platform"):
        key_service(database).create(role, name="key", platform=platform)


def logged(database: Database) -> list[tuple[str, str, str]]:
    """What the audit log holds: kind, actor, and the key it is about."""
    with database.read() as session:
        events = session.scalars(select(Event).order_by(Event.id))
        return [(event.kind, event.actor, json.loads(event.body)["key"]) for event in events]


def test_the_log_has_each_making_and_revoking_once(database: Database) -> None:
    keys = key_service(database)
    first = keys.create(Role.ADMIN, name="demo")
    second = keys.replace(Role.ADMIN, name="demo")
    for _ in range(2):
        keys.revoke(second.id)
    assert logged(database) == [
        (EventKind.KEY_CREATED, OPERATOR, first.id),
        (EventKind.KEY_REVOKED, OPERATOR, first.id),
        (EventKind.KEY_CREATED, OPERATOR, second.id),
        (EventKind.KEY_REVOKED, OPERATOR, second.id),
    ]


def test_a_key_that_cannot_be_logged_is_neither_made_nor_revoked(database: Database) -> None:
    keys = key_service(database)
    old = keys.create(Role.ADMIN, name="old")
    with database.write() as session:
        session.execute(text("DELETE FROM heads"))
    with pytest.raises(AuditLogDamagedError):
        keys.create(Role.ADMIN, name="new")
    with pytest.raises(AuditLogDamagedError):
        keys.revoke(old.id)
    assert [key.name for key in keys.list()] == ["old"]
    assert keys.authenticate(old.key)


def test_the_log_holds_neither_a_secret_nor_a_name(database: Database) -> None:
    new = key_service(database).create(Role.ADMIN, name="Ms Jane Doe")
    parts = secrets.parse(new.key)
    assert parts is not None
    with database.read() as session:
        stored = str(session.execute(text("SELECT * FROM events")).all())
    for hidden in (parts.secret, secrets.hash_secret(parts.secret), "Jane"):
        assert hidden not in stored
