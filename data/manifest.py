"""The manifest of a build: what went in, how, and what came out."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from classifier.labels import LABELS, POLICY_VERSION
from data import dedupe, partition, shingles
from data.clean import Cleaned
from data.dedupe import Deduplicated
from data.languages import language_of
from data.records import Example
from data.sources.catalogue import Gathered

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Read:
    """The SHA-256 of the file of readings, and how many rows they gave a label."""

    digest: str
    rows: int


def make_manifest(
    gathered: Gathered,
    cleaned: Cleaned,
    read: Read,
    deduplicated: Deduplicated,
    splits: Mapping[str, Sequence[Example]],
    outputs: Mapping[str, str],
    *,
    seed: int,
) -> dict[str, Any]:
    """All that a reader needs to trust or repeat the build; no time, host or path in it.

    `outputs` maps file names to SHA-256. `hash` covers everything else, so that one string names
    the build.
    """
    manifest: dict[str, Any] = {
        "format": FORMAT,
        "policy": POLICY_VERSION,
        "seed": seed,
        "parameters": _parameters(),
        "inputs": dict(sorted(gathered.inputs.items())),
        "absent": sorted(gathered.absent),
        "rows_read": len(gathered.examples),
        "readings": asdict(read),
        "dropped": {
            "empty": cleaned.empty,
            "too_long": cleaned.too_long,
            "exact_duplicates": deduplicated.exact_dropped,
            "near_duplicates": deduplicated.near_dropped,
        },
        "groups": {
            "united": deduplicated.united_groups,
            "largest": deduplicated.largest_group,
        },
        "outputs": dict(sorted(outputs.items())),
        "counts": {name: count(examples) for name, examples in splits.items()},
    }
    return {"hash": digest_of(manifest), **manifest}


def count(examples: Sequence[Example]) -> dict[str, Any]:
    """Rows and groups of a split, and the labels in it by source, language and slice."""

    def by(key: Callable[[Example], str]) -> dict[str, dict[str, Any]]:
        parts: dict[str, list[Example]] = {}
        for example in examples:
            parts.setdefault(key(example), []).append(example)
        return {name: _label_counts(parts[name]) for name in sorted(parts)}

    return {
        "groups": len({example.group for example in examples}),
        **_label_counts(examples),
        "by_source": by(lambda row: row.source),
        "by_language": by(lambda row: language_of(row.language, row.text)),
        "by_slice": by(lambda row: row.slice),
    }


def digest_of(manifest: Mapping[str, Any]) -> str:
    """The SHA-256 of the manifest's canonical JSON, without its own `hash`."""
    body = {key: value for key, value in manifest.items() if key != "hash"}
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _label_counts(examples: Sequence[Example]) -> dict[str, Any]:
    counts: dict[str, Any] = {"rows": len(examples)}
    for label in LABELS:
        values = Counter(example.labels[label] for example in examples)
        counts[label.value] = {"1": values[True], "0": values[False], "null": values[None]}
    return counts


def _parameters() -> dict[str, Any]:
    return {
        "unicode": unicodedata.unidata_version,
        "shingle_characters": shingles.SHINGLE_CHARACTERS,
        "minhash_permutations": dedupe.PERMUTATIONS,
        "minhash_band_values": dedupe.BAND_VALUES,
        "drop_similarity": dedupe.DROP_SIMILARITY,
        "unite_similarity": dedupe.UNITE_SIMILARITY,
        "folds": partition.FOLDS,
        "largest_share": partition.LARGEST_SHARE,
        "fractions": {
            **{name: asdict(fractions) for name, fractions in partition.FRACTIONS.items()},
            "other": asdict(partition.PUBLIC_FRACTIONS),
        },
    }
