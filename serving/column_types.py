"""Column types that read back alike from SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, TypeDecorator

BIG_KEY = BigInteger().with_variant(Integer(), "sqlite")
"""A number that counts itself up; SQLite does that for its own INTEGER alone."""


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC. SQLite would otherwise drop the zone and PostgreSQL answer in its own."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
