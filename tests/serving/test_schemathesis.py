"""The API against its own OpenAPI document: `benchmarks.fuzz_api` in small."""

from __future__ import annotations

from pathlib import Path

from benchmarks.fuzzing import SETTINGS, Tally, fuzz
from benchmarks.queue.installation import installation


def test_every_answer_is_as_the_document_says(
    sqlite_url: str, model_folder: Path, tmp_path: Path
) -> None:
    tally = Tally()
    with installation(
        sqlite_url, tmp_path / "servers", model=model_folder, settings=SETTINGS
    ) as place:
        fuzz(place, tally, chains=2, singles=1, seed=0)
    assert tally.findings == []
    assert "POST /v1/items/{item_id}/decision" in tally.operations
    assert tally.requests > 200
