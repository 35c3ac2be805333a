from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.labels import Label
from data.dedupe import Deduplicated, GroupUnion, deduplicate
from data.records import Example
from data.shingles import Skeletons, jaccard, pairs_with_equal_keys, shingles_of
from tests.data.builders import LONG, NEARLY, RELATED, example

FAKE_JOB = {Label.SMUGGLING_SERVICE: False, Label.FAKE_JOB: True}


def run(*examples: Example) -> Deduplicated:
    return deduplicate(examples, first_source="corpus", seed=1)


def ids(result: Deduplicated) -> list[str]:
    return [row.id for row in result.examples]


def test_texts_equal_but_for_case_digits_and_marks_are_kept_once() -> None:
    result = run(example("a:2", "Only 20 seats left!"), example("a:1", "only 7 SEATS left 🚤"))
    assert ids(result) == ["a:1"]
    assert result.exact_dropped == 1


def test_the_corpus_comes_before_other_sources() -> None:
    result = run(example("a:1", LONG), example("corpus:9", LONG, source="corpus"))
    assert ids(result) == ["corpus:9"]


def test_near_duplicates_with_the_same_labels_are_kept_once() -> None:
    result = run(example("a:1", LONG), example("a:2", NEARLY))
    assert ids(result) == ["a:1"]
    assert result.near_dropped == 1


def test_near_duplicates_with_other_labels_stay_in_one_group() -> None:
    result = run(example("a:1", LONG), example("a:2", NEARLY, labels=FAKE_JOB))
    assert ids(result) == ["a:1", "a:2"]
    assert {row.group for row in result.examples} == {"group of a:1"}


def test_an_unknown_label_is_not_taken_for_a_known_one() -> None:
    unknown = {Label.SMUGGLING_SERVICE: None, Label.FAKE_JOB: False}
    result = run(example("a:1", LONG), example("a:2", LONG, labels=unknown))
    assert len(result.examples) == 2
    assert {row.group for row in result.examples} == {"group of a:1"}


def test_near_duplicates_in_two_languages_stay_in_one_group() -> None:
    result = run(example("a:1", LONG), example("a:2", NEARLY, language="pcm"))
    assert len(result.examples) == 2
    assert len({row.group for row in result.examples}) == 1


def test_less_alike_texts_stay_and_share_a_group() -> None:
    skeletons = Skeletons()
    similarity = jaccard(shingles_of(skeletons.of(LONG)), shingles_of(skeletons.of(RELATED)))
    assert 0.6 <= similarity < 0.8
    result = run(example("a:1", LONG), example("a:2", RELATED), example("a:3", "Another text"))
    assert ids(result) == ["a:1", "a:2", "a:3"]
    assert [row.group for row in result.examples] == ["group of a:1"] * 2 + ["group of a:3"]


def test_a_dropped_row_unites_the_groups_it_linked() -> None:
    result = run(
        example("a:1", LONG, group="g1"),
        example("a:2", NEARLY, group="g2"),
        example("a:3", "Something else entirely", group="g2"),
    )
    assert ids(result) == ["a:1", "a:3"]
    assert {row.group for row in result.examples} == {"g1"}


def test_rows_of_emoji_and_prices_are_not_one_text() -> None:
    result = run(example("a:1", "🇦🇱➡️🇬🇧 3000 £"), example("a:2", "🇷🇸➡️🇩🇪 1500 €"))
    assert len(result.examples) == 2


def test_vowel_signs_tell_texts_apart() -> None:
    skeletons = Skeletons()
    assert skeletons.of("काम मिलेगा अभी") != skeletons.of("कम मिलगा अभी")


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), max_size=40))
def test_united_groups_have_one_name_and_it_is_the_smallest(links: list[tuple[int, int]]) -> None:
    union = GroupUnion()
    members = {n: {n} for n in range(21)}
    for first, second in links:
        union.unite(f"{first:02}", f"{second:02}")
        merged = members[first] | members[second]
        for n in merged:
            members[n] = merged
    assert all(union.find(f"{n:02}") == f"{min(members[n]):02}" for n in members)


@given(st.lists(st.integers(0, 6), max_size=30))
def test_all_pairs_of_equal_keys_are_found_once(keys: list[int]) -> None:
    found = [
        tuple(sorted(pair))
        for chunk in pairs_with_equal_keys(np.array(keys, dtype=np.uint64))
        for pair in chunk.tolist()
    ]
    expected = [(i, j) for j in range(len(keys)) for i in range(j) if keys[i] == keys[j]]
    assert sorted(found) == sorted(expected)


@given(st.text(min_size=1, max_size=60), st.text(min_size=1, max_size=60))
def test_jaccard_agrees_with_sets_of_substrings(first: str, second: str) -> None:
    def substrings(text: str) -> set[str]:
        width = min(5, len(text))
        return {text[start : start + width] for start in range(len(text) - width + 1)}

    a, b = substrings(first), substrings(second)
    assert jaccard(shingles_of(first), shingles_of(second)) == pytest.approx(
        len(a & b) / len(a | b)
    )
