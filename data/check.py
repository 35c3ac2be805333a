"""Checks corpus files by line, for authors of corpus rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from data.errors import RowFault
from data.rows import scan_rows
from data.sources.corpus import parse_corpus_row


@dataclass(frozen=True, slots=True)
class CheckedCorpus:
    rows: int
    groups: int
    faults: tuple[RowFault, ...]


def check_corpus(paths: Sequence[Path]) -> CheckedCorpus:
    """Every row against the schema, and every id against all others. Raises SourceError."""
    faults: list[RowFault] = []
    first_place: dict[str, str] = {}
    groups: set[str] = set()
    rows = 0
    for path in paths:
        scan = scan_rows(path, parse_corpus_row)
        faults.extend(scan.faults)
        rows += len(scan.rows)
        for line, example in scan.rows:
            groups.add(example.group)
            place = f"{path}:{line}"
            if (first := first_place.setdefault(example.id, place)) != place:
                row_id = example.id.split(":", 1)[1]
                faults.append(RowFault(path, line, f"id {row_id!r} stands already at {first}"))
    return CheckedCorpus(rows, len(groups), tuple(faults))
