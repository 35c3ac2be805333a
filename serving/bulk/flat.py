"""A score or error record as one flat row, for CSV and Parquet."""

from __future__ import annotations

import json

from classifier.labels import LABELS
from classifier.records import Rejection, Score

SCORE_COLUMNS = tuple(f"score_{label.value}" for label in LABELS)
COLUMNS = (
    "id",
    *SCORE_COLUMNS,
    "labels",
    "route",
    "language",
    "stage",
    "model",
    "policy",
    "facets",
    "evidence",
    "warnings",
    "line",
    "error_code",
    "error_title",
    "error_detail",
)
"""The same columns in every file, so that files with and without errors can be put together."""

Cell = str | float | int | None


def flat_record(record: Score | Rejection) -> dict[str, Cell]:
    """Map every column to its value, None where the record has none.

    Numbers are rounded as in the JSON record; labels are joined by `|`; facets, evidence and
    warnings are JSON.
    """
    values = record.to_dict()
    row: dict[str, Cell] = dict.fromkeys(COLUMNS)
    if isinstance(record, Rejection):
        error = values.pop("error")
        return row | values | {f"error_{name}": text for name, text in error.items()}
    row |= {f"score_{label}": p for label, p in values.pop("scores").items()}
    row["labels"] = "|".join(values.pop("labels"))
    for name, value in values.items():
        nested = isinstance(value, dict | list)
        row[name] = json.dumps(value, ensure_ascii=False) if nested else value
    return row
