"""The one secret of an installation, and the keys that are derived from it.

`LUREWATCH_SECRET` or a file that is made at the first start. `docs/operations/secret.md` says how
to keep and how to change it.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import secrets as random
import stat
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import select, text, update

from classifier.errors import UsageError
from serving.audit.models import Deployment
from serving.database import Database, parse_url
from serving.errors import SecretMismatchError
from serving.settings import Settings, state_folder

VARIABLE = "LUREWATCH_SECRET"
MIN_SECRET_CHARACTERS = 32

_SALT = b"lurewatch"
_DEPLOYMENT_ROW = "secret"
_HANDBOOK = "docs/operations/secret.md tells more."


class Keyring:
    """The current secret and those before it, newest first. Immutable, so thread-safe."""

    def __init__(self, secrets: tuple[bytes, ...]) -> None:
        if not secrets:
            raise ValueError("a keyring holds one secret at least")
        roots = [_extract(_SALT, secret) for secret in secrets]
        self._roots = {_expand(root, b"id")[:8].hex(): root for root in roots}
        self.key_ids = tuple(self._roots)
        """The names of the secrets, which give nothing of them away; the current one first."""
        self.key_id = self.key_ids[0]
        """The name of the current secret: 16 hexadecimal digits."""

    def key(self, purpose: str, key_id: str | None = None) -> bytes:
        """A key of 32 bytes for `purpose` alone, of the current secret or of the one named.

        HKDF with SHA-256 (RFC 5869). Raises `SecretMismatchError` for a secret that is not here.
        """
        root = self._roots.get(self.key_id if key_id is None else key_id)
        if root is None:
            raise SecretMismatchError(
                f"something was sealed under the secret {key_id}, which is not among those in use "
                f"({', '.join(self.key_ids)}). Put it behind the current one in {VARIABLE}, after "
                f"a comma. {_HANDBOOK}"
            )
        return _expand(root, b"key:" + purpose.encode())

    def mark(self, purpose: str, *parts: str) -> str:
        """A keyed hash of `parts`, 64 hexadecimal digits, under the current secret."""
        return _mark(self.key(purpose), parts)

    def marks(self, purpose: str, *parts: str) -> tuple[str, ...]:
        """The hash under every secret, the current one first: for what was marked before."""
        return tuple(_mark(self.key(purpose, key_id), parts) for key_id in self.key_ids)

    def __repr__(self) -> str:
        return f"Keyring({', '.join(self.key_ids)})"


def load_keyring(
    settings: Settings, environment: Mapping[str, str], *, create: bool = True
) -> Keyring:
    """The secrets in `environment`, or else in their file, which is made where there is none.

    Servers that start together for the first time agree on one file. Raises `UsageError` for a
    secret that is too short, for a file that cannot be used or that others can read, and for one
    that is not there where `create` is off.
    """
    if environment.get(VARIABLE):
        return Keyring(_split(environment[VARIABLE], VARIABLE))
    path = secret_file(settings, environment)
    try:
        content = _create(path) if create and not path.exists() else _read(path)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise UsageError(
            f"the secret in {path} cannot be used ({reason}). Mend the file or set {VARIABLE}. "
            f"{_HANDBOOK}"
        ) from error
    return Keyring(_split(content, str(path)))


def secret_file(settings: Settings, environment: Mapping[str, str]) -> Path:
    """Where the secret is without a variable: beside a SQLite file, else in the state folder."""
    url = parse_url(settings.database_url)
    if url.get_backend_name() == "sqlite":
        return Path(f"{url.database}.secret")
    return state_folder(environment) / "lurewatch.secret"


def check_secret(database: Database, keyring: Keyring) -> None:
    """Make sure that `database` was written with this secret, or with an older one of these.

    The database remembers the name of the secret. Raises `SecretMismatchError` for another one:
    a server that went on would find no post that it has seen before.
    """
    with database.write() as session:
        session.execute(
            text("INSERT INTO deployment (name, value) VALUES (:n, :v) ON CONFLICT DO NOTHING"),
            {"n": _DEPLOYMENT_ROW, "v": keyring.key_id},
        )
        row = Deployment.name == _DEPLOYMENT_ROW
        known = session.scalars(select(Deployment.value).where(row)).one()
        if known not in keyring.key_ids:
            raise SecretMismatchError(
                f"{database.name} was written with the secret {known}; the one given is "
                f"{keyring.key_id}. Give every server the same {VARIABLE}, or put the secret file "
                f"back; after a change, the old secret stays behind the new one. {_HANDBOOK}"
            )
        if known != keyring.key_id:
            session.execute(update(Deployment).where(row).values(value=keyring.key_id))


def _split(value: str, source: str) -> tuple[bytes, ...]:
    parts = [part.strip() for part in value.split(",")]
    if min(map(len, parts)) < MIN_SECRET_CHARACTERS or len(set(parts)) < len(parts):
        raise UsageError(
            f"{source} holds the current secret and, after commas, older ones: each different, "
            f"each of {MIN_SECRET_CHARACTERS} characters or more. `openssl rand -base64 32` makes "
            f"one. {_HANDBOOK}"
        )
    return tuple(part.encode() for part in parts)


def _read(path: Path) -> str:
    with path.open(encoding="utf-8") as file:
        if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
            raise UsageError(
                f"others can read the secret in {path}. `chmod 600` it, and change the secret if "
                f"someone may have read it. {_HANDBOOK}"
            )
        return file.read()


def _create(path: Path) -> str:
    """Make the file whole or not at all; where another process was first, read what it made."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{path.name}.{random.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(random.token_urlsafe(32) + "\n")
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(draft)
    finally:
        draft.unlink()
    _sync_folder(path.parent)
    return _read(path)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _mark(key: bytes, parts: tuple[str, ...]) -> str:
    mac = hmac.new(key, digestmod=hashlib.sha256)
    for part in parts:
        encoded = part.encode("utf-8", "surrogatepass")
        # The length keeps ("ab", "c") and ("a", "bc") apart.
        mac.update(len(encoded).to_bytes(8, "big") + encoded)
    return mac.hexdigest()


def _extract(salt: bytes, secret: bytes) -> bytes:
    """Step 1 of HKDF, RFC 5869, section 2.2."""
    return hmac.digest(salt, secret, "sha256")


def _expand(root: bytes, info: bytes) -> bytes:
    """Step 2 of HKDF, RFC 5869, section 2.3, for 32 bytes: its first block."""
    return hmac.digest(root, info + b"\x01", "sha256")
