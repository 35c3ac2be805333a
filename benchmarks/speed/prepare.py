"""What is needed before anything can be measured: streams, and the model in its other forms."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.speed.checkpoint.hub_folder import write_hub_folder
from benchmarks.speed.contenders.contender import Setting
from benchmarks.speed.contenders.thresholds import review_logits
from benchmarks.speed.errors import ContenderError
from benchmarks.speed.options import Options
from benchmarks.speed.process import ROOT, environment
from benchmarks.speed.scripts import evidenced_scripts
from benchmarks.speed.streams import Item, Stream, corpus_stream, distinct_items, firehose_stream
from benchmarks.speed.truncation import WindowCut
from classifier.artifact import read_manifest
from data.records import Example
from data.splits import load_split

_COMPLETE = "complete"
_ONNX = "int8.onnx"


@dataclass(frozen=True, slots=True)
class Material:
    """The streams, texts of the validation split to warm up on, and the evidenced scripts."""

    streams: tuple[Stream, ...]
    sample: tuple[str, ...]
    scripts: tuple[str, ...]
    absent: dict[str, str]


def material(options: Options) -> Material:
    """Read the data build and draw the streams; those that it has no texts for are absent.

    Raises:
        SplitMissingError: there is no data build.
    """
    cut = WindowCut(options.model)
    items = distinct_items(_some(load_split(options.data, "test"), options), cut)
    screen = read_manifest(options.model).screen
    scripts = options.scripts or (() if screen is None else screen.evidenced)
    if not scripts:
        others = (load_split(options.data, name) for name in ("train", "validation", "calibration"))
        scripts = evidenced_scripts(example for split in others for example in split)
    drawn = (
        corpus_stream(items, seed=options.seed, most=options.rounds * options.texts),
        _firehose(items, options, "firehose, evidenced scripts", scripts),
        _firehose(items, options, "firehose, all scripts", None),
    )
    validation = distinct_items(_some(load_split(options.data, "validation"), options), cut)
    sample = random.Random(options.seed).sample(validation, min(options.sample, len(validation)))
    return Material(
        streams=tuple(stream for stream in drawn if len(stream.items) >= options.rounds),
        sample=tuple(item.text for item in sample),
        scripts=tuple(scripts),
        absent={
            stream.name: "the data build lacks texts for it; build it with the public data sets: "
            "`lurewatch data build --datasets DIR`"
            for stream in drawn
            if len(stream.items) < options.rounds
        },
    )


def setting(options: Options) -> tuple[Setting, str | None]:
    """The model for each contender, and why there is no ONNX model where there is none.

    The other forms are kept under `options.out`, by the name of the model.
    """
    manifest = read_manifest(options.model)
    folder = options.out.resolve() / "checkpoints" / manifest.model
    hub, onnx, problem = folder / "hub", folder / _ONNX, None
    teacher = manifest.facts.get("distilled_from")
    deep = None if teacher is None else folder / "deep"
    if not (folder / _COMPLETE).is_file():
        write_hub_folder(options.model, hub)
        if teacher is not None:
            write_hub_folder(options.model, folder / "deep", teacher["layers"])
        try:
            _write_onnx(hub, onnx, folder / "onnx.log", options.threads)
            (folder / _COMPLETE).touch()
        except ContenderError as error:
            problem = error.detail
    found = Setting(
        model=options.model.resolve(),
        hub=hub,
        onnx=onnx,
        deep=deep,
        threads=options.threads,
        window=manifest.window.size,
        review=review_logits(manifest),
    )
    return found, problem


def _write_onnx(hub: Path, target: Path, log: Path, threads: int) -> None:
    # In a process of its own: the exporter leaves memory and settings behind.
    module = "benchmarks.speed.checkpoint.onnx_model"
    with log.open("wb") as output:
        status = subprocess.call(
            [sys.executable, "-m", module, str(hub), str(target)],
            cwd=ROOT,
            env=environment(threads),
            stdout=output,
            stderr=output,
        )
    if status:
        raise ContenderError(f"the model could not be exported to ONNX; see {log}")


def _firehose(
    items: Sequence[Item], options: Options, name: str, scripts: Sequence[str] | None
) -> Stream:
    return firehose_stream(
        items, name=name, seed=options.seed, most=options.file_texts, scripts=scripts
    )


def _some(examples: list[Example], options: Options) -> list[Example]:
    if options.share >= 1:
        return examples
    return random.Random(options.seed).sample(examples, int(len(examples) * options.share))
