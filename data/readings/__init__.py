"""What people read in public rows that their source's keyword screen left in doubt.

The text of such a row is not ours to give away. `nearest.jsonl` names a row by its id, knows the
text that was read by a digest of its letters, and holds the labels.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path

from classifier.labels import LABELS, Label
from data.records import Example, facets_for
from data.rows import RowFields, read_rows
from data.shingles import Skeletons

_DIGEST_CHARACTERS = 16


@dataclass(frozen=True, slots=True)
class Reading:
    """One person's labels of a row; None where they could not tell."""

    id: str
    letters: str
    labels: Mapping[Label, bool | None]


def readings_file() -> Path:
    return Path(str(files("data"))) / "readings" / "nearest.jsonl"


def read_readings(path: Path) -> list[Reading]:
    """All readings, in the order of the file. Raises SchemaError and SourceError."""
    return read_rows(path, _parse)


def with_readings(
    examples: Sequence[Example], readings: Sequence[Reading]
) -> tuple[list[Example], int]:
    """The examples with their unknown labels as they were read, and how many rows that changed.

    A label that the source gives stands. A reading of another text than the row has is left out.
    """
    by_id = {reading.id: reading for reading in readings}
    filled = [_filled(example, by_id.get(example.id)) for example in examples]
    changed = sum(new is not old for new, old in zip(filled, examples, strict=True))
    return filled, changed


def letters_digest(text: str) -> str:
    """A digest of the text's letters, which a change of placeholders or spaces leaves alone."""
    letters = Skeletons().of(text).encode("utf-8", "surrogatepass")
    return hashlib.sha256(letters).hexdigest()[:_DIGEST_CHARACTERS]


def _filled(example: Example, reading: Reading | None) -> Example:
    if reading is None or all(example.labels[label] is not None for label in LABELS):
        return example
    if reading.letters != letters_digest(example.text):
        return example
    given = example.labels
    labels = {
        label: reading.labels[label] if given[label] is None else given[label] for label in LABELS
    }
    named = next((facet for facet, is_so in example.facets.items() if is_so), None)
    return replace(example, labels=labels, facets=facets_for(labels, named))


def _parse(fields: RowFields, line: int) -> Reading:
    reading = Reading(
        id=fields.text("id"),
        letters=fields.text("letters"),
        labels={label: fields.label(label.value) for label in LABELS},
    )
    fields.finish()
    return reading
