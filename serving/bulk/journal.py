"""What a part holds: `FILE.part.journal`, one line per chunk.

    {"journal": 1, "run": {...}}                                       what the run was asked to do
    {"bytes": 9120, "crc": 2781, "scored": 64, "flagged": 3, ...}      one chunk

A line is written after the bytes that it vouches for, and no line is believed without them: a part
is read once when it is continued, and cut behind the last chunk whose checksum fits. So it does
not matter where a run was killed, nor which of the two files reached the disk first.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from classifier.errors import UsageError
from serving.bulk.part_file import PartFile, output_errors
from serving.bulk.run import Run
from serving.bulk.tally import NOTHING_DONE, Tally

FORMAT = 1
"""To be raised with any change of the journal, of the records or of where chunks end."""

_READ_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Block:
    """The bytes of one chunk: how many, their CRC-32, and what was counted in them."""

    bytes: int
    crc: int
    scored: int = 0
    flagged: int = 0
    rejected: int = 0
    chunks: int = 0

    @property
    def tally(self) -> Tally:
        return Tally(self.scored, self.flagged, self.rejected, chunks=self.chunks)


class Journal:
    """Open for writing. `begin` and `resume` make one."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self._path = path
        self._descriptor = descriptor

    def add(self, block: Block) -> None:
        _write_line(self._path, self._descriptor, asdict(block))

    def remove(self) -> None:
        with output_errors(self._path):
            self._path.unlink(missing_ok=True)

    def close(self) -> None:
        os.close(self._descriptor)


def journal_path(part: Path) -> Path:
    return part.with_name(f"{part.name}.journal")


def begin(part: PartFile, run: Run) -> Journal:
    """Start the journal of an empty part, in place of any older one.

    Raises UsageError where it cannot be written.
    """
    path = journal_path(part.path)
    descriptor = _opened(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    _write_line(path, descriptor, {"journal": FORMAT, "run": asdict(run)})
    return Journal(path, descriptor)


def resume(part: PartFile, run: Run) -> tuple[Journal, Tally]:
    """Cut a part behind its last whole chunk, and give what it holds up to there.

    Raises UsageError where there is no journal, it cannot be read, or it is that of another run.
    """
    path = journal_path(part.path)
    advice = "leave --resume out to start over"
    if not path.exists():
        raise UsageError(f"{part.path} cannot be continued: there is no {path.name}; {advice}")
    descriptor = _opened(path, os.O_RDWR)
    try:
        with path.open("rb") as file:
            header = file.readline()
            if differences := _run_in(header, path).differences(run):
                reasons = "; ".join(differences)
                raise UsageError(f"{part.path} is of another run: {reasons}; {advice}")
            kept_part, kept_journal, done = 0, len(header), NOTHING_DONE
            for line in file:
                block = _block_in(line)
                if block is None or not _fits(block, part, kept_part):
                    break
                kept_part += block.bytes
                kept_journal += len(line)
                done = done.plus(block.tally)
        part.cut(kept_part)
        os.ftruncate(descriptor, kept_journal)
        os.lseek(descriptor, kept_journal, os.SEEK_SET)
    except BaseException:
        os.close(descriptor)
        raise
    return Journal(path, descriptor), done


def _opened(path: Path, flags: int) -> int:
    try:
        return os.open(path, flags, 0o666)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from error


def _write_line(path: Path, descriptor: int, fields: dict[str, Any]) -> None:
    with output_errors(path):
        os.write(descriptor, f"{json.dumps(fields)}\n".encode())


def _run_in(header: bytes, path: Path) -> Run:
    try:
        fields = json.loads(header)
        if fields["journal"] != FORMAT:
            raise ValueError(fields["journal"])
        return Run(**fields["run"])
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(
            f"{path} is damaged or was written by another version; leave --resume out to start over"
        ) from error


def _block_in(line: bytes) -> Block | None:
    try:
        return Block(**json.loads(line)) if line.endswith(b"\n") else None
    except (ValueError, TypeError):
        return None


def _fits(block: Block, part: PartFile, offset: int) -> bool:
    crc = 0
    for piece in _pieces(part, offset, block.bytes):
        crc = zlib.crc32(piece, crc)
    return offset + block.bytes <= part.size and crc == block.crc


def _pieces(part: PartFile, offset: int, length: int) -> Iterator[bytes]:
    end = offset + length
    while offset < end and (piece := part.read_at(offset, min(_READ_BYTES, end - offset))):
        yield piece
        offset += len(piece)
