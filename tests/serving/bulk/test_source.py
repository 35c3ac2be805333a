from __future__ import annotations

import gzip
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from classifier.errors import UsageError
from classifier.records import Post
from serving.bulk.source import FORMAT_OF_SUFFIX, Format, open_source

CONTENT = {
    Format.JSONL: b'{"text": "hello"}\n',
    Format.CSV: b"text\nhello\n",
    Format.TEXT: b"hello\n",
}
LINE_SUFFIXES = [suffix for suffix, kind in FORMAT_OF_SUFFIX.items() if kind in CONTENT]


def texts(path: Path, given: Format | None = None) -> list[str]:
    with open_source(path, given) as source:
        return [row.item.text for row in source.rows if isinstance(row.item, Post)]


@pytest.mark.parametrize("suffix", [*LINE_SUFFIXES, ".CSV"])
def test_the_extension_says_the_format_and_gz_is_unpacked(tmp_path: Path, suffix: str) -> None:
    content = CONTENT[FORMAT_OF_SUFFIX[suffix.lower()]]
    plain, packed = tmp_path / f"posts{suffix}", tmp_path / f"posts{suffix}.gz"
    plain.write_bytes(content)
    packed.write_bytes(gzip.compress(content))
    assert texts(plain) == texts(packed) == ["hello"]


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


@pytest.mark.parametrize("cut", [slice(0, -20), slice(10, None)])
def test_a_damaged_gz_is_refused(tmp_path: Path, cut: slice) -> None:
    path = tmp_path / "posts.txt.gz"
    path.write_bytes(gzip.compress(b"".join(b"line %d\n" % n for n in range(1_000)))[cut])
    with pytest.raises(UsageError, match="damaged"):
        texts(path)


@pytest.mark.parametrize("name", ["posts.jsonl", "posts.jsonl.gz"])
def test_the_share_read_grows_to_one(tmp_path: Path, name: str) -> None:
    content = b"".join(b'{"text": "%d"}\n' % n for n in range(20_000))
    path = tmp_path / name
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    with open_source(path) as source:
        rows = iter(source.rows)
        next(rows)
        early = source.fraction()
        assert early is not None
        assert early < 0.5
        assert len(list(rows)) == 19_999
        assert source.fraction() == 1
