from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier.errors import UsageError
from classifier.records import Post, Rejection
from serving.bulk.lines import MAX_ROW_BYTES, ByteLines
from serving.bulk.readers import read_csv, read_jsonl, read_jsonl_or_text, read_text
from serving.bulk.rows import Row

Reader = Callable[[ByteLines], Iterator[Row]]


def read(reader: Reader, data: bytes) -> list[Post | Rejection]:
    return [row.item for row in reader(BytesIO(data))]


def outcome(reader: Reader, data: bytes) -> list[str | tuple[int | None, str]]:
    """Give the text of each post, and the line and error code of each rejection."""
    return [
        item.text if isinstance(item, Post) else (item.line, item.error.code)
        for item in read(reader, data)
    ]


class TestText:
    def test_every_line_is_a_post_named_by_its_number(self) -> None:
        assert read(read_text, b"one\r\n\nthree") == [
            Post("1", "one"),
            Post("2", ""),
            Post("3", "three"),
        ]

    def test_only_a_newline_ends_a_line(self) -> None:
        text = "a\u2028b\x0bc\x85d"
        assert outcome(read_text, text.encode()) == [text]

    def test_bytes_that_are_not_utf8_cost_their_own_line_only(self) -> None:
        assert outcome(read_text, b"one\n\xff\xfe\nthree\n") == [
            "one",
            (2, "invalid_utf8"),
            "three",
        ]

    def test_a_byte_order_mark_is_not_part_of_the_first_text(self) -> None:
        assert outcome(read_text, b"\xef\xbb\xbfone\n") == ["one"]


class TestJsonl:
    def test_id_and_title_are_taken_and_other_fields_ignored(self) -> None:
        line = b'{"id": "p7", "title": "Jobs", "text": "Call me", "lang": ["en"]}\n'
        assert read(read_jsonl, line) == [Post("p7", "Call me", "Jobs")]

    @pytest.mark.parametrize("row_id", [b"", b'"id": null,', b'"id": "",'])
    def test_a_row_without_an_id_is_named_by_its_line(self, row_id: bytes) -> None:
        data = b'{"text": "a"}\n{' + row_id + b'"text": "b"}\n'
        assert [item.id for item in read(read_jsonl, data)] == ["1", "2"]

    def test_a_whole_number_is_an_id(self) -> None:
        assert read(read_jsonl, b'{"id": 12, "text": "a"}') == [Post("12", "a")]

    @pytest.mark.parametrize(
        "line",
        [
            b'{"text": "cut off',
            b'["a list"]',
            b'"a string"',
            b"not json",
            b'{"body": "no text"}',
            b'{"text": null}',
            b'{"text": 5}',
            b'{"text": ["a"]}',
            b'{"text": "a", "id": 1.5}',
            b'{"text": "a", "id": true}',
            b'{"text": "a", "title": 3}',
            b'{"text": ' + b"9" * 5_000 + b"}",
            b"[" * 100_000,
        ],
    )
    def test_a_bad_row_is_reported_with_its_line_and_the_others_are_read(self, line: bytes) -> None:
        data = b'{"text": "before"}\n' + line + b'\n{"text": "after"}\n'
        assert outcome(read_jsonl, data) == ["before", (2, "malformed_row"), "after"]

    def test_a_rejected_row_keeps_its_id(self) -> None:
        (item,) = read(read_jsonl, b'{"id": "p9", "txt": "a"}')
        assert isinstance(item, Rejection)
        assert item.id == "p9"
        assert "`txt`" in item.error.detail

    def test_a_blank_line_is_an_empty_text(self) -> None:
        assert outcome(read_jsonl, b'{"text": "a"}\n \n') == ["a", (2, "empty_text")]

    def test_half_a_surrogate_pair_stays_in_the_text_and_is_replaced_in_the_id(self) -> None:
        (item,) = read(read_jsonl, rb'{"id": "a\ud800", "text": "b\ud83d"}')
        assert item == Post("a�", "b\ud83d")

    def test_a_line_of_ten_megabytes_is_refused_without_being_held(self) -> None:
        stream = BytesIO(b'{"text": "' + b"a" * 10_000_000 + b'"}\n{"text": "after"}\n')
        tracemalloc.start()
        try:
            items = [row.item for row in read_jsonl(stream)]
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert isinstance(items[0], Rejection)
        assert items[0].error.code == "row_too_long"
        assert items[1] == Post("2", "after")
        assert peak < 2 * MAX_ROW_BYTES


