"""The schema's history, and the gate that lets no server run on a schema it does not know."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.engine import Connection

from serving.database import Database
from serving.errors import SchemaOutdatedError, SchemaTooNewError

_UPGRADE_LOCK = 0x6C757265  # any number no other program takes: "lure"


@dataclass(frozen=True, slots=True)
class Upgrade:
    """What an upgrade did: the revision before (None for a new database) and after."""

    before: str | None
    after: str


class Migrations:
    """The revisions in `folder`, an Alembic script folder. There is no way back: see the docs."""

    def __init__(self, folder: Path = Path(__file__).parent) -> None:
        self._config = Config()
        self._config.set_main_option("script_location", str(folder).replace("%", "%%"))
        self._config.set_main_option("path_separator", "os")
        self._scripts = ScriptDirectory.from_config(self._config)

    def upgrade(self, database: Database) -> Upgrade:
        """Bring `database` to the latest revision, in one transaction, one process at a time.

        Raises `SchemaTooNewError` where the database is ahead of this version.
        """
        with database.connect() as connection:
            _lock(connection)
            before = self._known_revision(connection, database)
            self._run(connection)
            return Upgrade(before, self._head)

    def prepare(self, database: Database) -> None:
        """Create the schema in a new database; refuse one that is not at the latest revision.

        An existing database is never upgraded in passing: that is `lurewatch db upgrade`, run
        by a person who has a backup. Raises `SchemaOutdatedError` and `SchemaTooNewError`.
        """
        with database.connect() as connection:
            _lock(connection)
            found = self._known_revision(connection, database)
            if found is None:
                self._run(connection)
            elif found != self._head:
                raise SchemaOutdatedError(
                    f"{database.name} is at revision {found}, this version needs {self._head}. "
                    "Make a backup, then run `lurewatch db upgrade`."
                )

    @property
    def _head(self) -> str:
        head = self._scripts.get_current_head()
        assert head is not None  # the folder ships with revisions
        return head

    def _known_revision(self, connection: Connection, database: Database) -> str | None:
        found = MigrationContext.configure(connection).get_current_revision()
        known = {script.revision for script in self._scripts.walk_revisions()}
        if found is not None and found not in known:
            raise SchemaTooNewError(
                f"{database.name} is at revision {found}, which this version does not know; it "
                f"ends at {self._head}. Install the version that wrote it, or use another database."
            )
        return found

    def _run(self, connection: Connection) -> None:
        self._config.attributes["connection"] = connection
        command.upgrade(self._config, "head")


def open_database(url: str) -> Database:
    """The database at `url`, made ready; raises what `Database` and `prepare` raise."""
    database = Database(url)
    try:
        Migrations().prepare(database)
    except BaseException:
        database.dispose()
        raise
    return database


def _lock(connection: Connection) -> None:
    # On SQLite the transaction itself, begun IMMEDIATE, already keeps others out.
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _UPGRADE_LOCK})
