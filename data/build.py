"""Sources to splits: read, clean, drop duplicates, split by group, check, write."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from classifier.errors import UsageError
from classifier.text import normalise
from data.clean import clean
from data.dedupe import UNITE_SIMILARITY, deduplicate
from data.leaks import check_no_leak
from data.manifest import Read, make_manifest
from data.partition import partition
from data.progress import Track, untracked
from data.readings import read_readings, readings_file, with_readings
from data.records import write_examples
from data.sources import corpus as corpus_source
from data.sources.catalogue import file_digest, gather
from data.splits import MANIFEST_NAME, split_path

DEFAULT_SEED = 6
"""Of the first forty the one whose split sizes come nearest to the fractions (sizes alone)."""


def build(
    out: Path,
    *,
    corpus: Sequence[Path],
    datasets: Path | None = None,
    emscad: str | None = None,
    decisions: Sequence[Path] = (),
    seed: int = DEFAULT_SEED,
    track: Track = untracked,
) -> dict[str, Any]:
    """Write the four splits and their manifest into `out`, and return the manifest.

    The same inputs, seed and versions give the same bytes. A build that is cut short leaves no
    manifest. Raises SchemaError, SourceError, LeakError, and UsageError when `out` cannot be
    written.
    """
    gathered = gather(corpus, datasets, emscad=emscad, decisions=decisions, track=track)
    cleaned = clean(track(gathered.examples, "Cleaning"), normalise)
    readings = readings_file()
    read, filled = with_readings(cleaned.examples, read_readings(readings))
    deduplicated = deduplicate(read, first_source=corpus_source.NAME, seed=seed, track=track)
    splits = partition(deduplicated.examples, seed=seed)
    check_no_leak(splits, threshold=UNITE_SIMILARITY, track=track)
    try:
        out.mkdir(parents=True, exist_ok=True)
        (out / MANIFEST_NAME).unlink(missing_ok=True)
        for name, examples in splits.items():
            part = split_path(out, name).with_suffix(".part")
            write_examples(part, examples)
            part.replace(split_path(out, name))
        paths = [split_path(out, name) for name in splits]
        outputs = {path.name: file_digest(path) for path in paths}
        manifest = make_manifest(
            gathered,
            cleaned,
            Read(file_digest(readings), filled),
            deduplicated,
            splits,
            outputs,
            seed=seed,
        )
        part = (out / MANIFEST_NAME).with_suffix(".part")
        part.write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
        part.replace(out / MANIFEST_NAME)
    except OSError as error:
        raise UsageError(f"the built data cannot be written to {out}: {error}") from error
    return manifest
