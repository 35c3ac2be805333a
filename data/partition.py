"""Which split and which fold a group belongs to, by a hash that new rows do not disturb."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from data.records import Example
from data.splits import SPLITS

FOLDS = 5

LARGEST_SHARE = 0.05
"""A group with more than this share of its source goes to train: a test that is one campaign
measures that campaign."""


@dataclass(frozen=True, slots=True)
class Fractions:
    """Shares of a source's groups in each split; they add up to 1."""

    train: float
    validation: float
    calibration: float
    test: float


HELD_OUT_SOURCES = ("afrisenti", "hatecheck_multilingual", "umsab_ar_en")
"""Sources that lie in test whole: what a model says of a collection that it never saw.

One for each region: Africa; Europe, Latin America and Asia; the Middle East.
"""

PUBLIC_FRACTIONS = Fractions(0.75, 0.04, 0.06, 0.15)

FRACTIONS: Mapping[str, Fractions] = MappingProxyType(
    {
        **dict.fromkeys(HELD_OUT_SOURCES, Fractions(0.0, 0.0, 0.0, 1.0)),
        "corpus": Fractions(0.68, 0.07, 0.11, 0.14),
        "emscad": Fractions(0.64, 0.06, 0.10, 0.20),
    }
)
"""The sources with labels are small, so that more of them goes to calibration and test.

A group of several sources follows the first of them here.
"""


def partition(examples: Sequence[Example], *, seed: int) -> dict[str, list[Example]]:
    """Examples by split, each with its fold, in order of id.

    A group with a row of a held-out source is a test group. Others follow the fractions of the
    corpus if they have such rows, of EMSCAD next, of the public sets else.
    """
    sources: defaultdict[str, Counter[str]] = defaultdict(Counter)
    totals: Counter[str] = Counter()
    for example in examples:
        sources[example.group][example.source] += 1
        totals[example.source] += 1
    splits: dict[str, list[Example]] = {name: [] for name in SPLITS}
    for example in sorted(examples, key=lambda row: row.id):
        counts = sources[example.group]
        source = min(counts, key=lambda name: (_rank(name), name))
        too_large = counts[source] > max(LARGEST_SHARE * totals[source], 1)
        to_train = too_large and source not in HELD_OUT_SOURCES
        split = "train" if to_train else split_of(example.group, source, seed=seed)
        splits[split].append(replace(example, fold=fold_of(example.group, seed=seed)))
    return splits


def split_of(group: str, source: str, *, seed: int) -> str:
    """The split that a group of a source is hashed to."""
    fractions = FRACTIONS.get(source, PUBLIC_FRACTIONS)
    place = _uniform(f"split {seed} {group}")
    for name in SPLITS[:-1]:
        place -= getattr(fractions, name)
        if place < 0:
            return name
    return SPLITS[-1]


def fold_of(group: str, *, seed: int) -> int:
    """The fold for out-of-fold scores, 0-4, independent of the split."""
    return int(_uniform(f"fold {seed} {group}") * FOLDS)


def _rank(source: str) -> int:
    ranked = tuple(FRACTIONS)
    return ranked.index(source) if source in ranked else len(ranked)


def _uniform(key: str) -> float:
    """A number in [0, 1) that depends on the key alone."""
    digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:6], "big") / 2**48
