"""What the commands that work on an installation need of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from serving.actors import OPERATOR, Actor
from serving.audit.log import AuditLog
from serving.database import Database
from serving.migrations import open_database
from serving.policy import Role
from serving.secret import Keyring, check_secret, load_keyring
from serving.settings import Settings, read_settings

COMMAND_LINE = Actor(OPERATOR, Role.ADMIN)
"""Whoever can run commands on the server can read its database too."""


@dataclass(frozen=True, slots=True)
class Installation:
    """Settings, and the database and secret that they name."""

    settings: Settings
    database: Database
    keyring: Keyring
    audit: AuditLog


@contextmanager
def open_installation(settings: Settings | None = None) -> Iterator[Installation]:
    """The installation of `settings`, or of the environment's.

    Raises a `StorageError` or `UsageError` where the database or the secret cannot be used.
    """
    settings = settings or read_settings(os.environ)
    database = open_database(settings.database_url)
    try:
        keyring = load_keyring(settings, os.environ)
        check_secret(database, keyring)
        yield Installation(settings, database, keyring, AuditLog(keyring))
    finally:
        database.dispose()
