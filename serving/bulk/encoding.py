"""Records as bytes: JSON lines and CSV rows."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from json.encoder import encode_basestring
from typing import Protocol

from classifier.labels import Label, Route, Stage
from classifier.records import Rejection, Score
from serving.bulk.flat import COLUMNS, Cell, flat_record

_FORMULA_START = ("=", "+", "-", "@", "\t", "\r")
_PLAIN_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
_encode_json = json.JSONEncoder(ensure_ascii=False).encode


class BlockEncoder(Protocol):
    """Turns records into bytes that can be put behind those of the records before."""

    def preamble(self) -> bytes:
        """Give what stands in front of the first record."""

    def pieces(self, records: Sequence[Score | Rejection]) -> Iterator[bytes]:
        """Give the block of `records`, in pieces that are whole records."""


class JsonLines:
    def preamble(self) -> bytes:
        return b""

    def pieces(self, records: Sequence[Score | Rejection]) -> Iterator[bytes]:
        return map(json_line, records)


class CsvRows:
    def preamble(self) -> bytes:
        return _csv_row(COLUMNS)

    def pieces(self, records: Sequence[Score | Rejection]) -> Iterator[bytes]:
        return map(csv_line, records)


def json_line(record: Score | Rejection) -> bytes:
    """Encode `record.to_dict()` as a line of JSON."""
    if isinstance(record, Rejection) or record.facets is not None or record.evidence is not None:
        return f"{_encode_json(record.to_dict())}\n".encode()
    # Nearly all records take this way, which needs half the time. What a record shares with
    # thousands of others is encoded once.
    shared = _shared_fields(
        record.labels,
        record.route,
        record.language,
        record.stage,
        record.model,
        record.policy,
        record.warnings,
    )
    scores = ", ".join([f'"{label.value}": {round(p, 4)}' for label, p in record.scores.items()])
    return f'{{"id": {encode_basestring(record.id)}, "scores": {{{scores}}}, {shared}'.encode()


@lru_cache(maxsize=4_096)
def _shared_fields(
    labels: tuple[Label, ...],
    route: Route,
    language: str,
    stage: Stage,
    model: str,
    policy: str,
    warnings: tuple[str, ...],
) -> str:
    whole = Score("", {}, labels, route, language, stage, model, policy, warnings=warnings)
    fields = whole.to_dict()
    del fields["id"], fields["scores"]
    return f"{_encode_json(fields)[1:]}\n"


def csv_line(record: Score | Rejection) -> bytes:
    """Encode a record as one row of CSV.

    A spreadsheet runs a cell that begins with `=`, `+`, `-` or `@` as a formula, and the id is
    the one cell whose beginning an outsider may have chosen: it gets an apostrophe in front,
    unless it is a plain number. JSONL and Parquet keep it as it was.
    """
    row = flat_record(record)
    row_id = str(row["id"])
    if row_id.startswith(_FORMULA_START) and not _PLAIN_NUMBER.fullmatch(row_id):
        row["id"] = f"'{row_id}"
    return _csv_row(map(row.__getitem__, COLUMNS))


def _csv_row(cells: Iterable[Cell]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer).writerow(cells)
    return buffer.getvalue().encode()
