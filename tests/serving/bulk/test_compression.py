from __future__ import annotations

import gzip
import io
import json
from pathlib import Path

import pyarrow as pa
import pytest

from serving.bulk.compression import Compression, pack, split_compression, unpacked
from tests.serving.bulk.records import make_chunks, write

PACKED = [Compression.GZIP, Compression.ZSTD]


@pytest.mark.parametrize("compression", PACKED)
def test_blocks_one_after_the_other_are_read_as_one_file(compression: Compression) -> None:
    blocks = [b"first\n" * 1_000, b"", b"second, in two", b" parts\n" * 50_000]
    packed = b"".join(pack(block, compression) for block in blocks)
    stream = unpacked(io.BufferedReader(io.BytesIO(packed)), compression)
    lines = []
    while line := stream.readline(1 << 16):
        lines.append(line)
    assert b"".join(lines) == b"".join(blocks)
    assert lines[0] == b"first\n"


@pytest.mark.parametrize("compression", PACKED)
def test_a_block_is_packed_the_same_at_any_time(
    compression: Compression, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = pack(b"hello", compression)
    monkeypatch.setattr("time.time", lambda: 2e9)
    assert pack(b"hello", compression) == before


def test_other_tools_read_the_whole_output(tmp_path: Path) -> None:
    chunks = make_chunks(4)
    ids = [record.id for chunk in chunks for record in chunk]
    write(tmp_path / "out.jsonl.gz", chunks)
    write(tmp_path / "out.jsonl.zst", chunks)
    by_gzip = gzip.decompress((tmp_path / "out.jsonl.gz").read_bytes())
    by_arrow = pa.input_stream(str(tmp_path / "out.jsonl.zst")).read()
    assert by_gzip == by_arrow
    assert [json.loads(line)["id"] for line in by_gzip.splitlines()] == ids


@pytest.mark.parametrize(
    ("name", "inner", "compression"),
    [
        ("a.jsonl", "a.jsonl", Compression.NONE),
        ("a.csv.GZ", "a.csv", Compression.GZIP),
        ("a.tsv.zst", "a.tsv", Compression.ZSTD),
    ],
)
def test_the_last_extension_says_the_compression(
    name: str, inner: str, compression: Compression
) -> None:
    assert split_compression(Path(name)) == (Path(inner), compression)
