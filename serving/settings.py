"""What a server needs to know, read from the environment and the command line in one place."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from classifier.errors import UsageError
from serving.review.ranking import Strategy

ENVIRONMENT: Mapping[str, str] = MappingProxyType(
    {
        "LUREWATCH_DATABASE_URL": "database_url",
        "LUREWATCH_MODEL": "model",
        "LUREWATCH_HOST": "host",
        "LUREWATCH_PORT": "port",
        "LUREWATCH_WORKERS": "workers",
        "LUREWATCH_THREADS": "threads",
        "LUREWATCH_SCREEN": "screen",
        "LUREWATCH_QUEUE_LIMIT": "queue_texts",
        "LUREWATCH_QUEUE_CHARACTERS": "queue_characters",
        "LUREWATCH_QUEUE_SECONDS": "queue_seconds",
        "LUREWATCH_PATIENCE_MS": "patience_ms",
        "LUREWATCH_CACHE_TEXTS": "cache_texts",
        "LUREWATCH_PAGE_RATE": "page_rate",
        "LUREWATCH_KEY_RATE": "key_rate",
        "LUREWATCH_PUBLIC_URL": "public_url",
        "LUREWATCH_SESSION_IDLE_HOURS": "session_idle_hours",
        "LUREWATCH_SESSION_DAYS": "session_days",
        "LUREWATCH_QUEUE_STRATEGY": "queue_strategy",
        "LUREWATCH_SAMPLE_SHARE": "sample_share",
        "LUREWATCH_LEASE_SECONDS": "lease_seconds",
        "LUREWATCH_UNDO_SECONDS": "undo_seconds",
        "LUREWATCH_KEEP_CLEARED_DAYS": "keep_cleared_days",
        "LUREWATCH_KEEP_LEFT_ALONE_DAYS": "keep_left_alone_days",
        "LUREWATCH_KEEP_ACTED_ON_DAYS": "keep_acted_on_days",
        "LUREWATCH_BREAK_AFTER": "break_after",
        "LUREWATCH_SHUTDOWN_SECONDS": "shutdown_seconds",
        "LUREWATCH_TRUSTED_PROXIES": "trusted_proxies",
    }
)
"""Environment variable to field; `docs/operations/serving.md` describes each."""

MAX_UNDO_SECONDS = 86_400
"""The longest that a decision can take to be final."""


class Settings(BaseModel):
    """Settings of one server. The classifier's own limits are not settings."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    database_url: str = Field(repr=False)  # may hold a password
    model: Path | None = None
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    workers: int = Field(default=1, ge=1, le=64)
    threads: int | None = Field(default=None, ge=1, le=1024)
    screen: bool = True
    queue_texts: int = Field(default=2_000, ge=1)
    queue_characters: int = Field(default=2_000_000, ge=1)
    queue_seconds: float = Field(default=10, gt=0, le=600)
    patience_ms: float = Field(default=2.0, ge=0, le=1_000)
    cache_texts: int = Field(default=10_000, ge=0)
    page_rate: int = Field(default=60, ge=0)
    key_rate: int = Field(default=6_000, ge=0)
    public_url: str | None = Field(default=None, pattern=r"^https?://[^/?#@\s]+$")
    session_idle_hours: float = Field(default=12, gt=0, le=720)
    session_days: float = Field(default=7, gt=0, le=90)
    queue_strategy: Strategy = Strategy.HARM
    sample_share: float = Field(default=0.002, ge=0, le=1)
    lease_seconds: int = Field(default=600, ge=1)
    undo_seconds: int = Field(default=10, ge=0, le=MAX_UNDO_SECONDS)
    keep_cleared_days: float = Field(default=7, ge=0, le=3_650)
    keep_left_alone_days: float = Field(default=30, ge=0, le=3_650)
    keep_acted_on_days: float = Field(default=190, ge=0, le=3_650)
    break_after: int = Field(default=50, ge=0)
    shutdown_seconds: int = Field(default=30, ge=1)
    trusted_proxies: str = "127.0.0.1"

    @property
    def address(self) -> str:
        """Where people reach the server."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.public_url or f"http://{host}:{self.port}"


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
    """A SQLite file in the user's state folder, so that every folder finds the same keys."""
    return f"sqlite:///{state_folder(environment) / 'lurewatch.db'}"


def state_folder(environment: Mapping[str, str]) -> Path:
    """Where this program keeps what it writes by itself, for one user.

    That of the XDG base directory specification: in `$XDG_STATE_HOME`, or `~/.local/state`.
    """
    state = environment.get("XDG_STATE_HOME")
    return (Path(state) if state else Path.home() / ".local" / "state") / "lurewatch"
