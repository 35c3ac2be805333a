from __future__ import annotations

import csv
import io

from hypothesis import example, given, settings
from hypothesis import strategies as st

from serving.bulk.lines import MAX_ROW_BYTES, CsvQuotes, raw_rows


class CountingStream(io.BytesIO):
    """Remembers the most bytes that were asked for at once."""

    largest = 0

    def readline(self, size: int | None = -1, /) -> bytes:
        assert size is not None
        self.largest = max(self.largest, size if size >= 0 else MAX_ROW_BYTES * 100)
        return super().readline(size)


@settings(deadline=None)
@given(st.binary())
def test_lines_put_together_are_the_stream(data: bytes) -> None:
    rows = list(raw_rows(io.BytesIO(data)))
    assert b"".join(row.data or b"" for row in rows) == data.removeprefix(b"\xef\xbb\xbf")
    assert [row.line for row in rows] == list(range(1, len(rows) + 1))


@settings(deadline=None)
@given(st.text(alphabet='a",\n '))
@example('"a\nb",c\nd"e\n"f""\n"\n')
def test_csv_records_are_cut_where_the_csv_module_cuts_them(text: str) -> None:
    rows = list(raw_rows(io.BytesIO(text.encode()), CsvQuotes()))
    ours = [next(csv.reader([(row.data or b"").decode()]), []) for row in rows]
    assert ours == list(csv.reader(io.StringIO(text, newline="")))


@settings(deadline=None)
@given(st.text(alphabet='a",\n ', max_size=60), st.integers(1, 5))
def test_quotes_are_followed_across_any_cut(text: str, size: int) -> None:
    data = text.encode()
    whole, cut = CsvQuotes(), CsvQuotes()
    whole.feed(data)
    for start in range(0, len(data), size):
        cut.feed(data[start : start + size])
    assert cut.inside == whole.inside


def test_an_endless_row_is_passed_over_in_small_pieces() -> None:
    stream = CountingStream(b"x" * (10 * MAX_ROW_BYTES) + b"\nnext\n")
    rows = list(raw_rows(stream))
    assert [(row.line, row.data) for row in rows] == [(1, None), (2, b"next\n")]
    assert stream.largest < MAX_ROW_BYTES


def test_an_endless_quoted_cell_is_one_row_with_all_its_lines() -> None:
    cell = b'"' + b'line ""quoted"" ,\n' * 100_000 + b'"\n'
    rows = list(raw_rows(io.BytesIO(b"a\n" + cell + b"b\n"), CsvQuotes()))
    assert [(row.line, row.data) for row in rows] == [(1, b"a\n"), (2, None), (100_003, b"b\n")]
