from __future__ import annotations

import os
from pathlib import Path

import pytest

from classifier.errors import UsageError
from classifier.labels import Facet, Label
from classifier.text import normalise
from data.clean import clean
from data.command import DATASETS_VARIABLE
from data.errors import SchemaError, SourceError
from data.sources.catalogue import gather
from data.sources.emscad_hub import load_emscad, render_emscad
from data.sources.public import PUBLIC_SETS, PublicSet, read_public
from tests.data.builders import example, public_row, write_rows

AFRISENTI = PublicSet("afrisenti", ("label_by", "screen"))
TGSPAM = next(public_set for public_set in PUBLIC_SETS if public_set.name == "tgspam")


def test_a_row_without_a_group_is_alone(tmp_path: Path) -> None:
    write_rows(tmp_path / "afrisenti.jsonl.gz", [public_row(), public_row(group="afrisenti:f2")])
    first, second = read_public(AFRISENTI, tmp_path)
    assert first.group == first.id == "afrisenti:000001"
    assert (second.id, second.group) == ("afrisenti:000002", "afrisenti:f2")


def test_a_label_in_doubt_stays_unknown(tmp_path: Path) -> None:
    write_rows(tmp_path / "afrisenti.jsonl.gz", [public_row(fake_job=None)])
    (row,) = read_public(AFRISENTI, tmp_path)
    assert row.labels == {Label.SMUGGLING_SERVICE: False, Label.FAKE_JOB: None}
    assert row.facets[Facet.MULE] is None
    assert row.facets[Facet.STAFF] is False


def test_the_facet_that_a_reader_set_is_taken(tmp_path: Path) -> None:
    rows = [public_row(fake_job=1, facet="task"), public_row(fake_job=1), public_row(facet="x")]
    write_rows(tmp_path / "tgspam.jsonl.gz", rows[:2])
    named, unnamed = read_public(TGSPAM, tmp_path)
    assert (named.facets[Facet.TASK], named.facets[Facet.BAIT]) == (True, False)
    assert unnamed.facets[Facet.TASK] is None
    write_rows(tmp_path / "tgspam.jsonl.gz", rows)
    with pytest.raises(SchemaError, match=r":3: `facet` must be null or one of"):
        read_public(TGSPAM, tmp_path)


def test_fields_and_languages_nobody_knows_are_faults(tmp_path: Path) -> None:
    rows = [public_row(), public_row(lang="qq", mood="glad")]
    path = write_rows(tmp_path / "afrisenti.jsonl.gz", rows)
    with pytest.raises(SchemaError) as caught:
        read_public(AFRISENTI, tmp_path)
    assert [str(fault) for fault in caught.value.faults] == [
        f"{path}:2: `lang` 'qq' is not in the table of languages",
        f"{path}:2: `mood` is not a known field",
    ]


@pytest.mark.parametrize(
    ("masked", "as_sent"),
    [
        ("Write to #EMAIL_1a2b3c# today", "Write to jobs@example.org today"),
        ("More at #URL_5e1cc5ff08# today", "More at https://example.org/jobs today"),
        ("Call [PHONE] today", "Call +44 7700 900123 today"),
        ("Call 00000000000 today", "Call 07700900123 today"),
        ("See https://t.co/xxxx0xx today", "See https://t.co/ab3d9Kq today"),
    ],
)
def test_a_mask_and_the_contact_it_hides_become_the_same(masked: str, as_sent: str) -> None:
    first, second = clean([example("a:1", masked), example("b:1", as_sent)], normalise).examples
    assert first.text == second.text


def test_empty_and_over_long_texts_are_dropped_and_counted() -> None:
    rows = [example("a:1", "\u200b \n"), example("a:2", "kept"), example("a:3", "long " * 4_001)]
    cleaned = clean(rows, normalise)
    assert [row.id for row in cleaned.examples] == ["a:2"]
    assert (cleaned.empty, cleaned.too_long) == (1, 1)


def test_sources_that_are_not_there_are_named(tmp_path: Path) -> None:
    write_rows(tmp_path / "afrisenti.jsonl.gz", [public_row()])
    gathered = gather([], tmp_path)
    assert list(gathered.inputs) == ["datasets/afrisenti.jsonl.gz"]
    assert "emscad" in gathered.absent
    assert "afrisenti" not in gathered.absent
    assert len(gather([], None).absent) == len(PUBLIC_SETS)


def test_faults_of_all_files_are_reported_together(tmp_path: Path) -> None:
    for name in ("afrisenti", "brighter"):
        write_rows(tmp_path / f"{name}.jsonl.gz", [public_row(text=7)])
    with pytest.raises(SchemaError) as caught:
        gather([], tmp_path)
    assert [fault.path.name for fault in caught.value.faults] == [
        "afrisenti.jsonl.gz",
        "brighter.jsonl.gz",
    ]


def test_a_folder_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        gather([], tmp_path / "absent")


def test_emscad_is_rendered_without_its_location() -> None:
    advert = {
        "title": "Clerk",
        "location": "GB, LND, London",
        "company_profile": "A firm",
        "description": "Typing",
        "requirements": None,
        "benefits": "Tea",
        "fraudulent": 1,
    }
    first, second, third = render_emscad(
        [advert, {**advert, "title": "Cook", "fraudulent": "f"}, {**advert, "company_profile": ""}]
    )
    assert first.text == "Clerk\nA firm\nTyping\nTea"
    assert first.labels == {Label.SMUGGLING_SERVICE: None, Label.FAKE_JOB: True}
    assert set(first.facets.values()) == {None}
    assert second.labels[Label.FAKE_JOB] is False
    assert first.group == second.group
    assert third.group == third.id


def test_an_unknown_fraud_flag_is_an_error() -> None:
    advert = dict.fromkeys(("title", "company_profile", "description", "requirements", "benefits"))
    with pytest.raises(SourceError, match="row 1: `fraudulent` must be 0 or 1, found 'maybe'"):
        render_emscad([{**advert, "fraudulent": "maybe"}])


def test_a_whole_emscad_is_loaded_with_all_its_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import datasets

    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    folder = tmp_path / "emscad"
    folder.mkdir()
    header = "title,company_profile,description,requirements,benefits,fraudulent\n"
    (folder / "train.csv").write_text(f"{header}Clerk,A firm,Typing,,Tea,0\n")
    (folder / "test.csv").write_text(f"{header}Cook,,Cooking,,,1\n")
    labels = {row.text: row.labels[Label.FAKE_JOB] for row in load_emscad(str(folder))}
    assert labels == {"Clerk\nA firm\nTyping\nTea": False, "Cook\nCooking": True}


def test_a_data_set_that_cannot_be_loaded_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(SourceError, match="or leave --emscad-hub out"):
        load_emscad(str(tmp_path / "absent"))


def test_the_public_sets_that_are_there_fit_their_schema() -> None:
    named = os.environ.get(DATASETS_VARIABLE)
    gathered = gather([], Path(named) if named else None)
    assert len({row.id for row in gathered.examples}) == len(gathered.examples)
    assert len(gathered.inputs) + len(gathered.absent) == len(PUBLIC_SETS)
