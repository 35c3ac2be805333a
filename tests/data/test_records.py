from __future__ import annotations

import json
from dataclasses import FrozenInstanceError
from pathlib import Path
from typing import Any

import pytest

from classifier.labels import FACET_LABEL, Facet, Label
from data.errors import SchemaError, SourceError
from data.records import facets_for, read_examples, write_examples
from tests.data.builders import example


@pytest.fixture
def row() -> dict[str, Any]:
    return example("afrisenti:000001", "A fine day").to_dict()


def test_what_is_written_is_read_back_the_same(tmp_path: Path) -> None:
    labels = {Label.SMUGGLING_SERVICE: None, Label.FAKE_JOB: True}
    written = [
        example("a:1", "Line\nbreak\u2028 and 🚤 and سلام", labels=labels, fold=3, coded=True),
        example("a:2", "x", facets=facets_for(labels, Facet.MULE), evasion="leet"),
    ]
    write_examples(tmp_path / "rows.jsonl", written)
    assert read_examples(tmp_path / "rows.jsonl") == written


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"text": None}, "`text` must be a string, found null"),
        ({"text": "  "}, "`text` is blank"),
        ({"fake_job": 2}, "`fake_job` must be 0, 1 or null, found 2"),
        ({"fake_job": True}, "`fake_job` must be 0, 1 or null, found true"),
        ({"coded": 1}, "`coded` must be true, false or null, found 1"),
        ({"fold": "1"}, '`fold` must be a whole number or null, found "1"'),
        ({"facets": []}, "`facets` must be an object, found []"),
        ({"licence": "CC0"}, "`licence` is not a known field"),
    ],
)
def test_a_wrong_field_is_named(
    tmp_path: Path, row: dict[str, Any], change: dict[str, Any], message: str
) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps(row) + "\n" + json.dumps({**row, **change}) + "\n")
    with pytest.raises(SchemaError) as caught:
        read_examples(path)
    assert f"{path}:2: {message}" in [str(fault) for fault in caught.value.faults]


def test_an_unknown_facet_is_a_fault_of_the_row(tmp_path: Path, row: dict[str, Any]) -> None:
    row["facets"]["pirates"] = 1
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps(row) + "\n")
    with pytest.raises(SchemaError, match="in `facets`: `pirates` is not a known field"):
        read_examples(path)


def test_every_fault_of_every_line_is_reported(tmp_path: Path, row: dict[str, Any]) -> None:
    missing = {key: value for key, value in row.items() if key not in ("text", "slice")}
    lines = [
        json.dumps(row).encode(),
        json.dumps(row).encode()[:40],
        json.dumps(missing).encode(),
        b"[1, 2]",
        json.dumps(row).encode().replace(b"fine", b"f\xffne"),
        b"",
    ]
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b"\n".join(lines) + b"\n")
    with pytest.raises(SchemaError) as caught:
        read_examples(path)
    faults = [(fault.line, fault.message) for fault in caught.value.faults]
    assert [line for line, _ in faults] == [2, 3, 3, 4, 5, 6]
    assert faults[0][1].startswith("not JSON")
    assert faults[1:4] == [
        (3, "`text` is missing"),
        (3, "`slice` is missing"),
        (4, "must be a JSON object, found [1, 2]"),
    ]
    assert faults[4][1].startswith("not UTF-8 at byte")


def test_a_file_that_is_not_there_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"absent\.jsonl cannot be read"):
        read_examples(tmp_path / "absent.jsonl")


def test_a_damaged_gzip_file_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl.gz").write_bytes(b"no gzip")
    with pytest.raises(SourceError, match="cannot be read"):
        read_examples(tmp_path / "rows.jsonl.gz")


def facets_of_label(facets: dict[Facet, bool | None], label: Label) -> dict[Facet, bool | None]:
    return {facet: value for facet, value in facets.items() if FACET_LABEL[facet] is label}


def test_the_named_facet_is_true_and_its_siblings_are_false() -> None:
    facets = facets_for({Label.SMUGGLING_SERVICE: True, Label.FAKE_JOB: False}, Facet.STAFF)
    assert [facet for facet, value in facets.items() if value] == [Facet.STAFF]
    assert None not in facets.values()


def test_a_positive_label_that_the_facet_does_not_belong_to_has_unknown_facets() -> None:
    facets = facets_for({Label.SMUGGLING_SERVICE: True, Label.FAKE_JOB: True}, Facet.STAFF)
    assert set(facets_of_label(facets, Label.FAKE_JOB).values()) == {None}
    assert facets[Facet.TRANSPORT] is False


def test_an_unknown_label_has_unknown_facets() -> None:
    facets = facets_for({Label.SMUGGLING_SERVICE: None, Label.FAKE_JOB: False}, None)
    assert set(facets_of_label(facets, Label.SMUGGLING_SERVICE).values()) == {None}
    assert set(facets_of_label(facets, Label.FAKE_JOB).values()) == {False}


def test_an_example_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        example("a:1", "x").text = "y"  # type: ignore[misc]
