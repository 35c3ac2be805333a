from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.async_api import Browser
from sqlalchemy import text

from classifier.classifier import Classifier
from serving.database import Database
from serving.migrations import Migrations
from serving.policy import Role
from serving.settings import Settings
from tests.builders import build_tiny_model
from tests.serving.browsing import launched
from tests.serving.keys import key_service
from tests.serving.postgres import running_postgres


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_tiny_model(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="session")
def classifier(model_folder: Path) -> Classifier:
    return Classifier.load(model_folder, threads=1)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    with ExitStack() as stack:
        yield os.environ.get("LUREWATCH_TEST_POSTGRES_URL") or stack.enter_context(
            running_postgres()
        )


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'lurewatch.db'}"


@pytest.fixture
def empty_postgres_url(postgres_url: str) -> str:
    database = Database(postgres_url)
    with database.connect() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    database.dispose()
    return postgres_url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty database, each of the two kinds in turn."""
    name = "sqlite_url" if request.param == "sqlite" else "empty_postgres_url"
    url = request.getfixturevalue(name)
    assert isinstance(url, str)
    return url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    Migrations().upgrade(database)
    yield database
    database.dispose()


@pytest.fixture
def settings(sqlite_url: str) -> Settings:
    return Settings(database_url=sqlite_url)


@pytest.fixture
def new_key(settings: Settings) -> Iterator[Callable[[Role], str]]:
    """Makes a key in the database of `settings`."""
    database = Database(settings.database_url)
    Migrations().prepare(database)
    keys = key_service(database, os.environ)

    def create(role: Role) -> str:
        platform = "example" if role is Role.PLATFORM else None
        return keys.create(role, name=role.value, platform=platform).key

    yield create
    database.dispose()


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with launched() as browser:
        yield browser
