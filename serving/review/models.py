"""The tables of the review queue.

What identifies a post or its author to an outsider stands in `post_texts` and `notes` alone: they
can be erased while everything else, the audit log first, stays as it is.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from serving.column_types import UtcDateTime
from serving.database import Base

_SAMPLED = "state = 'open' AND queued_for = 'sample'"


def _partial_index(name: str, *columns: str, where: str = "state = 'open'") -> Index:
    return Index(name, *columns, postgresql_where=text(where), sqlite_where=text(where))


class Item(Base):
    """One post of one platform and where it stands: a projection of its events.

    `version` rises with every event but a heartbeat; `text_version` with every new text. The
    ranks are larger for what should be looked at sooner and do not change with time.
    """

    __tablename__ = "items"
    __table_args__ = (
        _partial_index("ix_items_open_harm", "rank_harm"),
        _partial_index("ix_items_open_doubt", "rank_doubt"),
        _partial_index("ix_items_open_age", "rank_age"),
        _partial_index("ix_items_open_language_harm", "language", "rank_harm"),
        _partial_index("ix_items_open_language_doubt", "language", "rank_doubt"),
        _partial_index("ix_items_open_language_age", "language", "rank_age"),
        _partial_index("ix_items_open_sample", "rank_age", where=_SAMPLED),
        _partial_index("ix_items_open_language_sample", "language", "rank_age", where=_SAMPLED),
        _partial_index("ix_items_escalated", "rank_age", where="state = 'escalated'"),
        Index(None, "author_mark"),
        Index(None, "lease_owner"),
        Index(None, "state", "received_at"),
        Index(None, "decided_at"),
        _partial_index("ix_items_kept", "state", "received_at", where="erased_at IS NULL"),
    )

    id: Mapped[str] = mapped_column(String(24), primary_key=True)
    platform: Mapped[str] = mapped_column(String(100))
    post_mark: Mapped[str] = mapped_column(String(64), unique=True)
    author_mark: Mapped[str | None] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(16))
    source: Mapped[str] = mapped_column(String(16))
    reach: Mapped[int | None] = mapped_column(BigInteger)
    posted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)

    text_version: Mapped[int]
    text_mark: Mapped[str] = mapped_column(String(64))
    characters: Mapped[int]
    version: Mapped[int]
    state: Mapped[str] = mapped_column(String(16))
    queued_for: Mapped[str | None] = mapped_column(String(16))
    queued_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sampling_probability: Mapped[float]

    language: Mapped[str] = mapped_column(String(20))
    smuggling_service: Mapped[float]
    fake_job: Mapped[float]
    flagged_smuggling_service: Mapped[bool]
    flagged_fake_job: Mapped[bool]
    route: Mapped[str] = mapped_column(String(16))
    facet: Mapped[str | None] = mapped_column(String(32))
    model: Mapped[str] = mapped_column(String(100))
    policy: Mapped[str] = mapped_column(String(20))
    rank_harm: Mapped[float]
    rank_doubt: Mapped[float]
    rank_age: Mapped[float]

    lease_owner: Mapped[str | None] = mapped_column(String(40))
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[str | None] = mapped_column(String(40))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    final_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    action: Mapped[str | None] = mapped_column(String(16))
    reason: Mapped[str | None] = mapped_column(String(40))
    judged_smuggling_service: Mapped[bool | None]
    judged_fake_job: Mapped[bool | None]
    erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ScoreRow(Base):
    """One score of one text: the score record as JSON, with facets and evidence once queued."""

    __tablename__ = "scores"

    item_id: Mapped[str] = mapped_column(ForeignKey("items.id"), primary_key=True)
    text_version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    model: Mapped[str] = mapped_column(String(100), primary_key=True)
    policy: Mapped[str] = mapped_column(String(20), primary_key=True)
    scored_at: Mapped[datetime] = mapped_column(UtcDateTime)
    record: Mapped[str] = mapped_column(Text)


class PostText(Base):
    """What was posted, erasable."""

    __tablename__ = "post_texts"

    item_id: Mapped[str] = mapped_column(ForeignKey("items.id"), primary_key=True)
    text_version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    post_id: Mapped[str] = mapped_column(Text)
    title: Mapped[str | None] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    url: Mapped[str | None] = mapped_column(Text)


class Note(Base):
    """What a person wrote beside an event of an item, erasable. `version` is the event's."""

    __tablename__ = "notes"

    item_id: Mapped[str] = mapped_column(ForeignKey("items.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    text: Mapped[str] = mapped_column(Text)


class Skip(Base):
    """A moderator who was shown an item and passed it on: claim-next does not bring it again."""

    __tablename__ = "skips"

    item_id: Mapped[str] = mapped_column(ForeignKey("items.id"), primary_key=True)
    actor: Mapped[str] = mapped_column(String(40), primary_key=True)
