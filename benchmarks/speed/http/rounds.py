"""The rounds over HTTP: every server on the same new texts, singly and in batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.speed.contenders.contender import Name, Setting
from benchmarks.speed.errors import ContenderError
from benchmarks.speed.http.generator import Generator
from benchmarks.speed.http.servers import Server, infinity_server, lurewatch_server, plain_server
from benchmarks.speed.options import Options
from benchmarks.speed.process import Process
from benchmarks.speed.resources import cpu_seconds, family, peak_mib
from benchmarks.speed.results import Spread, Summary, Trial, summarise
from benchmarks.speed.rounds import Advance, rotated

SINGLE, BATCH = "one text a request", "batches"
_REFERENCE = "FastAPI + pipeline fp32"


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds over all rounds, and the load generator's share of a core meanwhile."""

    p50_ms: float
    p99_ms: float
    generator_cpu: Spread
    not_200: int


@dataclass(frozen=True, slots=True)
class HttpSummary:
    """A server in one mode."""

    summary: Summary
    latency: Latency | None


@dataclass(frozen=True, slots=True)
class _Answer:
    trial: Trial
    latencies: tuple[float, ...]
    generator_share: float
    not_200: int


def over_http(
    servers: Sequence[Server],
    process: Process,
    batch: int,
    parts: Sequence[tuple[Sequence[str], Sequence[str]]],
    generator: Generator,
    options: Options,
    done: Advance,
) -> list[HttpSummary]:
    """`parts` holds for each round the texts for single requests and those for batches.

    `process` scores the batches in process too, in the same rounds: what HTTP takes away.
    """
    found: dict[tuple[str, str], list[_Answer]] = {}
    inside: list[Trial] = []
    for number, (single, many) in enumerate(parts):
        for server in rotated(servers, number):
            for mode, texts in ((SINGLE, single), (BATCH, many)):
                answer = _ask(server, mode, texts, number, generator, options)
                found.setdefault((server.name, mode), []).append(answer)
                done(f"HTTP, {mode}: {server.name} {answer.trial.rate:,.0f} texts/s")
        run = process.run(many, batch)
        name = f"{process.name}, in process"
        inside.append(
            Trial(name, BATCH, number, len(many), run.seconds, run.cpu_seconds, run.peak_mib)
        )
        done(f"{name} {len(many) / run.seconds:,.0f} texts/s")
    reference = {
        mode: [answer.trial for answer in found.get((_REFERENCE, mode), [])]
        for mode in (SINGLE, BATCH)
    }
    summaries = [
        HttpSummary(summarise([one.trial for one in answers], reference[mode]), _latency(answers))
        for (_, mode), answers in found.items()
    ]
    return [*summaries, HttpSummary(summarise(inside, reference[BATCH]), None)]


@contextmanager
def running_servers(
    setting: Setting, logs: Path, batches: dict[Name, int], python: Path | None
) -> Iterator[tuple[list[Server], dict[str, str]]]:
    """The servers that start, and why others do not."""
    starts: dict[str, Callable[[], AbstractContextManager[Server]]] = {
        "Lurewatch": lambda: lurewatch_server(setting, logs),
        _REFERENCE: lambda: plain_server(setting, logs, batches.get(Name.PIPELINE, 8)),
    }
    if python is not None:
        own = python
        starts["infinity-emb"] = lambda: infinity_server(
            setting, logs, own, batches.get(Name.INFINITY, 32)
        )
    servers, absent = [], {}
    with ExitStack() as stack:
        for name, start in starts.items():
            try:
                servers.append(stack.enter_context(start()))
            except ContenderError as error:
                absent[name] = error.detail
        yield servers, absent


def _ask(
    server: Server,
    mode: str,
    texts: Sequence[str],
    number: int,
    generator: Generator,
    options: Options,
) -> _Answer:
    together = 1 if mode == SINGLE else options.posts_together
    connections = options.connections if mode == SINGLE else 4
    load = server.load(texts, together=together, connections=connections)
    members = list(family(server.pid))
    before = sum(map(cpu_seconds, members))
    answered = generator.send(load)
    cpu = sum(map(cpu_seconds, members)) - before
    peak = sum(map(peak_mib, members))
    return _Answer(
        Trial(server.name, mode, number, len(texts), answered.seconds, cpu, peak),
        answered.latencies,
        answered.cpu_seconds / answered.seconds,
        sum(number for status, number in answered.statuses.items() if status != 200),
    )


def _latency(answers: Sequence[_Answer]) -> Latency:
    latencies = sorted(value for answer in answers for value in answer.latencies)
    return Latency(
        p50_ms=1000 * latencies[len(latencies) // 2],
        p99_ms=1000 * latencies[min(len(latencies) - 1, int(len(latencies) * 0.99))],
        generator_cpu=Spread.of([answer.generator_share for answer in answers]),
        not_200=sum(answer.not_200 for answer in answers),
    )