class TestCsv:
    def test_quotes_line_breaks_and_delimiters_inside_a_cell(self) -> None:
        data = b'id,text\r\n1,"say ""hi"",\r\nthen go"\r\n2,plain\r\n'
        assert read(read_csv, data) == [Post("1", 'say "hi",\r\nthen go'), Post("2", "plain")]

    def test_a_row_is_named_by_the_line_that_it_starts_on(self) -> None:
        data = b'text,x\n"one\ntwo\nthree",1\nnext,2\n'
        assert [row.line for row in read_csv(BytesIO(data))] == [2, 5]

    @pytest.mark.parametrize("mark", [",", ";", "\t"])
    def test_comma_semicolon_and_tab_are_known_by_the_header(self, mark: str) -> None:
        data = f"\ufeffid{mark} text \na{mark}b\n".encode()
        assert read(read_csv, data) == [Post("a", "b")]

    def test_a_missing_text_column_is_refused_at_once_naming_the_columns(self) -> None:
        with pytest.raises(UsageError, match=r"`body`, `lang`"):
            read_csv(BytesIO(b"body,lang\na,en\n"))

    @pytest.mark.parametrize(
        "data",
        [
            b"",
            b"\n",
            b"\xff\xfei\x00d\x00",
            b'"text',
            b"text,text\n",
            b"text\rhello\r",
            b"text," + b"x" * 200_000,
            b"text," + b"x" * 2_000_000,
        ],
    )
    def test_a_file_without_a_usable_header_is_refused_at_once(self, data: bytes) -> None:
        with pytest.raises(UsageError):
            read_csv(BytesIO(data))

    def test_bad_rows_are_reported_and_the_others_read(self) -> None:
        data = b'id,text\n1,a\n2,b, c\n3,\xff\n4\n5,nul\x00\n6,"open\n7,lost\n'
        assert outcome(read_csv, data) == [
            "a",
            (3, "malformed_row"),
            (4, "invalid_utf8"),
            (5, "malformed_row"),
            "nul\x00",
            (7, "malformed_row"),
        ]

    def test_a_large_cell_is_one_rejected_row(self) -> None:
        data = b'text\n"' + b"a\n" * 100_000 + b'"\nnext\n'
        assert outcome(read_csv, data) == [(2, "row_too_long"), "next"]

    def test_a_blank_line_is_an_empty_text_only_where_text_stands_alone(self) -> None:
        assert outcome(read_csv, b"text\n\na\n") == ["", "a"]
        assert outcome(read_csv, b"id,text\n\n1,a\n\n") == ["a"]


class TestStandardInput:
    @pytest.mark.parametrize("start", [b"", b"\n \n", b"\xef\xbb\xbf"])
    def test_an_opening_brace_means_jsonl(self, start: bytes) -> None:
        assert outcome(read_jsonl_or_text, start + b' {"text": "a"}\n')[-1] == "a"

    def test_anything_else_means_lines_of_text(self) -> None:
        assert outcome(read_jsonl_or_text, b'\nhello\n{"text": "a"}\n') == [
            "",
            "hello",
            '{"text": "a"}',
        ]

    def test_nothing_is_no_rows(self) -> None:
        assert outcome(read_jsonl_or_text, b"") == []


@settings(deadline=None)
@given(st.binary())
def test_no_bytes_break_a_reader_and_every_line_is_one_row(data: bytes) -> None:
    lines = len(BytesIO(data.removeprefix(b"\xef\xbb\xbf")).readlines())
    for reader in (read_text, read_jsonl, read_jsonl_or_text):
        assert [row.line for row in reader(BytesIO(data))] == list(range(1, lines + 1))


@settings(deadline=None)
@given(st.binary() | st.text(alphabet='a",;\n\r\0é').map(str.encode))
def test_no_bytes_under_a_header_break_the_csv_reader(data: bytes) -> None:
    lines = [row.line for row in read_csv(BytesIO(b"id,text\n" + data))]
    assert lines == sorted(set(lines))
