"""Where the committed sets lie, and the hash that names one in a report.

A set is frozen: figures measured on two versions of it cannot be compared. Its card states the
hash, and a test holds the file to it.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from evaluation.errors import EvaluationError

FOLDER = Path(__file__).parent


def set_path(name: str) -> Path:
    return FOLDER / name


def digests() -> dict[str, str]:
    """The SHA-256 of every set that has rows, by its file's name."""
    files = sorted(path for path in FOLDER.iterdir() if path.suffix in (".json", ".jsonl"))
    return {path.name: digest(path) for path in files if path.stat().st_size}


def digest(path: Path) -> str:
    """The SHA-256 of a set, in hexadecimal. Raises EvaluationError when it is not there."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise EvaluationError(
            f"{path} is one of the sets that come with the code and cannot be read ({error}); "
            "restore it from the repository"
        ) from error
