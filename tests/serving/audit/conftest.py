from __future__ import annotations

from collections.abc import Iterator

import pytest

from serving.database import Database
from serving.migrations import open_database
from serving.secret import Keyring
from tests.serving.audit.history import OLD, ROTATED, History


def written(database: Database) -> History:
    """A log of some length, written in small transactions, the secret changed half-way."""
    history = History(database)
    history.write(40, Keyring((OLD,)))
    history.write(40, ROTATED)
    return history


@pytest.fixture
def history(database: Database) -> History:
    return written(database)


@pytest.fixture
def sqlite_history(sqlite_url: str) -> Iterator[History]:
    database = open_database(sqlite_url)
    yield written(database)
    database.dispose()


@pytest.fixture
def postgres_history(empty_postgres_url: str) -> Iterator[History]:
    database = open_database(empty_postgres_url)
    yield written(database)
    database.dispose()
