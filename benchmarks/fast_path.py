"""What every text costs before and after the encoder, step by step, alone and in batches of 500.

`python -m benchmarks.fast_path TEXTS.jsonl [--model DIR]`: the rows of `artifacts/data/test.jsonl`
will do. Processor time, the best of three runs, one thread.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from classifier import artifact
from classifier.artifact import read_manifest
from classifier.classifier import shipped_model
from classifier.labels import LABELS, Stage
from classifier.language import LanguageGuesser
from classifier.ngrams import NgramModel
from classifier.records import Score
from classifier.routing import labels_at, route
from classifier.segmenter import Segmenter
from classifier.text import normalise, normalise_all
from classifier.word_table import WordTable

TEXTS = 5_000
BATCH = 500
RUNS = 3
SEED = 7

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Table:
    """Times each step over the same texts and writes one line for each."""

    texts: int

    def time(self, name: str, work: Callable[[], Iterable[Result]]) -> list[Result]:
        """Run `work`, write the microseconds of processor time a text, return what it gave."""
        best = float("inf")
        for _ in range(RUNS):
            start = time.process_time()
            found = list(work())
            best = min(best, time.process_time() - start)
        sys.stdout.write(f"{name:44} {best / self.texts * 1e6:8.1f}\n")
        return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("texts", type=Path)
    parser.add_argument("--model", type=Path)
    args = parser.parse_args()
    folder = args.model or shipped_model()
    manifest = read_manifest(folder)
    tensors = load_file(folder / artifact.WEIGHTS)
    tokenizer = Tokenizer.from_file(str(folder / artifact.TOKENIZER))
    segmenter = Segmenter.load(folder / artifact.TOKENIZER)
    ngrams = NgramModel.from_tensors(tensors)
    words = WordTable(tensors["word.blocks"])
    guesser = LanguageGuesser(
        manifest.languages, words, tensors["language.weight"], tensors["language.bias"]
    )
    sent = _read(args.texts)
    table = Table(len(sent))

    table.time("normalise, one by one", lambda: map(normalise, sent))
    texts = table.time("normalise_all", lambda: _in_batches(normalise_all, sent))
    table.time(
        "tokenizers, encode_batch_fast",
        lambda: _in_batches(lambda some: tokenizer.encode_batch_fast(some), texts),
    )
    ids = table.time("Segmenter.ids", lambda: _in_batches(segmenter.ids, texts))
    table.time("NgramModel.logits", lambda: map(ngrams.logits, texts, ids))
    logits = table.time("NgramModel.logits_all", lambda: _in_batches(ngrams.logits_all, texts, ids))
    languages = table.time("LanguageGuesser.guess_all", lambda: _in_batches(guesser.guess_all, ids))
    calibrations = [manifest.calibration[label] for label in LABELS]

    def probabilities(some: Sequence[Any]) -> list[tuple[float, ...]]:
        columns = np.stack(some).T
        found = [c.apply(column).tolist() for c, column in zip(calibrations, columns, strict=True)]
        return list(zip(*found, strict=True))

    table.time(
        "calibration, one by one",
        lambda: (
            [float(c.apply(x)) for c, x in zip(calibrations, row, strict=True)] for row in logits
        ),
    )
    found = table.time("calibration", lambda: _in_batches(probabilities, logits))
    thresholds = manifest.thresholds

    def score(number: int) -> Score:
        scores = dict(zip(LABELS, found[number], strict=True))
        return Score(
            id=str(number),
            scores=scores,
            labels=labels_at(scores, thresholds),
            route=route(scores, thresholds),
            language=languages[number],
            stage=Stage.ENCODER,
            model=manifest.model,
            policy=manifest.policy,
        )

    scores = table.time("labels, route, Score", lambda: map(score, range(len(sent))))
    table.time(
        "to_dict, json.dumps",
        lambda: (json.dumps(score.to_dict(), ensure_ascii=False) for score in scores),
    )
    table.time("Score.to_json", lambda: (score.to_json() for score in scores))


def _read(path: Path) -> list[str]:
    with path.open(encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in lines]
    return random.Random(SEED).sample(texts, min(TEXTS, len(texts)))


def _in_batches(work: Callable[..., Iterable[Result]], *columns: Sequence[Any]) -> Iterable[Result]:
    for start in range(0, len(columns[0]), BATCH):
        yield from work(*(column[start : start + BATCH] for column in columns))


if __name__ == "__main__":
    main()
