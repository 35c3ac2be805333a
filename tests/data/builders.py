"""Small inputs for the tests of `data`."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from classifier.labels import Label
from data.records import Example, facets_for
from data.sources.corpus import corpus_files

LONG = (
    "We meet on Saturday at the old harbour to clean the beach, bring gloves and a bucket, "
    "the town gives us bags and there is soup for everybody afterwards"
)
NEARLY = LONG.replace("Saturday", "Sunday")
RELATED = LONG.replace("bring gloves and a bucket", "children are welcome as well")
"""NEARLY is a near duplicate of LONG; RELATED is alike enough to share its group."""


def corpus_row(**changes: Any) -> dict[str, Any]:
    """A valid row of the corpus, changed."""
    return {
        "id": "x-0001",
        "group": "x-g001",
        "text": "Seats on the boat this Thursday, pay when you arrive, inbox",
        "lang": "en-GB",
        "smuggling_service": 1,
        "fake_job": 0,
        "slice": "smuggling_transport",
        "evasion": None,
        "coded": False,
        **changes,
    }


def public_row(**changes: Any) -> dict[str, Any]:
    """A valid row of a public set that was screened by keyword, changed."""
    return {
        "text": "What a match last night, three goals in ten minutes",
        "lang": "en",
        "smuggling_service": 0,
        "fake_job": 0,
        "source": "a public set",
        "slice": "social_post",
        "group": None,
        **changes,
    }


def write_rows(path: Path, rows: Iterable[Mapping[str, Any]]) -> Path:
    """Writes JSONL, gzip-compressed where the name ends in .gz."""
    body = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
    path.write_bytes(gzip.compress(body) if path.suffix == ".gz" else body)
    return path


def corpus_sample(folder: Path, rows: int = 60) -> list[Path]:
    """The first rows of each corpus file, as files of the same names."""
    samples = []
    for path in corpus_files():
        lines = path.read_bytes().splitlines(keepends=True)[:rows]
        sample = folder / path.name
        sample.write_bytes(b"".join(lines))
        samples.append(sample)
    return samples


def example(row_id: str, text: str, **changes: Any) -> Example:
    """A benign English example, alone in its group unless `changes` says otherwise."""
    values: dict[str, Any] = {
        "id": row_id,
        "group": f"group of {row_id}",
        "source": "brighter",
        "text": text,
        "language": "en",
        "labels": {Label.SMUGGLING_SERVICE: False, Label.FAKE_JOB: False},
        "slice": "social_post",
        **changes,
    }
    return Example(**{"facets": facets_for(values["labels"], None), **values})
