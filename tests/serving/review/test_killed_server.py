"""Servers killed under their clients: `benchmarks.queue.faults` in small."""

from __future__ import annotations

from pathlib import Path

from benchmarks.queue import faults
from benchmarks.queue.installation import installation


def test_a_killed_server_loses_nothing_and_repeats_nothing(
    database_url: str, model_folder: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "servers"
    with installation(database_url, folder, model=model_folder, settings=faults.SETTINGS) as place:
        run = faults.measure(place, kills=2, claimers=8)
    assert run.busy_kills > 0
    assert run.answers["decide"] > 0
    assert run.disagreements == ()
    assert run.stuck == 0
    assert run.audit_status == 0, run.audit_said
