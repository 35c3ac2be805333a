"""Public rows that a keyword screen left in doubt, as two people read them.

The set holds no text, which is not ours to give away: a row is named by its id, and known to be
the text that was read by a digest of its letters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from classifier.labels import LABELS, Label
from data.rows import RowFields, read_rows
from evaluation.sets.sets import set_path

DOUBT = set_path("doubt.jsonl")

Reading = Mapping[Label, bool | None]
"""What somebody read in a text; None where they could not tell."""


@dataclass(frozen=True, slots=True)
class DoubtRow:
    """Two readings of one row, made without knowledge of each other.

    `settled` answers the labels on which they differ and could come to one mind; None elsewhere.
    `letters` is the `data.readings.letters_digest` of the text.
    """

    id: str
    letters: str
    first: Reading
    second: Reading
    settled: Reading

    def truth(self, label: Label) -> bool | None:
        """What both read, else what was settled; None stays unknown."""
        if self.first[label] == self.second[label]:
            return self.first[label]
        return self.settled[label]


def read_doubt(path: Path = DOUBT) -> list[DoubtRow]:
    """All rows, in the order of the file. Raises SchemaError and SourceError."""
    return read_rows(path, _parse)


def _parse(fields: RowFields, line: int) -> DoubtRow:
    row = DoubtRow(
        id=fields.text("id"),
        letters=fields.text("letters"),
        first=_reading(fields, "first"),
        second=_reading(fields, "second"),
        settled=_reading(fields, "settled"),
    )
    for label in LABELS:
        if row.first[label] == row.second[label] and row.settled[label] is not None:
            fields.faults.append(f"`settled` answers {label.value}, on which both agree")
    fields.finish()
    return row


def _reading(fields: RowFields, key: str) -> Reading:
    inner = fields.mapping(key)
    reading = {label: inner.label(label.value) for label in LABELS}
    fields.absorb(key, inner)
    return reading
