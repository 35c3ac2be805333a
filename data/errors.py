"""What can be wrong with data.

LurewatchError
└── DataError
    ├── SchemaError          rows that do not fit the schema, each by file and line
    ├── LeakError            near duplicates or a group on two sides of a split
    ├── SourceError          a source that cannot be read or reached
    └── SplitMissingError    no built data where it was looked for
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from classifier.errors import LurewatchError

_SHOWN = 20


class DataError(LurewatchError):
    """Data cannot be read, built or used."""

    code = "data"
    title = "The data cannot be used"


@dataclass(frozen=True, slots=True)
class RowFault:
    """One thing wrong with one row. `line` counts from 1."""

    path: Path
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


class SchemaError(DataError):
    """Carries every fault found, not only the first."""

    code = "data_schema"
    title = "Some rows do not fit the schema"

    def __init__(self, faults: Sequence[RowFault]) -> None:
        self.faults = tuple(faults)
        shown = [str(fault) for fault in self.faults[:_SHOWN]]
        if len(self.faults) > _SHOWN:
            shown.append(f"and {len(self.faults) - _SHOWN} more")
        super().__init__("\n".join([f"{len(self.faults)} found", *shown]))


class LeakError(DataError):
    code = "data_leak"
    title = "The splits are not independent"


class SourceError(DataError):
    code = "data_source"
    title = "A source cannot be read"


class SplitMissingError(DataError):
    code = "data_missing"
    title = "The built data are not there"
