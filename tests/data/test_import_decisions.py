from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import pytest

from classifier.errors import UsageError
from classifier.labels import FACETS, Facet, Label
from data import command
from data.build import build
from data.decisions import import_decisions
from data.errors import SchemaError
from data.records import read_examples
from tests.data.builders import corpus_sample, write_rows


def exported(**changes: Any) -> dict[str, Any]:
    """A record as the review queue exports it, changed."""
    return {
        "id": "5f2c.1",
        "platform": "example",
        "kind": "advert",
        "title": None,
        "text": "Seats on the boat this Thursday, call [PHONE]",
        "language": "en",
        "labels": {"smuggling_service": True, "fake_job": False},
        "facets": {facet.value: True if facet is Facet.TRANSPORT else None for facet in FACETS},
        "action": "remove",
        "reason": "offers_crossing",
        "decided_at": "2026-09-01T12:00:00.000+00:00",
        "model": "m1",
        "policy": "1",
        "scores": {"smuggling_service": 0.93, "fake_job": 0.01},
        "queued_for": "sample",
        "sampling_probability": 0.002,
        "provenance": {
            "item": "5f2c",
            "text_version": 1,
            "version": 4,
            "source": "voluntary",
            "seal": "ab" * 32,
            "lurewatch": "0.1.0",
        },
        **changes,
    }


def run(*arguments: str | Path) -> int:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    return command.run(parser.parse_args([str(argument) for argument in arguments]))


def test_a_decision_becomes_an_example_with_its_provenance(tmp_path: Path) -> None:
    file = write_rows(tmp_path / "export.jsonl", [exported(title="Boat")])
    import_decisions(file, tmp_path / "decisions.jsonl")
    (example,) = read_examples(tmp_path / "decisions.jsonl")
    assert (example.id, example.group, example.source) == (
        "decisions:5f2c.1",
        "decisions:5f2c",
        "decisions",
    )
    assert example.text == "Boat\nSeats on the boat this Thursday, call [PHONE]"
    assert example.labels == {Label.SMUGGLING_SERVICE: True, Label.FAKE_JOB: False}
    (row,) = (tmp_path / "decisions.jsonl").read_text(encoding="utf-8").splitlines()
    provenance = json.loads(row)["provenance"]
    assert provenance["item"] == "5f2c"
    assert provenance["sampling_probability"] == 0.002
    assert provenance["seal"] == "ab" * 32


@pytest.mark.parametrize(
    ("labels", "judged", "expected"),
    [
        ({"smuggling_service": True, "fake_job": None}, {"transport": True}, (True, None, None)),
        ({"smuggling_service": True, "fake_job": False}, {"staff": False}, (None, False, False)),
        ({"smuggling_service": None, "fake_job": None}, {"transport": True}, (None, None, None)),
        ({"smuggling_service": False, "fake_job": False}, {}, (False, False, False)),
    ],
)
def test_what_could_not_be_told_stays_unknown(
    tmp_path: Path,
    labels: dict[str, bool | None],
    judged: dict[str, bool],
    expected: tuple[bool | None, ...],
) -> None:
    facets = {facet.value: judged.get(facet.value) for facet in FACETS}
    file = write_rows(tmp_path / "export.jsonl", [exported(labels=labels, facets=facets)])
    (decision,) = import_decisions(file, tmp_path / "decisions.jsonl")
    example = decision.example
    assert example.labels == {Label(name): value for name, value in labels.items()}
    seen = (Facet.TRANSPORT, Facet.STAFF, Facet.MULE)
    assert tuple(example.facets[facet] for facet in seen) == expected


def test_texts_of_one_item_are_one_group(tmp_path: Path) -> None:
    second = exported(id="5f2c.2", text="Seats on Friday")
    file = write_rows(tmp_path / "export.jsonl", [exported(), second])
    decisions = import_decisions(file, tmp_path / "decisions.jsonl")
    assert len({decision.example.id for decision in decisions}) == 2
    assert len({decision.example.group for decision in decisions}) == 1


def test_every_fault_of_an_export_is_named_by_line(tmp_path: Path) -> None:
    wrong = [exported(labels={"smuggling_service": 1}), exported(unheard_of=1)]
    file = write_rows(tmp_path / "export.jsonl", wrong)
    with pytest.raises(SchemaError) as error:
        import_decisions(file, tmp_path / "decisions.jsonl")
    assert "export.jsonl:1: in `labels`: `smuggling_service` must be true, false or null" in str(
        error.value
    )
    assert "export.jsonl:2: `unheard_of` is not a known field" in str(error.value)
    assert not (tmp_path / "decisions.jsonl").exists()


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    file = write_rows(tmp_path / "export.jsonl", [exported()])
    with pytest.raises(UsageError, match="cannot be written"):
        import_decisions(file, tmp_path / "absent" / "decisions.jsonl")


def test_imported_decisions_are_built_into_the_splits(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write_rows(tmp_path / "export.jsonl", [exported()])
    decisions = tmp_path / "decisions.jsonl"
    assert run("import-decisions", file, "--output", decisions) == 0
    assert "fake_job: 0 true, 1 false, 0 unknown\n" in capsys.readouterr().out
    manifest = build(tmp_path / "out", corpus=corpus_sample(tmp_path), decisions=[decisions])
    assert "decisions/decisions.jsonl" in manifest["inputs"]
    rows = [counts["by_source"].get("decisions", {}) for counts in manifest["counts"].values()]
    assert sum(row.get("rows", 0) for row in rows) == 1
