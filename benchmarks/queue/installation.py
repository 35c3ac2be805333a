"""An installation to measure: a database and the servers on it, as an operator would start them."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

from serving.database import Database
from serving.migrations import Migrations
from serving.policy import Role
from tests.builders import build_tiny_model
from tests.serving.keys import key_service
from tests.serving.postgres import running_postgres
from tests.serving.processes import Server, serving

PLATFORM = "example"


_DEFAULTS: Mapping[str, str] = MappingProxyType({})


class Kind(StrEnum):
    """A database, by the name of its SQLAlchemy backend."""

    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"

    @property
    def servers(self) -> int:
        """How many server processes stand on it: SQLite is for one."""
        return 1 if self is Kind.SQLITE else 2


@dataclass(frozen=True, slots=True)
class Key:
    """An API key and the name its holder has in the audit log."""

    secret: str
    actor: str


class Slot:
    """A place where a server runs. When it is killed the next one takes the place, elsewhere.

    `lives` counts the servers that stood here so far, the present one included.
    """

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._folder = folder
        self._environment = dict(environment)
        self._stack = ExitStack()
        self._lock = threading.Lock()
        self._server: Server | None = None
        self.lives = 0

    @property
    def address(self) -> str | None:
        """Where the server listens; None while there is none."""
        return self._server.address if self._server else None

    def start(self) -> None:
        """Returns once the server is ready."""
        with self._lock:
            self.lives += 1
            folder = self._folder / f"life-{self.lives}"
            folder.mkdir(parents=True)
            context = serving(folder, environment=self._environment)
            self._server = self._stack.enter_context(context)

    def kill(self) -> None:
        """`kill -9`, as when the machine loses power under it."""
        with self._lock:
            server, self._server = self._server, None
            if server is not None:
                server.process.kill()
            self._stack.close()


@dataclass(frozen=True, slots=True)
class Installation:
    """A database, its servers, and the environment that a command needs to work on it."""

    kind: Kind
    database: Database
    slots: tuple[Slot, ...]
    environment: Mapping[str, str]

    def key(self, role: Role, name: str) -> Key:
        platform = PLATFORM if role is Role.PLATFORM else None
        made = key_service(self.database, self.environment).create(
            role, name=name, platform=platform
        )
        return Key(made.key, f"key:{made.id}")


@contextmanager
def database_url(kind: Kind, folder: Path, postgres: str | None = None) -> Iterator[str]:
    """A new SQLite file in `folder`, the server at `postgres`, or one started for the purpose."""
    with ExitStack() as stack:
        if kind is Kind.SQLITE:
            yield f"sqlite:///{folder / 'lurewatch.db'}"
        else:
            yield postgres or stack.enter_context(running_postgres())


@contextmanager
def installation(
    url: str, folder: Path, *, model: Path | None = None, settings: Mapping[str, str] = _DEFAULTS
) -> Iterator[Installation]:
    """Servers on the empty database at `url`, ready; gone afterwards. `folder` takes their logs.

    Without a `model` a tiny one is built, with which handing posts in is quick.
    """
    environment = {
        "LUREWATCH_DATABASE_URL": url,
        "LUREWATCH_MODEL": str(model or build_tiny_model(folder / "model")),
        "LUREWATCH_SECRET": secrets.token_hex(32),
        "LUREWATCH_THREADS": "1",
        "LUREWATCH_KEY_RATE": "0",
        "XDG_STATE_HOME": str(folder),
        **settings,
    }
    database = Database(url)
    kind = Kind(database.url.get_backend_name())
    slots = tuple(Slot(folder / f"server-{n}", environment) for n in range(kind.servers))
    try:
        Migrations().prepare(database)
        with ThreadPoolExecutor(len(slots)) as pool:
            for started in [pool.submit(slot.start) for slot in slots]:
                started.result()
        yield Installation(kind, database, slots, MappingProxyType(environment))
    finally:
        for slot in slots:
            slot.kill()
        database.dispose()
