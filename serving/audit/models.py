"""The tables of the audit log."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from serving.column_types import BIG_KEY, UtcDateTime
from serving.database import Base


class Event(Base):
    """Something that happened. Holds ids, numbers and keyed hashes, never a text.

    Events stand in lanes; all events of an item stand in one, in the order of `position`, which
    counts from 1 without a gap. `mac` seals the row and the `mac` of the one before.
    """

    __tablename__ = "events"
    __table_args__ = (
        UniqueConstraint("lane", "position"),
        Index(None, "item_id", "position"),
        Index(None, "actor", "at"),
        Index(None, "kind", "at"),
    )

    id: Mapped[int] = mapped_column(BIG_KEY, primary_key=True, autoincrement=True)
    lane: Mapped[int]
    position: Mapped[int] = mapped_column(BIG_KEY)
    kind: Mapped[str] = mapped_column(String(24))
    actor: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    item_id: Mapped[str | None] = mapped_column(String(24))
    item_version: Mapped[int | None]
    body: Mapped[str] = mapped_column(Text)
    key_id: Mapped[str] = mapped_column(String(16))
    mac: Mapped[str] = mapped_column(String(64))


class Head(Base):
    """The end of a lane, signed: what shows that the last events were dropped."""

    __tablename__ = "heads"

    lane: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(BIG_KEY)
    mac: Mapped[str] = mapped_column(String(64))
    key_id: Mapped[str] = mapped_column(String(16))
    signature: Mapped[str] = mapped_column(String(64))


class Deployment(Base):
    """Facts about this installation, such as which secret it was started with."""

    __tablename__ = "deployment"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str] = mapped_column(String(200))
