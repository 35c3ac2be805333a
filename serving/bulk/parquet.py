"""Parquet in, a batch of rows at a time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from classifier.errors import UsageError
from serving.bulk.errors import InvalidUtf8Error
from serving.bulk.rows import FIELDS, Row, rejected, row_from_fields, shown_names

_BATCH_ROWS = 1_000
_BUFFER_BYTES = 1 << 20
"""Read at once of a column. Without it a row group's whole columns would be, and writers that take
their defaults make groups of a million rows."""


class ParquetReader:
    """Rows of one Parquet file, numbered from 1.

    Raises UsageError for what is not Parquet, has no column `text`, or one of the wrong type.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._file = pq.ParquetFile(path, pre_buffer=False, buffer_size=_BUFFER_BYTES)
        except (pa.ArrowException, OSError) as error:
            raise UsageError(f"{path} is not readable Parquet: {_first_line(error)}") from error
        self._path = path
        self._rows_read = 0
        self._columns = _checked_columns(path, self._file.schema_arrow)

    def fraction(self) -> float:
        """Give the share of the rows that has been read, in [0, 1]."""
        return self._rows_read / max(1, int(self._file.metadata.num_rows))

    def skip(self, count: int) -> int:
        """Begin `count` rows later; return how many were passed over, at most all."""
        self._rows_read = min(count, int(self._file.metadata.num_rows))
        return self._rows_read

    def __iter__(self) -> Iterator[Row]:
        try:
            for batch in self._batches(self._rows_read):
                columns = [_values(column) for column in batch.columns]
                for values in zip(*columns, strict=True):
                    self._rows_read += 1
                    yield _row(dict(zip(batch.schema.names, values, strict=True)), self._rows_read)
        except (pa.ArrowException, OSError) as error:
            place = f"after row {self._rows_read:,}"
            raise UsageError(f"{self._path} is damaged {place}: {_first_line(error)}") from error

    def _batches(self, start: int) -> Iterator[pa.RecordBatch]:
        """Give the rows from `start` on; row groups before it are not read."""
        metadata = self._file.metadata
        first = 0
        for group in range(metadata.num_row_groups):
            rows = metadata.row_group(group).num_rows
            if start < first + rows:
                place = first
                for batch in self._file.iter_batches(
                    _BATCH_ROWS, row_groups=[group], columns=self._columns, use_threads=False
                ):
                    if start < place + batch.num_rows:
                        yield batch.slice(max(0, start - place))
                    place += batch.num_rows
            first += rows

    def close(self) -> None:
        self._file.close()


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]


def _checked_columns(path: Path, schema: pa.Schema) -> list[str]:
    if "text" not in schema.names:
        raise UsageError(
            f"{path} has no column `text`, only {shown_names(schema.names)}; rename one"
        )
    columns = [name for name in FIELDS if name in schema.names]
    for name in columns:
        kind = schema.field(name).type
        value_kind = kind.value_type if pa.types.is_dictionary(kind) else kind
        if not (_is_string(value_kind) or (name == "id" and pa.types.is_integer(value_kind))):
            allowed = "strings or whole numbers" if name == "id" else "strings"
            raise UsageError(f"the column `{name}` of {path} holds {kind}; expected {allowed}")
    return columns


def _is_string(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    )


def _values(column: pa.Array) -> list[Any]:
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    # Bytes, because pyarrow reads a string column without checking that it is UTF-8: one bad
    # value would fail the conversion of its whole batch.
    return list((column.cast(pa.large_binary()) if _is_string(column.type) else column).to_pylist())


def _row(values: dict[str, Any], number: int) -> Row:
    fields = {}
    for name, value in values.items():
        try:
            fields[name] = value.decode() if isinstance(value, bytes) else value
        except UnicodeDecodeError as error:
            return rejected(
                InvalidUtf8Error(f"byte {error.start + 1} of `{name}` does not belong in UTF-8"),
                number,
            )
    return row_from_fields(fields, number)
