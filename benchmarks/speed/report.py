"""How a comparison is told: a table on the terminal, and all of it as JSON."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from benchmarks.speed.contenders.contender import DEEP_REFERENCE, REFERENCE, Name
from benchmarks.speed.http.rounds import HttpSummary
from benchmarks.speed.kept import Kept, Share, kept
from benchmarks.speed.results import Spread, Summary, summarise
from benchmarks.speed.rounds import FILE_STAGES, ONE_LINE, Record
from benchmarks.speed.streams import Item, Stream
from serving.columns import columns

_VERSIONS = ("torch", "transformers", "onnxruntime", "openvino", "tokenizers", "numpy")
_FILE_ENCODER = next(name for name, stage in FILE_STAGES.items() if stage == "encoder")

HEADER = (
    "CONTENDER",
    "BATCH",
    "TEXTS/S",
    "TIMES PIPELINE",
    "TIMES UNDISTILLED",
    "CPU S/1,000",
    "PEAK MIB",
    "OF LABELS",
    "OF ENCODER",
    "FLAGGED",
    "SCREENED",
)
HTTP_HEADER = (
    "SERVER",
    "MODE",
    "TEXTS/S",
    "TIMES PLAIN",
    "CPU S/1,000",
    "PEAK MIB",
    "P50 MS",
    "P99 MS",
    "LOAD CPU",
    "NOT 200",
)


@dataclass(frozen=True, slots=True)
class Report:
    """All that was found. `absent` says of contenders and streams why they are not there."""

    conditions: Mapping[str, Any]
    streams: Sequence[Mapping[str, Any]]
    summaries: Sequence[Summary]
    http: Sequence[HttpSummary]
    absent: Mapping[str, str]

    def write(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n", "utf-8")

    def lines(self) -> Iterator[str]:
        """What a terminal shows."""
        for stream in dict.fromkeys(summary.stream for summary in self.summaries):
            own = [summary for summary in self.summaries if summary.stream == stream]
            yield f"{stream}, {own[0].rounds} rounds"
            yield from columns([HEADER, *map(_row, own)])
            for summary in own:
                if summary.kept and summary.kept.losses:
                    worst = summary.kept.losses[0]
                    yield (
                        f"{summary.contender} lost most in script {worst.script}: "
                        f"{worst.lost} of {worst.of} of the encoder's positives"
                    )
            yield ""
        if self.http:
            yield "HTTP"
            yield from columns([HTTP_HEADER, *map(_http_row, self.http)])
            yield ""
        for name, reason in self.absent.items():
            yield f"left out: {name}: {reason}"


def summaries(
    record: Record, parts: Mapping[str, Sequence[Item]], streams: Sequence[Stream], batches: Any
) -> list[Summary]:
    """In process on each stream, then the files; `parts` are the texts scored in process."""
    found = []
    for stream in streams:
        encoder = record.judged.get((Name.ENCODER, stream.name))
        references = record.of(REFERENCE, stream.name), record.of(DEEP_REFERENCE, stream.name)
        for name in Name:
            trials = record.of(name, stream.name)
            if trials:
                own = record.judged[name, stream.name]
                told = kept(parts[stream.name], own, None if name is Name.ENCODER else encoder)
                says_something = None if name is DEEP_REFERENCE else told
                found.append(
                    summarise(trials, *references, batch=batches.get(name), kept=says_something)
                )
        of_files = record.judged.get((_FILE_ENCODER, stream.name))
        for command in FILE_STAGES:
            trials = record.of(command, stream.name)
            if trials:
                own = record.judged[command, stream.name]
                told = kept(stream.items, own, None if command == _FILE_ENCODER else of_files)
                found.append(summarise(trials, *references, kept=told))
    starts = [record.of(name, ONE_LINE) for name in FILE_STAGES]
    return found + [summarise(trials, []) for trials in starts if trials]


def conditions(model: str, threads: int, scripts: Sequence[str], **sizes: Any) -> dict[str, Any]:
    """What the figures depend on."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "model": model,
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)),
        "threads": threads,
        "evidenced_scripts": list(scripts),
        "load_average_before": os.getloadavg()[0],
        "python": platform.python_version(),
        "versions": dict(_versions()),
        **sizes,
    }


def _versions() -> Iterator[tuple[str, str]]:
    for name in _VERSIONS:
        with suppress(PackageNotFoundError):
            yield name, version(name)


def _row(summary: Summary) -> tuple[str, ...]:
    own = summary.kept
    return (
        summary.contender,
        "" if summary.batch is None else str(summary.batch),
        _spread(summary.rate, 0 if summary.rate.median >= 10 else 2),
        _spread(summary.ratio, 2),
        _spread(summary.ratio_to_deep, 2),
        f"{summary.cpu_per_1000.median:.2f}",
        f"{summary.peak_mib:,.0f}",
        *(_shares(own) if own else ("", "", "", "")),
    )


def _shares(own: Kept) -> tuple[str, str, str, str]:
    return (
        _share(own.of_labels),
        _share(own.of_encoder),
        _percent(own.flagged),
        _percent(own.passed),
    )


def _http_row(one: HttpSummary) -> tuple[str, ...]:
    summary, latency = one.summary, one.latency
    return (
        summary.contender,
        summary.stream,
        _spread(summary.rate, 0 if summary.rate.median >= 10 else 2),
        _spread(summary.ratio, 2),
        f"{summary.cpu_per_1000.median:.2f}",
        f"{summary.peak_mib:,.0f}",
        f"{latency.p50_ms:,.1f}" if latency else "",
        f"{latency.p99_ms:,.1f}" if latency else "",
        f"{latency.generator_cpu.median:.0%} of a core" if latency else "",
        str(latency.not_200) if latency else "",
    )


def _spread(spread: Spread | None, digits: int) -> str:
    if spread is None:
        return ""
    return f"{spread.median:,.{digits}f} [{spread.low:,.{digits}f}, {spread.high:,.{digits}f}]"


def _share(share: Share | None) -> str:
    return "" if share is None else f"{share.found:,} of {share.of:,}"


def _percent(share: Share) -> str:
    return "" if share.value is None else f"{share.value:.1%}"


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
