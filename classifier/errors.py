"""Every error of the project.

    LurewatchError                    code, title, detail: what was expected, found, and to do
    ├── InputError                    something the caller sent; the rest of a batch goes on
    │   ├── EmptyTextError
    │   ├── TextTooLongError
    │   └── MalformedRowError
    ├── UsageError                    a command or setting that cannot work as given
    └── ArtifactError                 a model folder
        ├── ArtifactMissingError
        └── ArtifactMismatchError

Sibling packages hang their own branches on `LurewatchError` in their own `errors.py`.
"""

from __future__ import annotations

from typing import ClassVar


class LurewatchError(Exception):
    """Base of all. `code` is stable and for machines, `title` and `detail` are for people."""

    code: ClassVar[str] = "error"
    title: ClassVar[str] = "Something went wrong"

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.title}: {self.detail}"


class InputError(LurewatchError):
    """One post or row cannot be scored."""

    code = "invalid_input"
    title = "This input cannot be scored"


class EmptyTextError(InputError):
    code = "empty_text"
    title = "The text is empty"


class TextTooLongError(InputError):
    code = "text_too_long"
    title = "The text is too long"


class MalformedRowError(InputError):
    code = "malformed_row"
    title = "The row cannot be read"


class UsageError(LurewatchError):
    """A command line, path or setting that cannot work; exit status 2."""

    code = "usage"
    title = "This cannot be done as asked"


class ArtifactError(LurewatchError):
    """A model folder cannot be used."""

    code = "artifact"
    title = "The model cannot be loaded"


class ArtifactMissingError(ArtifactError):
    code = "artifact_missing"
    title = "The model is not there"


class ArtifactMismatchError(ArtifactError):
    code = "artifact_mismatch"
    title = "The model does not match its manifest"
