"""Over HTTP: a server, the load generator, and what the rounds make of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.speed.contenders.contender import Name
from benchmarks.speed.http.generator import generator
from benchmarks.speed.http.rounds import BATCH, SINGLE, over_http
from benchmarks.speed.http.servers import lurewatch_server
from benchmarks.speed.options import read_options
from benchmarks.speed.process import Process
from classifier.errors import UsageError
from tests.benchmarks.settings import tiny_setting

TEXTS = [f"a boat at night, seat {'i' * n}" for n in range(1, 41)]


def test_every_text_is_answered_singly_and_in_batches(tmp_path: Path) -> None:
    setting = tiny_setting(tmp_path)
    process = Process(Name.ENCODER, setting, tmp_path / "log")
    parts = [(TEXTS[:8], TEXTS[8:20]), (TEXTS[20:28], TEXTS[28:])]
    told: list[str] = []
    try:
        with lurewatch_server(setting, tmp_path) as server, generator() as load:
            options = read_options(["--quick", "--threads", "1"])
            found = over_http([server], process, 64, parts, load, options, told.append)
    finally:
        process.close()
    by_name = {(one.summary.contender, one.summary.stream): one for one in found}
    assert set(by_name) == {
        ("Lurewatch", SINGLE),
        ("Lurewatch", BATCH),
        ("Lurewatch encoder, in process", BATCH),
    }
    single, batch = by_name["Lurewatch", SINGLE], by_name["Lurewatch", BATCH]
    assert (single.summary.texts, batch.summary.texts) == (16, 24)
    for one in (single, batch):
        assert one.latency is not None
        assert one.latency.not_200 == 0
        assert 0 < one.latency.p50_ms <= one.latency.p99_ms
        assert one.summary.peak_mib > 50
    assert len(told) == 6


def test_a_size_below_one_is_refused() -> None:
    with pytest.raises(UsageError, match="--file-texts"):
        read_options(["--file-texts", "0"])
