from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

import serving.migrations
from serving.database import Base, Database
from serving.errors import SchemaOutdatedError, SchemaTooNewError
from serving.migrations import Migrations, open_database
from serving.policy import Role
from tests.serving.keys import key_service

NEXT_REVISION = """
import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "0002"


def upgrade() -> None:
    op.create_table("from_the_future", sa.Column("id", sa.Integer(), primary_key=True))
"""


@pytest.fixture
def next_version(tmp_path: Path) -> Migrations:
    """The migrations of a version of this program that has one revision more."""
    folder = tmp_path / "migrations"
    shutil.copytree(Path(serving.migrations.__file__).parent, folder)
    (folder / "versions" / "9999_from_the_future.py").write_text(NEXT_REVISION)
    return Migrations(folder)


def test_a_new_database_is_created(database_url: str) -> None:
    database = open_database(database_url)
    key_service(database).create(Role.ADMIN, name="first")
    database.dispose()
    again = open_database(database_url)
    assert [key.name for key in key_service(again).list()] == ["first"]
    again.dispose()


def test_migrations_arrive_at_what_the_models_say(database: Database) -> None:
    with database.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_an_older_schema_is_refused_until_it_is_upgraded(
    database: Database, next_version: Migrations
) -> None:
    key = key_service(database).create(Role.ADMIN, name="kept")
    with pytest.raises(SchemaOutdatedError, match="lurewatch db upgrade"):
        next_version.prepare(database)
    upgrade = next_version.upgrade(database)
    assert (upgrade.before, upgrade.after) == ("0002", "9999")
    next_version.prepare(database)
    assert key_service(database).authenticate(key.key).id == key.id


def test_a_newer_schema_is_refused(database: Database, next_version: Migrations) -> None:
    next_version.upgrade(database)
    for attempt in (Migrations().prepare, Migrations().upgrade):
        with pytest.raises(SchemaTooNewError, match="9999"):
            attempt(database)


def test_an_upgrade_can_be_repeated(database: Database) -> None:
    upgrade = Migrations().upgrade(database)
    assert upgrade.before == upgrade.after


def test_servers_that_start_together_create_one_schema(database_url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        for opened in pool.map(lambda _: open_database(database_url), range(4)):
            opened.dispose()


def test_a_failed_upgrade_leaves_the_old_schema(
    database: Database, next_version: Migrations, tmp_path: Path
) -> None:
    revision = tmp_path / "migrations" / "versions" / "9999_from_the_future.py"
    revision.write_text(NEXT_REVISION + "    raise RuntimeError\n")
    broken = Migrations(tmp_path / "migrations")
    with pytest.raises(RuntimeError):
        broken.upgrade(database)
    Migrations().prepare(database)
