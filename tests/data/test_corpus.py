from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from classifier.labels import FACET_LABEL, Facet, Label
from data.check import check_corpus
from data.errors import SchemaError
from data.sources.corpus import corpus_files, read_corpus
from tests.data.builders import corpus_row, write_rows


def test_the_corpus_that_ships_has_no_faults() -> None:
    checked = check_corpus(corpus_files())
    assert checked.faults == ()
    assert checked.rows > 9_000


def read_one(folder: Path, **changes: Any) -> Any:
    (example,) = read_corpus(write_rows(folder / "rows.jsonl", [corpus_row(**changes)]))
    return example


def test_ids_and_groups_carry_the_source(tmp_path: Path) -> None:
    example = read_one(tmp_path)
    assert (example.id, example.group, example.source) == (
        "corpus:x-0001",
        "corpus:x-g001",
        "corpus",
    )


@pytest.mark.parametrize(
    ("slice_", "facet"),
    [
        ("smuggling_transport", Facet.TRANSPORT),
        ("smuggling_logistics", Facet.LOGISTICS),
        ("fake_job_debt", Facet.DEBT_OR_DOCUMENTS),
        ("fake_job_task", Facet.TASK),
    ],
)
def test_a_slice_names_its_facet(tmp_path: Path, slice_: str, facet: Facet) -> None:
    smuggling = FACET_LABEL[facet] is Label.SMUGGLING_SERVICE
    example = read_one(
        tmp_path, slice=slice_, smuggling_service=int(smuggling), fake_job=int(not smuggling)
    )
    assert {name for name, value in example.facets.items() if value} == {facet}
    assert None not in example.facets.values()


def test_rows_of_slice_both_have_unknown_facets(tmp_path: Path) -> None:
    example = read_one(tmp_path, slice="both", fake_job=1)
    assert set(example.facets.values()) == {None}


def test_negatives_have_no_facets(tmp_path: Path) -> None:
    example = read_one(tmp_path, slice="neg_news", smuggling_service=0)
    assert set(example.facets.values()) == {False}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"lang": "qq"}, "`lang` 'qq' is not in the table of languages"),
        ({"slice": "smuggling_debt"}, "`slice` must be one of"),
        ({"evasion": "mirror"}, "`evasion` must be null or one of"),
        ({"coded": None, "lang": None}, "`lang` must be a string, found null"),
        ({"evasion": ["leet"]}, "`evasion` must be null or one of"),
        ({"slice": "neg_news"}, "slice 'neg_news' is for negatives, but a label is 1"),
        ({"smuggling_service": 0}, "is for positives, but no label is 1"),
        ({"smuggling_service": 2}, "`smuggling_service` must be 0, 1 or null, found 2"),
        ({"facets": {}}, "`facets` is not a known field"),
    ],
)
def test_a_row_that_does_not_fit_says_why(
    tmp_path: Path, change: dict[str, Any], message: str
) -> None:
    path = write_rows(tmp_path / "rows.jsonl", [corpus_row(), corpus_row(**change)])
    with pytest.raises(SchemaError) as caught:
        read_corpus(path)
    assert any(fault.line == 2 and message in fault.message for fault in caught.value.faults)


def test_an_id_used_twice_is_reported_with_both_places(tmp_path: Path) -> None:
    first = write_rows(tmp_path / "a.jsonl", [corpus_row(id="x-1"), corpus_row(id="x-2")])
    second = write_rows(tmp_path / "b.jsonl", [corpus_row(id="x-2")])
    (fault,) = check_corpus([first, second]).faults
    assert str(fault) == f"{second}:1: id 'x-2' stands already at {first}:2"
