"""The sample posts that ship with the page and the demo."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from classifier.records import Post
from serving.pages.languages import language_name

SAMPLES_FILE = Path(__file__).parents[1] / "samples.jsonl"

FEATURED = 12
"""Shown at once; the rest unfolds."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A post written for this project. `kind` says in plain words what it is."""

    post: Post
    language: str
    kind: str

    @property
    def id(self) -> str:
        return self.post.id

    @property
    def language_name(self) -> str:
        return language_name(self.language)


def load_samples(path: Path = SAMPLES_FILE) -> tuple[Sample, ...]:
    """All samples, in the order of the file, which begins with a varied dozen."""
    with path.open(encoding="utf-8") as lines:
        return tuple(_read(json.loads(line)) for line in lines)


def find_sample(samples: Iterable[Sample], sample_id: str) -> Sample | None:
    return next((sample for sample in samples if sample.id == sample_id), None)


def _read(row: dict[str, str]) -> Sample:
    return Sample(
        post=Post(row["id"], row["text"], row.get("title")),
        language=row["language"],
        kind=row["kind"],
    )
