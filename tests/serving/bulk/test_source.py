from __future__ import annotations

import gzip
import os
import random
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from classifier.errors import UsageError
from classifier.records import Post
from serving.bulk.compression import Compression, pack, split_compression
from serving.bulk.run import InputMark
from serving.bulk.source import FORMAT_OF_SUFFIX, Format, open_source

CONTENT = {
    Format.JSONL: b'{"text": "hello"}\n',
    Format.CSV: b"text\nhello\n",
    Format.TEXT: b"hello\n",
}
SUFFIX = {Compression.NONE: "", Compression.GZIP: ".gz", Compression.ZSTD: ".zst"}
LINE_SUFFIXES = [suffix for suffix, kind in FORMAT_OF_SUFFIX.items() if kind in CONTENT]


def texts(path: Path, given: Format | None = None) -> list[str]:
    with open_source(path, given) as source:
        return [row.item.text for row in source.rows if isinstance(row.item, Post)]


@pytest.mark.parametrize("suffix", [*LINE_SUFFIXES, ".CSV"])
def test_the_extension_says_the_format_and_how_it_is_packed(tmp_path: Path, suffix: str) -> None:
    content = CONTENT[FORMAT_OF_SUFFIX[suffix.lower()]]
    for name, data in (
        (f"posts{suffix}", content),
        (f"posts{suffix}.gz", gzip.compress(content)),
        (f"posts{suffix}.zst", pack(content, Compression.ZSTD)),
    ):
        (tmp_path / name).write_bytes(data)
        assert texts(tmp_path / name) == ["hello"]


def test_parquet_is_known_by_its_extension(tmp_path: Path) -> None:
    path = tmp_path / "posts.parquet"
    pq.write_table(pa.table({"text": ["hello"]}), path)
    assert texts(path) == ["hello"]


def test_an_unknown_extension_is_refused_naming_the_known_ones(tmp_path: Path) -> None:
    path = tmp_path / "posts.xlsx"
    path.write_bytes(b"PK")
    with pytest.raises(UsageError) as caught:
        texts(path)
    assert all(suffix in caught.value.detail for suffix in FORMAT_OF_SUFFIX)
    assert "--format" in caught.value.detail


def test_a_given_format_outranks_the_extension(tmp_path: Path) -> None:
    path = tmp_path / "posts.log"
    path.write_bytes(b'{"text": "hello"}\n')
    assert texts(path, Format.JSONL) == ["hello"]
    assert texts(path, Format.TEXT) == ['{"text": "hello"}']


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    for name in ("none.csv", "folder.csv"):
        with pytest.raises(UsageError, match=name):
            texts(tmp_path / name)


@pytest.mark.parametrize("compression", [Compression.GZIP, Compression.ZSTD])
@pytest.mark.parametrize("cut", [slice(0, -20), slice(10, None)])
def test_a_damaged_packed_file_is_refused(
    tmp_path: Path, compression: Compression, cut: slice
) -> None:
    path = tmp_path / f"posts.txt{SUFFIX[compression]}"
    path.write_bytes(pack(b"".join(b"line %d\n" % n for n in range(1_000)), compression)[cut])
    with pytest.raises(UsageError, match="damaged"):
        texts(path)


@pytest.mark.parametrize("compression", Compression)
def test_the_share_read_grows_to_one(tmp_path: Path, compression: Compression) -> None:
    dice = random.Random(1)
    content = b"".join(b'{"text": "%x"}\n' % dice.getrandbits(400) for _ in range(10_000))
    path = tmp_path / f"posts.jsonl{SUFFIX[compression]}"
    path.write_bytes(pack(content, compression))
    with open_source(path) as source:
        rows = iter(source.rows)
        next(rows)
        early = source.fraction()
        assert early is not None
        assert early < 0.5
        assert len(list(rows)) == 9_999
        assert source.fraction() == 1


@pytest.mark.parametrize("count", [0, 1, 5, 29, 30, 31])
@pytest.mark.parametrize("name", ["posts.jsonl", "posts.csv.gz", "posts.txt.zst", "posts.parquet"])
def test_what_is_passed_over_is_not_read_and_the_rest_keeps_its_lines(
    tmp_path: Path, name: str, count: int
) -> None:
    path = tmp_path / name
    numbers = range(1, 31)
    if name.endswith(".parquet"):
        table = pa.table({"text": [str(n) for n in numbers]})
        pq.write_table(table, path, row_group_size=7)
    else:
        line = {"posts.jsonl": '{"text": "%d"}\n', "posts.csv.gz": '%d,"a\nb"\n'}.get(name, "%d\n")
        head = "text,more\n" if ".csv" in name else ""
        lines = head + "".join(line % n for n in numbers)
        path.write_bytes(pack(lines.encode(), split_compression(path)[1]))
    with open_source(path) as source:
        every = list(source.rows)
    with open_source(path) as source:
        assert source.skip(count) == min(count, 30)
        assert list(source.rows) == every[count:]


def test_an_input_is_known_again_by_size_time_and_ends(tmp_path: Path) -> None:
    path = tmp_path / "posts.txt"

    def mark(data: bytes, time: int) -> InputMark | None:
        path.write_bytes(data)
        os.utime(path, (time, time))
        with open_source(path) as source:
            return source.mark

    long = b"line\n" * 500_000
    first = mark(long, 1)
    assert first == mark(long, 1)
    others = [(long, 2), (long + b"x", 1), (b"L" + long[1:], 1), (long[:-1] + b"L", 1)]
    assert first not in [mark(*other) for other in others]


def test_a_pipe_has_no_mark(tmp_path: Path) -> None:
    pipe = tmp_path / "posts.txt"
    os.mkfifo(pipe)
    holder = os.open(pipe, os.O_RDWR)
    try:
        with open_source(pipe) as source:
            assert source.mark is None
    finally:
        os.close(holder)
