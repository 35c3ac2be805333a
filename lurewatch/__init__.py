"""The command `lurewatch`, and the door for Python users: `from lurewatch import Classifier`."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from classifier.classifier import Classifier, Explanation
    from classifier.records import Evidence, Post, Rejection, Score

__all__ = ["Classifier", "Evidence", "Explanation", "Post", "Rejection", "Score"]

_HOMES = {"Classifier": "classifier.classifier", "Explanation": "classifier.classifier"}


def __getattr__(name: str) -> object:
    """Import a public name when it is asked for: the command starts without the runtime."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES.get(name, "classifier.records")), name)
