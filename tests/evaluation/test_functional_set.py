"""The functional set is what its card says, and independent of what a model is trained on."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

import data
from data.errors import SchemaError
from data.languages import is_known_language, language_of
from data.shingles import Shingles, Skeletons, shingles_of
from evaluation.sets.functional import (
    FUNCTIONAL,
    SAME_LABEL_CAPABILITIES,
    Case,
    read_functional,
)
from evaluation.sets.sets import digest

CORPUS = Path(data.__file__).parent / "corpus"

NEAR = 0.4
"""Jaccard similarity of shingles; from 0.6 on the corpus itself speaks of one text."""


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    return read_functional()


def _by_capability(cases: list[Case]) -> dict[str, list[Case]]:
    found: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        found[case.capability].append(case)
    return found


def _language(case: Case) -> str:
    return language_of(case.example.language, case.example.text)


def test_the_card_names_the_file_by_its_hash() -> None:
    card = FUNCTIONAL.with_suffix(".md").read_text(encoding="utf-8")

    assert digest(FUNCTIONAL) in card


def test_the_card_describes_every_capability_with_its_cases(cases: list[Case]) -> None:
    card = FUNCTIONAL.with_suffix(".md").read_text(encoding="utf-8")
    told = dict(re.findall(r"^\| `([a-z-]+)` \| (\d+) \(", card, re.MULTILINE))

    assert told == {name: str(len(of)) for name, of in _by_capability(cases).items()}
    assert f"{len(cases):,} cases" in card


def test_capabilities_are_many_and_each_has_cases_in_many_languages(cases: list[Case]) -> None:
    by_capability = _by_capability(cases)

    assert len(by_capability) >= 30
    assert min(len(of) for of in by_capability.values()) >= 12
    assert min(len({_language(case) for case in of}) for of in by_capability.values()) >= 5
    assert len({_language(case) for case in cases}) >= 10


def test_cases_are_distinct_and_their_languages_known(cases: list[Case]) -> None:
    assert len({case.example.id for case in cases}) == len(cases)
    assert len({case.example.text for case in cases}) == len(cases)
    assert all(is_known_language(case.example.language) for case in cases)


def test_members_of_a_pair_differ_in_their_labels_unless_only_an_identity_is_swapped(
    cases: list[Case],
) -> None:
    pairs: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        if case.pair is not None:
            pairs[case.pair].append(case)

    for pair, members in pairs.items():
        assert len(members) >= 2, pair
        assert len({case.capability for case in members}) == 1, pair
        labels = {tuple(case.example.labels.values()) for case in members}
        same = members[0].capability in SAME_LABEL_CAPABILITIES
        assert (len(labels) == 1) is same, pair


def test_no_case_is_near_a_row_of_the_corpus(cases: list[Case]) -> None:
    skeletons = Skeletons()
    rows = [
        json.loads(line)
        for path in sorted(CORPUS.glob("*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    index = _Index([shingles_of(skeletons.of(row["text"])) for row in rows])

    near = [
        (case.example.id, rows[place]["id"], similarity)
        for case in cases
        for place, similarity in [index.nearest(shingles_of(skeletons.of(case.example.text)))]
        if similarity >= NEAR
    ]

    assert near == []


def test_the_index_finds_a_row_that_is_near() -> None:
    skeletons = Skeletons()
    texts = ["the ferry to the island leaves at noon", "the boat to the island leaves at noon"]
    index = _Index([shingles_of(skeletons.of(text)) for text in texts])

    place, similarity = index.nearest(shingles_of(skeletons.of("A boat to the island, at noon")))

    assert place == 1
    assert 0.2 < similarity < 1


def test_a_case_with_a_facet_of_the_wrong_label_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "functional.jsonl"
    row = json.loads(FUNCTIONAL.read_text(encoding="utf-8").splitlines()[0])
    path.write_text(json.dumps(row | {"facet": "transport"}) + "\n", encoding="utf-8")

    with pytest.raises(SchemaError, match="one facet for each label"):
        read_functional(path)


class _Index:
    """The row that shares most of its shingles with a text, over all rows at once."""

    def __init__(self, rows: list[Shingles]) -> None:
        self._sizes = np.array([len(shingles) for shingles in rows])
        hashes = np.concatenate(rows)
        order = np.argsort(hashes, kind="stable")
        self._hashes = hashes[order]
        self._owners = np.repeat(np.arange(len(rows)), self._sizes)[order]

    def nearest(self, shingles: Shingles) -> tuple[int, float]:
        starts = np.searchsorted(self._hashes, shingles, "left")
        ends = np.searchsorted(self._hashes, shingles, "right")
        owners = [self._owners[start:end] for start, end in zip(starts, ends, strict=True)]
        shared = np.bincount(np.concatenate(owners), minlength=len(self._sizes))
        similarities = shared / (len(shingles) + self._sizes - shared)
        place = int(similarities.argmax())
        return place, float(similarities[place])
