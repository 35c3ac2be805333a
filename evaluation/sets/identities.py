"""Words for nationalities and faiths that can stand in each other's place."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from evaluation.errors import EvaluationError
from evaluation.sets.sets import set_path

IDENTITIES = set_path("identities.json")

KINDS = ("nationality", "religion")


@dataclass(frozen=True, slots=True)
class IdentitySet:
    """Words of one kind in one grammatical form, so that a sentence stays one after a swap."""

    kind: str
    words: tuple[str, ...]


def read_identities(path: Path = IDENTITIES) -> dict[str, tuple[IdentitySet, ...]]:
    """The sets of each language, by the name that `language_of` gives it."""
    try:
        entries = json.loads(path.read_bytes())
        return {
            language: tuple(
                IdentitySet(kind, tuple(words)) for kind in KINDS for words in entry[kind]
            )
            for entry in entries
            for language in entry["languages"]
        }
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EvaluationError(
            f"{path} should hold words by language and cannot be read ({error!r}); "
            "restore it from the repository"
        ) from error
