"""The review queue, its audit log, and the people who work it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "deployment",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_deployment")),
    )
    op.create_table(
        "events",
        sa.Column("id", BIG_KEY, autoincrement=True, nullable=False),
        sa.Column("lane", sa.Integer(), nullable=False),
        sa.Column("position", BIG_KEY, nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("item_id", sa.String(length=24), nullable=True),
        sa.Column("item_version", sa.Integer(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("mac", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
        sa.UniqueConstraint("lane", "position", name=op.f("uq_events_lane_position")),
    )
    op.create_index(op.f("ix_events_actor_at"), "events", ["actor", "at"])
    op.create_index(op.f("ix_events_item_id_position"), "events", ["item_id", "position"])
    op.create_index(op.f("ix_events_kind_at"), "events", ["kind", "at"])
    op.create_table(
        "guessing",
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", MOMENT, nullable=False),
        sa.Column("blocked_until", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_guessing")),
    )
    op.create_table(
        "heads",
        sa.Column("lane", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", BIG_KEY, nullable=False),
        sa.Column("mac", sa.String(length=64), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("signature", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("lane", name=op.f("pk_heads")),
    )
    op.create_table(
        "items",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("platform", sa.String(length=100), nullable=False),
        sa.Column("post_mark", sa.String(length=64), nullable=False),
        sa.Column("author_mark", sa.String(length=64), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("reach", sa.BigInteger(), nullable=True),
        sa.Column("posted_at", MOMENT, nullable=True),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("text_version", sa.Integer(), nullable=False),
        sa.Column("text_mark", sa.String(length=64), nullable=False),
        sa.Column("characters", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("queued_for", sa.String(length=16), nullable=True),
        sa.Column("queued_at", MOMENT, nullable=True),
        sa.Column("sampling_probability", sa.Double(), nullable=False),
        sa.Column("language", sa.String(length=20), nullable=False),
        sa.Column("smuggling_service", sa.Double(), nullable=False),
        sa.Column("fake_job", sa.Double(), nullable=False),
        sa.Column("flagged_smuggling_service", sa.Boolean(), nullable=False),
        sa.Column("flagged_fake_job", sa.Boolean(), nullable=False),
        sa.Column("route", sa.String(length=16), nullable=False),
        sa.Column("facet", sa.String(length=32), nullable=True),
        sa.Column("model", sa.String(length=100), nullable=False),
        sa.Column("policy", sa.String(length=20), nullable=False),
        sa.Column("rank_harm", sa.Double(), nullable=False),
        sa.Column("rank_doubt", sa.Double(), nullable=False),
        sa.Column("rank_age", sa.Double(), nullable=False),
        sa.Column("lease_owner", sa.String(length=40), nullable=True),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("decided_by", sa.String(length=40), nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("final_at", MOMENT, nullable=True),
        sa.Column("action", sa.String(length=16), nullable=True),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("judged_smuggling_service", sa.Boolean(), nullable=True),
        sa.Column("judged_fake_job", sa.Boolean(), nullable=True),
        sa.Column("erased_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_items")),
        sa.UniqueConstraint("post_mark", name=op.f("uq_items_post_mark")),
    )
    op.create_index(op.f("ix_items_author_mark"), "items", ["author_mark"])
    op.create_index(op.f("ix_items_decided_at"), "items", ["decided_at"])
    op.create_index("ix_items_escalated", "items", ["rank_age"], **_where("state = 'escalated'"))
    op.create_index(op.f("ix_items_lease_owner"), "items", ["lease_owner"])
    op.create_index("ix_items_open_age", "items", ["rank_age"], **_where("state = 'open'"))
    op.create_index("ix_items_open_doubt", "items", ["rank_doubt"], **_where("state = 'open'"))
    op.create_index("ix_items_open_harm", "items", ["rank_harm"], **_where("state = 'open'"))
    op.create_index(
        "ix_items_open_language_age", "items", ["language", "rank_age"], **_where("state = 'open'")
    )
    op.create_index(
        "ix_items_open_language_doubt",
        "items",
        ["language", "rank_doubt"],
        **_where("state = 'open'"),
    )
    op.create_index(
        "ix_items_open_language_harm",
        "items",
        ["language", "rank_harm"],
        **_where("state = 'open'"),
    )
    op.create_index(
        "ix_items_open_sample",
        "items",
        ["rank_age"],
        **_where("state = 'open' AND queued_for = 'sample'"),
    )
    op.create_index(
        "ix_items_open_language_sample",
        "items",
        ["language", "rank_age"],
        **_where("state = 'open' AND queued_for = 'sample'"),
    )
    op.create_index(
        "ix_items_kept", "items", ["state", "received_at"], **_where("erased_at IS NULL")
    )
    op.create_index(op.f("ix_items_state_received_at"), "items", ["state", "received_at"])
    op.create_table(
        "users",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("languages", sa.String(length=1000), nullable=True),
        sa.Column("hide_score", sa.Boolean(), nullable=False),
        sa.Column("preview_first", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("disabled_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("name", name=op.f("uq_users_name")),
    )
    op.create_table(
        "notes",
        sa.Column("item_id", sa.String(length=24), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_notes_item_id")),
        sa.PrimaryKeyConstraint("item_id", "version", name=op.f("pk_notes")),
    )
    op.create_table(
        "post_texts",
        sa.Column("item_id", sa.String(length=24), nullable=False),
        sa.Column("text_version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("post_id", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_post_texts_item_id")),
        sa.PrimaryKeyConstraint("item_id", "text_version", name=op.f("pk_post_texts")),
    )
    op.create_table(
        "scores",
        sa.Column("item_id", sa.String(length=24), nullable=False),
        sa.Column("text_version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("model", sa.String(length=100), nullable=False),
        sa.Column("policy", sa.String(length=20), nullable=False),
        sa.Column("scored_at", MOMENT, nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_scores_item_id")),
        sa.PrimaryKeyConstraint(
            "item_id", "text_version", "model", "policy", name=op.f("pk_scores")
        ),
    )
    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=16), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_sessions_user_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_sessions")),
    )
    op.create_index(op.f("ix_sessions_user_id"), "sessions", ["user_id"])
    op.create_table(
        "sign_in_links",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=16), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_sign_in_links_user_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_sign_in_links")),
    )
    op.create_index(op.f("ix_sign_in_links_user_id"), "sign_in_links", ["user_id"])
    op.create_table(
        "skips",
        sa.Column("item_id", sa.String(length=24), nullable=False),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_skips_item_id")),
        sa.PrimaryKeyConstraint("item_id", "actor", name=op.f("pk_skips")),
    )
    if op.get_bind().dialect.name == "postgresql":
        _keep_texts_out_of_statistics()


def _keep_texts_out_of_statistics() -> None:
    """The planner's statistics hold the commonest values of a column, where none is erased."""
    texts = {"post_texts": ("post_id", "title", "text", "url"), "notes": ("text",)}
    for table, columns in texts.items():
        for column in columns:
            op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET STATISTICS 0")


def _where(condition: str) -> dict[str, Any]:
    return {"postgresql_where": sa.text(condition), "sqlite_where": sa.text(condition)}
