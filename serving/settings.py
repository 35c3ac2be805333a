"""What a server needs to know, read from the environment and the command line in one place."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from classifier.errors import UsageError

ENVIRONMENT: Mapping[str, str] = MappingProxyType(
    {
        "LUREWATCH_DATABASE_URL": "database_url",
        "LUREWATCH_MODEL": "model",
        "LUREWATCH_HOST": "host",
        "LUREWATCH_PORT": "port",
        "LUREWATCH_THREADS": "threads",
        "LUREWATCH_QUEUE_LIMIT": "queue_texts",
        "LUREWATCH_QUEUE_CHARACTERS": "queue_characters",
        "LUREWATCH_PATIENCE_MS": "patience_ms",
        "LUREWATCH_PAGE_RATE": "page_rate",
        "LUREWATCH_SHUTDOWN_SECONDS": "shutdown_seconds",
        "LUREWATCH_TRUSTED_PROXIES": "trusted_proxies",
    }
)
"""Environment variable to field; `docs/operations/serving.md` describes each."""


class Settings(BaseModel):
    """Settings of one server. The classifier's own limits are not settings."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    database_url: str = Field(repr=False)  # may hold a password
    model: Path | None = None
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    threads: int | None = Field(default=None, ge=1, le=1024)
    queue_texts: int = Field(default=2_000, ge=1)
    queue_characters: int = Field(default=2_000_000, ge=1)
    patience_ms: float = Field(default=2.0, ge=0, le=1_000)
    page_rate: int = Field(default=60, ge=0)
    shutdown_seconds: int = Field(default=30, ge=1)
    trusted_proxies: str = "127.0.0.1"


def read_settings(environment: Mapping[str, str], **flags: object) -> Settings:
    """The settings from `environment`, overruled by those `flags` that are not None.

    An empty variable counts as unset. Raises `UsageError` naming the variable or flag that
    has a value it cannot have.
    """
    values: dict[str, object] = {"database_url": default_database_url(environment)}
    sources: dict[str, str] = {}
    for variable, field in ENVIRONMENT.items():
        if environment.get(variable):
            values[field] = environment[variable]
            sources[field] = variable
    for field, value in flags.items():
        if value is not None:
            values[field] = value
            sources[field] = f"--{field.replace('_', '-')}"
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        problems = "; ".join(
            f"{sources.get(str(problem['loc'][0]), problem['loc'][0])}: {problem['msg']}"
            for problem in error.errors(include_input=False, include_url=False)
        )
        raise UsageError(f"{problems}. docs/operations/serving.md describes every setting.") from (
            error
        )


def default_database_url(environment: Mapping[str, str]) -> str:
    """A SQLite file in the user's state folder, so that every folder finds the same keys.

    The folder is the one of the XDG base directory specification: `$XDG_STATE_HOME`, or
    `~/.local/state`.
    """
    state = environment.get("XDG_STATE_HOME")
    folder = Path(state) if state else Path.home() / ".local" / "state"
    return f"sqlite:///{folder / 'lurewatch' / 'lurewatch.db'}"
