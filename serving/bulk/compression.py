"""gzip and zstd around line-based files, on both sides.

What is written is one gzip member or zstd frame per block. Their concatenation is a whole file by
both formats' definitions (RFC 1952, RFC 8878), so that a part cut between blocks can be continued.
"""

from __future__ import annotations

import gzip
import io
from enum import StrEnum
from pathlib import Path

_GZIP_LEVEL = 6
_ZSTD_LEVEL = 3


class Compression(StrEnum):
    NONE = ""
    GZIP = "gzip"
    ZSTD = "zstd"


_OF_SUFFIX = {".gz": Compression.GZIP, ".zst": Compression.ZSTD}


def split_compression(path: Path) -> tuple[Path, Compression]:
    """Take `.gz` or `.zst` off a name, and say which it was."""
    compression = _OF_SUFFIX.get(path.suffix.lower(), Compression.NONE)
    return (path.with_suffix("") if compression else path), compression


def pack(block: bytes, compression: Compression) -> bytes:
    """Compress a block by itself. The same block gives the same bytes at any time."""
    if compression is Compression.GZIP:
        return gzip.compress(block, _GZIP_LEVEL, mtime=0)
    if compression is Compression.ZSTD:
        import pyarrow as pa  # slow to import, seldom needed

        return bytes(pa.Codec("zstd", _ZSTD_LEVEL).compress(block, asbytes=True))
    return block


def unpacked(file: io.BufferedReader, compression: Compression) -> io.BufferedReader:
    """Decompress while reading, through any number of members or frames.

    Closing what is returned may close `file`. Reading raises EOFError, zlib.error or OSError where
    the file is damaged.
    """
    if compression is Compression.GZIP:
        return io.BufferedReader(gzip.GzipFile(fileobj=file))
    if compression is Compression.ZSTD:
        import pyarrow as pa

        stream = pa.CompressedInputStream(pa.PythonFile(file, "r"), "zstd")
        return io.BufferedReader(stream)
    return file
