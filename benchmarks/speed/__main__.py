"""`make bench`: prepares, measures in rounds, reports."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from benchmarks.speed.chart import chart
from benchmarks.speed.contenders.contender import Name, Setting
from benchmarks.speed.contenders.lurewatch import has_screen_parameter
from benchmarks.speed.errors import ContenderError
from benchmarks.speed.http.generator import generator
from benchmarks.speed.http.rounds import HttpSummary, over_http, running_servers
from benchmarks.speed.line_up import LineUp, absent_contenders, find_infinity, line_up
from benchmarks.speed.options import Options, read_options
from benchmarks.speed.prepare import Material, material, setting
from benchmarks.speed.report import Report, conditions, summaries
from benchmarks.speed.rounds import (
    FILE_STAGES,
    ONE_LINE,
    Advance,
    FileRounds,
    Record,
    in_process,
)
from benchmarks.speed.streams import Item, Stream
from classifier.artifact import read_manifest
from classifier.errors import LurewatchError, UsageError


@contextmanager
def progress(step: str, total: int) -> Iterator[Advance]:
    """A bar on a terminal, a line for each thing done elsewhere."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield say
        return
    bar = Progress(
        TextColumn(step),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[told]}"),
        console=console,
    )
    with bar:
        task = bar.add_task(step, total=total, told="")
        yield lambda told: bar.update(task, advance=1, told=told)


def compare(options: Options) -> Report:
    """The whole comparison."""
    options.out.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    say("Reading the data and drawing the streams")
    drawn = material(options)
    say("Writing the model for the other runtimes")
    made, problem = setting(options)
    absent = absent_contenders(made, problem)
    python = None
    try:
        say("Looking for infinity-emb; the first time it is installed, which takes minutes")
        python = find_infinity(options.out.resolve() / "infinity", install=options.install)
    except ContenderError as error:
        absent[Name.INFINITY] = error.detail
    given = conditions(
        read_manifest(options.model).model, options.threads, drawn.scripts, sizes=_sizes(options)
    )
    record = Record()
    logs = options.out.resolve() / "logs"
    logs.mkdir(exist_ok=True)
    with (
        TemporaryDirectory() as scratch,
        line_up(made, drawn.sample, logs, absent, python, say) as lined_up,
    ):
        parts = _rounds(options, drawn, lined_up, made, Path(scratch), logs, record)
        http = _http(options, drawn, lined_up, made, logs, python, record)
        told = summaries(record, parts, drawn.streams, lined_up.batches)
        searched = {name.value: rates for name, rates in lined_up.searched.items()}
        left_out: dict[str, str] = {**drawn.absent, **record.absent}
        left_out |= {name.value: reason for name, reason in lined_up.absent.items()}
    return Report(
        conditions={**given, "minutes": (time.monotonic() - began) / 60, "searched": searched},
        streams=[_composition(stream) for stream in drawn.streams],
        summaries=told,
        http=http,
        absent=left_out,
    )


def _rounds(
    options: Options,
    drawn: Material,
    lined_up: LineUp,
    made: Setting,
    scratch: Path,
    logs: Path,
    record: Record,
) -> Mapping[str, Sequence[Item]]:
    parts = {stream.name: stream.parts(options.rounds, options.texts) for stream in drawn.streams}
    stages = {
        name: stage
        for name, stage in FILE_STAGES.items()
        if stage == "encoder" or has_screen_parameter()
    }
    firehoses = [stream for stream in drawn.streams if stream.name.startswith("firehose")]
    files = FileRounds(firehoses, scratch, logs / "score.log", made, stages)
    in_one = len(lined_up.running) * len(parts) + files.steps
    with progress("Rounds", options.rounds * in_one) as done:
        for number in range(options.rounds):
            for stream, own in parts.items():
                in_process(number, stream, own[number], lined_up, record, done)
                files.run(stream, number, record, done)
            files.run(ONE_LINE, number, record, done)
    return {name: [item for part in own for item in part] for name, own in parts.items()}


def _http(
    options: Options,
    drawn: Material,
    lined_up: LineUp,
    made: Setting,
    logs: Path,
    python: Path | None,
    record: Record,
) -> list[HttpSummary]:
    ours = Name.CASCADE if Name.CASCADE in lined_up.running else Name.ENCODER
    if ours not in lined_up.running or not drawn.streams:
        return []
    for name in [name for name in lined_up.running if name is not ours]:
        lined_up.running.pop(name).close()  # the memory is for the servers
    texts = [item.text for item in drawn.streams[-1].items]
    single = min(options.http_single, len(texts) // options.rounds // 2)
    many = min(options.http_batch, len(texts) // options.rounds - single)
    each = single + many
    starts = range(0, options.rounds * each, each)
    parts = [(texts[at : at + single], texts[at + single : at + each]) for at in starts]
    say("Starting the servers")
    with (
        running_servers(made, logs, lined_up.batches, python) as (servers, absent),
        generator() as load,
        progress("HTTP", options.rounds * (2 * len(servers) + 1)) as done,
    ):
        record.absent.update({f"{name} over HTTP": reason for name, reason in absent.items()})
        process, batch = lined_up.running[ours], lined_up.batches[ours]
        try:
            return over_http(servers, process, batch, parts, load, options, done)
        except ContenderError as error:  # what was measured before is worth telling
            record.absent["HTTP"] = error.detail
            return []


def _composition(stream: Stream) -> dict[str, object]:
    def count(values: Sequence[str]) -> dict[str, int]:
        return {value: values.count(value) for value in sorted(set(values))}

    return {
        "name": stream.name,
        "texts": len(stream.items),
        "kinds": count([item.kind.value for item in stream.items]),
        "sources": count([item.source for item in stream.items]),
        "scripts": count([item.script for item in stream.items]),
        "notes": list(stream.notes),
    }


def _sizes(options: Options) -> dict[str, object]:
    return {
        name: value
        for name, value in asdict(options).items()
        if isinstance(value, int | float) and name != "threads"
    }


def say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def main() -> int:
    """Returns 0 where a comparison came about, 2 for wrong usage, else 1."""
    try:
        options = read_options()
        report = compare(options)
    except LurewatchError as error:
        sys.stderr.write(f"{error}\n")
        return 2 if isinstance(error, UsageError) else 1
    report.write(options.out / "speed.json")
    (options.out / "speed.svg").write_text(chart(report.summaries), encoding="utf-8")
    sys.stdout.write("\n".join(report.lines()) + "\n")
    say(f"Figures in {options.out / 'speed.json'}, chart in {options.out / 'speed.svg'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
