"""Where records go, and in which format."""

from __future__ import annotations

import sys
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Protocol

from classifier.errors import UsageError
from classifier.records import Rejection, Score
from serving.bulk.compression import Compression, pack, split_compression
from serving.bulk.encoding import BlockEncoder, CsvRows, JsonLines, json_line
from serving.bulk.journal import Block, Journal, begin, journal_path, resume
from serving.bulk.part_file import PartFile, output_errors
from serving.bulk.run import Run
from serving.bulk.tally import NOTHING_DONE, Tally, tally_of

_SLAB_BYTES = 4_096


class Output(Protocol):
    """Takes the records of a chunk. `done` counts what an earlier run had put there."""

    done: Tally

    def write(self, records: Sequence[Score | Rejection]) -> None: ...


class StandardOutput:
    def __init__(self) -> None:
        self.done = NOTHING_DONE

    def write(self, records: Sequence[Score | Rejection]) -> None:
        with output_errors("standard output"):
            for record in records:
                sys.stdout.buffer.write(json_line(record))
            sys.stdout.buffer.flush()


class PartOutput:
    """Appends a block for each chunk to a part and, if it may be resumed, a line to its journal."""

    def __init__(
        self,
        part: PartFile,
        encoder: BlockEncoder,
        compression: Compression,
        journal: Journal | None,
        done: Tally,
    ) -> None:
        self._part = part
        self._encoder = encoder
        self._compression = compression
        self._journal = journal
        self.done = done
        if not part.size:
            self._append([encoder.preamble()], NOTHING_DONE)

    def write(self, records: Sequence[Score | Rejection]) -> None:
        self._append(self._encoder.pieces(records), tally_of(records))

    def _append(self, pieces: Iterable[bytes], tally: Tally) -> None:
        if self._compression:
            pieces = [pack(b"".join(pieces), self._compression)]
        size = crc = 0
        for slab in _slabs(pieces):
            size += self._part.write(slab)
            crc = zlib.crc32(slab, crc)
        if self._journal is not None:
            self._journal.add(
                Block(size, crc, tally.scored, tally.flagged, tally.rejected, tally.chunks)
            )


def _slabs(pieces: Iterable[bytes]) -> Iterator[bytes]:
    # A kill can cut a long write in two; a write of about a page is over at once, and what is then
    # in the part is whole records.
    held = bytearray()
    for piece in pieces:
        if held and len(held) + len(piece) > _SLAB_BYTES:
            yield bytes(held)
            held.clear()
        held += piece
    if held:
        yield bytes(held)


@contextmanager
def open_output(
    path: Path | None, run: Run | None = None, *, resumes: bool = False
) -> Iterator[Output]:
    """Open standard output (None) or a file; CSV and Parquet by extension, otherwise JSONL.

    CSV and JSONL are compressed where `.gz` or `.zst` follows. The file appears when the block
    ends without an error; otherwise `FILE.part` stays, and with it, where a `run` is given, the
    journal by which the same run can continue it: with `resumes`.

    Raises UsageError where the file cannot be written or continued, OutputError where it could be
    opened but not be written to the end.
    """
    if path is None:
        yield StandardOutput()
        return
    inner, compression = split_compression(path)
    table = inner.suffix.lower() == ".parquet"
    if table and compression:
        raise UsageError(f"{path}: Parquet is compressed within; leave {path.suffix} out")
    with ExitStack() as stack:
        part = PartFile(path, keep=resumes)
        stack.callback(part.close)
        journal, done = _journal(part, run, resumes=resumes)
        if journal is not None:
            stack.callback(journal.close)
        yield PartOutput(part, _encoder(inner), compression, journal, done)
        if table:
            from serving.bulk.arrow_part import write_parquet

            part.publish(instead=write_parquet(part.path))
        else:
            part.publish()
        if journal is not None:
            journal.remove()


def output_format(path: Path) -> str:
    """Name the format and compression that a file is written in, for example `csv.gzip`."""
    inner, compression = split_compression(path)
    kind = inner.suffix.lower() if inner.suffix.lower() in (".csv", ".parquet") else ".jsonl"
    return ".".join(filter(None, (kind.removeprefix("."), compression)))


def _journal(part: PartFile, run: Run | None, *, resumes: bool) -> tuple[Journal | None, Tally]:
    if run is None:
        journal_path(part.path).unlink(missing_ok=True)
        return None, NOTHING_DONE
    # An empty part is that of a run killed before it wrote anything, journal or not.
    if resumes and part.size:
        return resume(part, run)
    return begin(part, run), NOTHING_DONE


def _encoder(path: Path) -> BlockEncoder:
    suffix = path.suffix.lower()
    if suffix == ".parquet":
        from serving.bulk.arrow_part import ArrowBatches  # slow to import, seldom needed

        return ArrowBatches()
    return CsvRows() if suffix == ".csv" else JsonLines()
