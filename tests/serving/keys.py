"""Keys for tests, made as `lurewatch keys` makes them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from serving.audit.log import AuditLog
from serving.database import Database
from serving.keys.service import KeyService
from serving.secret import load_keyring
from serving.settings import Settings

NO_SERVER: Mapping[str, str] = MappingProxyType(
    {"LUREWATCH_SECRET": "a secret of more than thirty-two characters"}
)


def key_service(database: Database, environment: Mapping[str, str] = NO_SERVER) -> KeyService:
    """The keys of `database`; `environment` is that of the server that shares its audit log."""
    url = database.url.render_as_string(hide_password=False)
    return KeyService(database, AuditLog(load_keyring(Settings(database_url=url), environment)))
