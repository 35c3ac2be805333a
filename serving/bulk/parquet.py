"""Parquet in and out, a batch of rows at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from classifier.errors import UsageError
from classifier.records import Rejection, Score
from serving.bulk.errors import InvalidUtf8Error
from serving.bulk.flat import COLUMNS, SCORE_COLUMNS, flat_record
from serving.bulk.part_file import output_errors
from serving.bulk.rows import FIELDS, Row, rejected, row_from_fields, shown_names

_BATCH_ROWS = 1_000


class ParquetReader:
    """Rows of one Parquet file, numbered from 1.

    Raises UsageError for what is not Parquet, has no column `text`, or one of the wrong type.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._file = pq.ParquetFile(path)
        except (pa.ArrowException, OSError) as error:
            raise UsageError(f"{path} is not readable Parquet: {_first_line(error)}") from error
        self._path = path
        self._rows_read = 0
        self._columns = _checked_columns(path, self._file.schema_arrow)

    def fraction(self) -> float:
        """Give the share of the rows that has been read, in [0, 1]."""
        return self._rows_read / max(1, int(self._file.metadata.num_rows))

    def __iter__(self) -> Iterator[Row]:
        try:
            for batch in self._file.iter_batches(_BATCH_ROWS, columns=self._columns):
                columns = [_values(column) for column in batch.columns]
                for values in zip(*columns, strict=True):
                    self._rows_read += 1
                    yield _row(dict(zip(batch.schema.names, values, strict=True)), self._rows_read)
        except (pa.ArrowException, OSError) as error:
            place = f"after row {self._rows_read:,}"
            raise UsageError(f"{self._path} is damaged {place}: {_first_line(error)}") from error

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


class ParquetSink:
    """Writes each call's records as a row group. The file can be read once it is closed."""

    def __init__(self, path: Path) -> None:
        numbers = dict.fromkeys(SCORE_COLUMNS, pa.float64()) | {"line": pa.int64()}
        self._schema = pa.schema([(name, numbers.get(name, pa.string())) for name in COLUMNS])
        self._path = path
        self._writer = pq.ParquetWriter(path, self._schema)

    def write(self, records: Sequence[Score | Rejection]) -> None:
        rows = [flat_record(record) for record in records]
        with output_errors(self._path):
            self._writer.write_table(pa.Table.from_pylist(rows, schema=self._schema))

    def close(self) -> None:
        with output_errors(self._path):
            self._writer.close()
