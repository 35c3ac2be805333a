"""Making, listing, revoking and checking keys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from classifier.errors import UsageError
from serving.actors import OPERATOR
from serving.audit.log import AuditLog
from serving.audit.records import Draft, EventKind
from serving.clock import Clock, utc_now
from serving.database import Database
from serving.errors import InvalidKeyError, KeyNotFoundError
from serving.keys import repository, secrets
from serving.keys.models import ApiKey
from serving.policy import Role

MAX_NAME_CHARACTERS = 100

_NO_SUCH_HASH = secrets.hash_secret("")


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """A key as it is listed."""

    id: str
    name: str
    role: Role
    platform: str | None
    created_at: datetime
    last_used_on: date | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key just made. `key` is shown to its holder now and can never be read again."""

    id: str
    key: str


class KeyService:
    """Keys in `database`. What becomes of one is in the audit log if it happened, and only then."""

    def __init__(self, database: Database, audit: AuditLog, *, clock: Clock = utc_now) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock

    def create(self, role: Role, *, name: str, platform: str | None = None) -> NewKey:
        """Make a key. Raises `UsageError` unless platform keys, and no others, name a platform."""
        new, row = _new_key(role, name, platform, self._clock())
        with self._database.write() as session:
            repository.add(session, row)
            self._log(session, (EventKind.KEY_CREATED, row))
        return new

    def replace(self, role: Role, *, name: str, platform: str | None = None) -> NewKey:
        """Make a key and revoke those of the same name."""
        new, row = _new_key(role, name, platform, self._clock())
        with self._database.write() as session:
            old = repository.lock_active(session, name)
            for key in old:
                key.revoked_at = self._clock()
            repository.add(session, row)
            revoked = [(EventKind.KEY_REVOKED, key) for key in old]
            self._log(session, *revoked, (EventKind.KEY_CREATED, row))
        return new

    def list(self) -> tuple[KeyRecord, ...]:
        """All keys, revoked ones too, the oldest first."""
        with self._database.read() as session:
            return tuple(_record(key) for key in repository.every(session))

    def revoke(self, key_id: str) -> KeyRecord:
        """Revoke from now on; raises `KeyNotFoundError`. The first revocation keeps its date."""
        with self._database.write() as session:
            key = repository.lock(session, key_id)
            if key is None:
                raise KeyNotFoundError(
                    f"no key has the id {key_id!r}. `lurewatch keys list` shows the ids."
                )
            if key.revoked_at is None:
                key.revoked_at = self._clock()
                self._log(session, (EventKind.KEY_REVOKED, key))
            return _record(key)

    def authenticate(self, presented: str) -> KeyRecord:
        """The key that `presented` is; raises `InvalidKeyError`, the same for every reason."""
        parts = secrets.parse(presented)
        if parts is None:
            raise _refusal()
        with self._database.read() as session:
            key = repository.find(session, parts.id)
            # An unknown id costs the same comparison as a known one.
            proven = secrets.matches(parts.secret, key.secret_hash if key else _NO_SUCH_HASH)
            if key is None or not proven or key.revoked_at is not None:
                raise _refusal()
            record = _record(key)
        today = self._clock().date()
        if record.last_used_on != today:
            with self._database.write() as session:
                repository.mark_used(session, record.id, today)
        return record

    def _log(self, session: Session, *happened: tuple[EventKind, ApiKey]) -> None:
        drafts = (
            Draft(
                kind,
                OPERATOR,
                self._clock(),
                body={"key": key.id, "role": key.role, "platform": key.platform},
            )
            for kind, key in happened
        )
        self._audit.append(session, *drafts)


def _new_key(role: Role, name: str, platform: str | None, at: datetime) -> tuple[NewKey, ApiKey]:
    if (role is Role.PLATFORM) != (platform is not None):
        raise UsageError(
            "a key with the role platform belongs to one platform, and only such a key does: "
            "give --platform NAME together with --role platform."
        )
    for what, value in (("name", name), ("platform", platform)):
        if value is not None and not 0 < len(value.strip()) <= len(value) <= MAX_NAME_CHARACTERS:
            raise UsageError(f"the {what} of a key has 1 to {MAX_NAME_CHARACTERS} characters.")
    key_id, secret = secrets.new_id(), secrets.new_secret()
    row = ApiKey(
        id=key_id,
        secret_hash=secrets.hash_secret(secret),
        name=name,
        role=role.value,
        platform=platform,
        created_at=at,
    )
    return NewKey(key_id, secrets.render(key_id, secret)), row


def _record(key: ApiKey) -> KeyRecord:
    return KeyRecord(
        id=key.id,
        name=key.name,
        role=Role(key.role),
        platform=key.platform,
        created_at=key.created_at,
        last_used_on=key.last_used_on,
        revoked_at=key.revoked_at,
    )


def _refusal() -> InvalidKeyError:
    return InvalidKeyError(
        "the key is unknown, misspelt or revoked. `lurewatch keys create` makes a new one."
    )
