from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from classifier.errors import UsageError
from classifier.records import Post, Rejection
from serving.bulk.parquet import ParquetReader


def write(folder: Path, **columns: object) -> Path:
    path = folder / "posts.parquet"
    pq.write_table(pa.table(columns), path, row_group_size=2)
    return path


def read(path: Path) -> list[Post | Rejection]:
    return [row.item for row in ParquetReader(path)]


def test_rows_are_read_across_row_groups_and_numbered_from_one(tmp_path: Path) -> None:
    path = write(tmp_path, text=["a", "b", "c"], title=["t", None, ""], other=[1, 2, 3])
    assert read(path) == [Post("1", "a", "t"), Post("2", "b"), Post("3", "c")]


@pytest.mark.parametrize(
    "kind",
    [pa.string(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int32(), pa.string())],
)
def test_every_kind_of_string_column_is_read(tmp_path: Path, kind: pa.DataType) -> None:
    path = write(tmp_path, id=[7, 8, None], text=pa.array(["a", "ü", "a"]).cast(kind))
    assert read(path) == [Post("7", "a"), Post("8", "ü"), Post("3", "a")]


def test_a_null_text_is_an_error_of_its_row(tmp_path: Path) -> None:
    first, second = read(write(tmp_path, text=[None, "b"]))
    assert isinstance(first, Rejection)
    assert (first.line, first.error.code) == (1, "malformed_row")
    assert second == Post("2", "b")


def test_bytes_that_are_not_utf8_are_an_error_of_their_row(tmp_path: Path) -> None:
    text = pa.array([b"a", b"\xff", b"c"]).view(pa.string())
    first, second, third = read(write(tmp_path, text=text))
    assert isinstance(second, Rejection)
    assert second.error.code == "invalid_utf8"
    assert (first, third) == (Post("1", "a"), Post("3", "c"))


def test_a_text_column_of_numbers_is_refused_once_for_the_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"`text`.*int64.*strings"):
        ParquetReader(write(tmp_path, text=[1, 2]))


def test_a_missing_text_column_is_refused_naming_the_columns(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="`body`, `id`"):
        ParquetReader(write(tmp_path, body=["a"], id=[1]))


def test_a_file_that_is_not_parquet_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "posts.parquet"
    path.write_bytes(b"text\nhello\n")
    with pytest.raises(UsageError, match="not readable Parquet"):
        ParquetReader(path)


@pytest.mark.parametrize("place", [slice(4, 8), slice(-8, None)])
def test_damage_is_told_from_bad_rows(tmp_path: Path, place: slice) -> None:
    path = write(tmp_path, text=[f"text number {n}" for n in range(100)])
    data = bytearray(path.read_bytes())
    data[place] = bytes(len(data[place]))
    path.write_bytes(data)
    with pytest.raises(UsageError, match=r"damaged|not readable"):
        read(path)


def test_the_share_read_grows_to_one(tmp_path: Path) -> None:
    reader = ParquetReader(write(tmp_path, text=["a", "b"]))
    rows = iter(reader)
    assert reader.fraction() == 0
    next(rows)
    assert reader.fraction() == 0.5
    assert len(list(rows)) == 1
    assert reader.fraction() == 1
