"""Peak memory on two sizes, of the command as it is. `benchmarks/bulk_memory.py` takes millions.

The texts are blank, so that no time goes into the encoder; what a row holds is beside them.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

SMALL, LARGE = 20_000, 150_000
ROW_BYTES = 400
PEAK = re.compile(r"^VmHWM:\s+(\d+) kB$", re.MULTILINE)
ALLOWED_GROWTH_BYTES = 24 << 20
"""Half of what the additional rows hold: what allocators keep differs from run to run."""


def batches(rows: int) -> Iterator[pa.RecordBatch]:
    for start in range(0, rows, 1_000):
        ids = [f"{n:0{ROW_BYTES}}" for n in range(start, start + 1_000)]
        yield pa.record_batch({"id": ids, "text": [" "] * 1_000})


def write_rows(path: Path, rows: int) -> None:
    if path.suffix == ".parquet":
        with pq.ParquetWriter(path, next(batches(1)).schema) as writer:
            # One row group, as writers make them that take their defaults.
            writer.write_table(pa.Table.from_batches(batches(rows)), row_group_size=rows)
        return
    with path.open("w") as file:
        for batch in batches(rows):
            file.writelines(f'{{"id": "{row_id}", "text": " "}}\n' for row_id in batch["id"])


def peak_bytes(command: list[str]) -> int:
    # Not `ru_maxrss`, which a child inherits from the process that started it.
    peak = 0
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        status = Path(f"/proc/{process.pid}/status")
        while process.poll() is None:
            if found := PEAK.search(status.read_text("ascii")):
                peak = max(peak, int(found[1]) * 1024)
            time.sleep(0.005)
    assert process.returncode == 1  # every row is rejected
    return peak


@pytest.mark.parametrize(
    ("source", "target"), [("in.jsonl", "out.csv.zst"), ("in.parquet", "out.parquet")]
)
def test_memory_does_not_grow_with_the_rows(
    model_folder: Path, tmp_path: Path, source: str, target: str
) -> None:
    command = [sys.executable, "-m", "lurewatch", "score", "--model", str(model_folder)]
    peaks = []
    for rows in (SMALL, LARGE):
        write_rows(tmp_path / source, rows)
        paths = [str(tmp_path / source), "--output", str(tmp_path / target)]
        peaks.append(peak_bytes([*command, "--threads", "1", *paths]))

    assert peaks[1] - peaks[0] < ALLOWED_GROWTH_BYTES, peaks
