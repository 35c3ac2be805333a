from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from classifier.classifier import Classifier
from serving.database import Database
from serving.metrics import Metrics
from serving.migrations import Migrations
from serving.scoring.batcher import Limits
from serving.scoring.engine import Engine


@pytest.fixture
def sqlite_database(sqlite_url: str) -> Iterator[Database]:
    """For what does not depend on the kind of database."""
    database = Database(sqlite_url)
    Migrations().upgrade(database)
    yield database
    database.dispose()


@pytest.fixture
def postgres_database(empty_postgres_url: str) -> Iterator[Database]:
    """For what happens only where several transactions write at a time."""
    database = Database(empty_postgres_url)
    Migrations().upgrade(database)
    yield database
    database.dispose()


@pytest.fixture
async def engine(classifier: Classifier) -> AsyncIterator[Engine]:
    metrics = Metrics()
    engine = Engine(Limits(500, 1_000_000, 0.001), metrics, classifier=classifier)
    engine.start()
    while not engine.ready:
        await asyncio.sleep(0.01)
    yield engine
    await engine.stop()
