from __future__ import annotations

import json
from pathlib import Path

import pytest

from classifier.labels import Facet, Label
from data.errors import SchemaError
from data.readings import letters_digest, read_readings, readings_file, with_readings
from data.records import Example
from tests.data.builders import example

TEXT = "income in your phone, write +"
SMUGGLING, JOB = Label.SMUGGLING_SERVICE, Label.FAKE_JOB


def row(smuggling: bool | None, job: bool | None, text: str = TEXT) -> Example:
    return example("brighter:1", text, source="brighter", labels={SMUGGLING: smuggling, JOB: job})


def written(path: Path, **fields: object) -> Path:
    reading = {"id": "brighter:1", "letters": letters_digest(TEXT)}
    line = {**reading, "smuggling_service": 0, "fake_job": 1, **fields}
    path.write_text(json.dumps(line) + "\n", encoding="utf-8")
    return path


def test_an_unknown_label_becomes_what_was_read(tmp_path: Path) -> None:
    readings = read_readings(written(tmp_path / "readings.jsonl"))
    (filled,), changed = with_readings([row(None, None)], readings)
    assert filled.labels == {SMUGGLING: False, JOB: True}
    assert changed == 1
    assert filled.facets[Facet.TRANSPORT] is False
    assert filled.facets[Facet.BAIT] is None


def test_what_the_source_says_stands(tmp_path: Path) -> None:
    readings = read_readings(written(tmp_path / "readings.jsonl"))
    (filled,), _ = with_readings([row(None, False)], readings)
    assert filled.labels == {SMUGGLING: False, JOB: False}
    (known,), changed = with_readings([row(True, False)], readings)
    assert known.labels == {SMUGGLING: True, JOB: False}
    assert changed == 0


def test_what_could_not_be_told_stays_unknown(tmp_path: Path) -> None:
    readings = read_readings(written(tmp_path / "readings.jsonl", fake_job=None))
    (filled,), _ = with_readings([row(None, None)], readings)
    assert filled.labels == {SMUGGLING: False, JOB: None}


def test_a_reading_of_another_text_is_left_out(tmp_path: Path) -> None:
    readings = read_readings(written(tmp_path / "readings.jsonl"))
    (kept,), changed = with_readings([row(None, None, "the numbering has shifted")], readings)
    assert kept.labels == {SMUGGLING: None, JOB: None}
    assert changed == 0


def test_a_reading_without_its_digest_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match="letters"):
        read_readings(written(tmp_path / "readings.jsonl", letters=""))


def test_the_committed_readings_hold_no_text_and_name_each_row_once() -> None:
    readings = read_readings(readings_file())
    assert len({reading.id for reading in readings}) == len(readings) == 1_800
    lines = readings_file().read_text(encoding="utf-8").splitlines()
    fields = {"id", "letters", "smuggling_service", "fake_job"}
    assert all(set(json.loads(line)) == fields for line in lines)
