from __future__ import annotations

import json
from pathlib import Path

import pytest

from classifier.errors import UsageError
from data.build import build
from data.errors import SchemaError, SplitMissingError
from data.manifest import digest_of
from data.splits import SPLITS, load_manifest, load_split, split_path
from tests.data.builders import corpus_row, corpus_sample, public_row, write_rows


@pytest.fixture
def corpus(tmp_path: Path) -> list[Path]:
    folder = tmp_path / "corpus"
    folder.mkdir()
    return corpus_sample(folder)


@pytest.fixture
def datasets(tmp_path: Path) -> Path:
    folder = tmp_path / "datasets"
    folder.mkdir()
    rows = [public_row(text=f"{word} and nothing else") for word in ("One", "Two", "Two", "Three")]
    write_rows(folder / "afrisenti.jsonl.gz", [*rows, public_row(lang="so", fake_job=None)])
    return folder


def test_two_builds_are_the_same_to_the_byte(
    tmp_path: Path, corpus: list[Path], datasets: Path
) -> None:
    for out in ("first", "second"):
        build(tmp_path / out, corpus=corpus, datasets=datasets)
    first, second = (sorted((tmp_path / out).iterdir()) for out in ("first", "second"))
    assert [path.name for path in first] == [path.name for path in second]
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_the_order_of_the_input_files_does_not_matter(tmp_path: Path, corpus: list[Path]) -> None:
    first = build(tmp_path / "first", corpus=corpus)
    second = build(tmp_path / "second", corpus=corpus[::-1])
    assert first["hash"] == second["hash"]


def test_the_manifest_counts_what_the_files_hold(
    tmp_path: Path, corpus: list[Path], datasets: Path
) -> None:
    manifest = build(tmp_path, corpus=corpus, datasets=datasets)
    assert load_manifest(tmp_path) == manifest
    assert manifest["hash"] == digest_of(manifest)
    assert "emscad" in manifest["absent"]
    assert "afrisenti" not in manifest["absent"]
    splits = {name: load_split(tmp_path, name) for name in SPLITS}
    for name, examples in splits.items():
        counts = manifest["counts"][name]
        assert counts["rows"] == len(examples)
        for part in ("by_source", "by_language", "by_slice"):
            assert sum(cell["rows"] for cell in counts[part].values()) == len(examples)
        assert [row.id for row in examples] == sorted(row.id for row in examples)
        assert all(row.fold in range(5) for row in examples)
    total = sum(manifest["dropped"].values()) + sum(map(len, splits.values()))
    assert manifest["rows_read"] == total
    assert manifest["dropped"]["exact_duplicates"] == 1


def test_no_group_lies_in_two_splits(tmp_path: Path, corpus: list[Path]) -> None:
    build(tmp_path, corpus=corpus)
    groups = [{row.group for row in load_split(tmp_path, name)} for name in SPLITS]
    assert all(groups)
    assert len(set.union(*groups)) == sum(map(len, groups))


def test_a_planted_copy_with_other_labels_lies_where_its_original_lies(
    tmp_path: Path, corpus: list[Path]
) -> None:
    originals = [json.loads(line) for line in corpus[0].read_text(encoding="utf-8").splitlines()]
    positives = [row for row in originals if row["slice"].startswith("smuggling")]
    copies = [
        corpus_row(
            id=f"z-{row['id']}",
            group=f"z-{row['id']}",
            text=f"{row['text']} Today!",
            slice="neg_story",
            smuggling_service=0,
        )
        for row in positives
    ]
    build(tmp_path, corpus=[*corpus, write_rows(tmp_path / "copies.jsonl", copies)])
    places = {row.id: name for name in SPLITS for row in load_split(tmp_path, name)}
    assert len(set(places.values())) == len(SPLITS)
    for row in positives:
        assert places[f"corpus:z-{row['id']}"] == places[f"corpus:{row['id']}"]


def test_a_build_that_fails_leaves_the_old_one(tmp_path: Path, corpus: list[Path]) -> None:
    manifest = build(tmp_path / "out", corpus=corpus)
    broken = write_rows(tmp_path / "broken.jsonl", [corpus_row(fake_job=2)])
    with pytest.raises(SchemaError):
        build(tmp_path / "out", corpus=[*corpus, broken])
    assert load_manifest(tmp_path / "out") == manifest


def test_an_output_that_cannot_be_written_is_a_usage_error(
    tmp_path: Path, corpus: list[Path]
) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UsageError, match="cannot be written"):
        build(tmp_path / "file", corpus=corpus[:1])


def test_data_that_were_not_built_say_how_to_build_them(tmp_path: Path) -> None:
    with pytest.raises(SplitMissingError, match="Run `lurewatch data build"):
        load_split(tmp_path, "train")
    with pytest.raises(SplitMissingError, match="Run `lurewatch data build"):
        load_manifest(tmp_path)


def test_a_build_without_its_manifest_is_not_finished(tmp_path: Path, corpus: list[Path]) -> None:
    build(tmp_path, corpus=corpus[:1])
    (tmp_path / "manifest.json").unlink()
    assert split_path(tmp_path, "train").is_file()
    with pytest.raises(SplitMissingError):
        load_split(tmp_path, "train")


def test_an_unknown_split_is_named(tmp_path: Path) -> None:
    with pytest.raises(SplitMissingError, match="there is no 'dev'"):
        load_split(tmp_path, "dev")
