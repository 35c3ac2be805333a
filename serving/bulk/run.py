"""What a run was asked to do: two runs that agree in all of it write the same output."""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import asdict, dataclass
from typing import BinaryIO

from classifier.artifact import Manifest

_SAMPLE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class InputMark:
    """By what an input is known again: size in bytes, time of its last change, and the SHA-256 of
    its first and last MiB. Copies keep the time with `cp -p`.
    """

    size: int
    modified_ns: int
    ends_hash: str


@dataclass(frozen=True, slots=True)
class Run:
    """The input, the model and the options that decide what the records are.

    `manifest_hash` covers what `model` does not name: thresholds and calibration. The number of
    threads is not here, as no record depends on it.
    """

    input_size: int
    input_modified_ns: int
    input_ends_hash: str
    input_format: str
    output_format: str
    model: str
    policy: str
    manifest_hash: str
    engine: str
    stage: str
    explain: bool

    def differences(self, other: Run) -> list[str]:
        """Say what differs in `other`, in words; nothing where the outputs would be the same."""
        now = asdict(other)
        differing = [
            (name, value, now[name]) for name, value in asdict(self).items() if value != now[name]
        ]
        return [_in_words(name, was, found) for name, was, found in differing]


def mark_of(file: BinaryIO) -> InputMark | None:
    """Mark an open file, and go back to its start; None for what is no regular file."""
    status = os.fstat(file.fileno())
    if not stat.S_ISREG(status.st_mode):
        return None
    digest = hashlib.sha256(file.read(_SAMPLE_BYTES))
    file.seek(max(0, status.st_size - _SAMPLE_BYTES))
    digest.update(file.read(_SAMPLE_BYTES))
    file.seek(0)
    return InputMark(status.st_size, status.st_mtime_ns, digest.hexdigest())


def run_of(
    mark: InputMark,
    manifest: Manifest,
    *,
    input_format: str,
    output_format: str,
    engine: str,
    stage: str,
    explain: bool,
) -> Run:
    return Run(
        input_size=mark.size,
        input_modified_ns=mark.modified_ns,
        input_ends_hash=mark.ends_hash,
        input_format=input_format,
        output_format=output_format,
        model=manifest.model,
        policy=manifest.policy,
        manifest_hash=hashlib.sha256(manifest.to_json().encode()).hexdigest(),
        engine=engine,
        stage=stage,
        explain=explain,
    )


_WORDS = {
    "input_modified_ns": "the input was changed since, or is a copy (`cp -p` keeps the time)",
    "input_ends_hash": "the input has another content",
    "manifest_hash": "the model has another manifest",
}


def _in_words(name: str, was: object, found: object) -> str:
    return _WORDS.get(name) or f"{name.replace('_', ' ')} was {was}, now {found}"
