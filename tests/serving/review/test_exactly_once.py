"""Many claimers on one queue over HTTP: `benchmarks.queue.exactly_once` in small."""

from __future__ import annotations

from pathlib import Path

from benchmarks.queue import exactly_once
from benchmarks.queue.installation import installation


def test_every_item_is_decided_exactly_once_and_none_is_stuck(
    database_url: str, model_folder: Path, tmp_path: Path
) -> None:
    with installation(database_url, tmp_path / "servers", model=model_folder) as place:
        run = exactly_once.measure(place, items=120, claimers=12)
    assert run.disagreements == ()
    assert (run.decided, run.stuck) == (120, 0)
