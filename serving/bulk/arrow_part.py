"""Parquet out. Its part is an Arrow stream, since a Parquet file cannot be read without its end.

An Arrow stream is a schema and then one message per batch, each whole in itself: it can be cut
between any two, continued, and read as far as it goes. When all rows are in it, it becomes Parquet.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from classifier.records import Rejection, Score
from serving.bulk.flat import COLUMNS, SCORE_COLUMNS, flat_record
from serving.bulk.part_file import output_errors

ROW_GROUP_ROWS = 65_536
ROW_GROUP_BYTES = 4 << 20
"""A row group ends at whichever comes first. Larger ones would read faster and need the memory."""

_NUMBERS = dict.fromkeys(SCORE_COLUMNS, pa.float64()) | {"line": pa.int64()}
SCHEMA = pa.schema([(name, _NUMBERS.get(name, pa.string())) for name in COLUMNS])


class ArrowBatches:
    """One record batch per block, compressed within."""

    def __init__(self) -> None:
        self._options = pa.ipc.IpcWriteOptions(compression="zstd", use_threads=False)

    def preamble(self) -> bytes:
        return bytes(SCHEMA.serialize())

    def pieces(self, records: Sequence[Score | Rejection]) -> Iterator[bytes]:
        rows = [flat_record(record) for record in records]
        columns = [
            pa.array([row[name] for row in rows], type=SCHEMA.field(name).type) for name in COLUMNS
        ]
        batch = pa.RecordBatch.from_arrays(columns, schema=SCHEMA)
        yield self._message(batch)

    def _message(self, batch: pa.RecordBatch) -> bytes:
        buffer = pa.BufferOutputStream()
        with closing(pa.ipc.new_stream(buffer, SCHEMA, options=self._options)) as stream:
            stream.write_batch(batch)
            end = buffer.tell()
        return bytes(buffer.getvalue())[len(self.preamble()) : end]


def write_parquet(part: Path) -> Path:
    """Write the rows of an Arrow stream as Parquet beside it, onto the disk. Return its path.

    Raises OutputError where it cannot be written.
    """
    path = part.with_name(f"{part.name}.parquet")
    with output_errors(path):
        with pa.OSFile(str(part), "rb") as file, pq.ParquetWriter(path, SCHEMA) as writer:
            for group in _row_groups(pa.ipc.open_stream(file)):
                writer.write_table(group, row_group_size=ROW_GROUP_ROWS)
        with path.open("rb") as written:
            os.fsync(written.fileno())
    return path


def _row_groups(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.Table]:
    held: list[pa.RecordBatch] = []
    rows = size = 0
    for batch in batches:
        held.append(batch)
        rows += batch.num_rows
        size += batch.nbytes
        if rows >= ROW_GROUP_ROWS or size >= ROW_GROUP_BYTES:
            yield pa.Table.from_batches(held)
            held.clear()
            rows = size = 0
    if held:
        yield pa.Table.from_batches(held)
