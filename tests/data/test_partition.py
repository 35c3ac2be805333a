from __future__ import annotations

from collections import Counter

import pytest

from data.errors import LeakError
from data.leaks import check_no_leak
from data.partition import (
    FRACTIONS,
    HELD_OUT_SOURCES,
    PUBLIC_FRACTIONS,
    fold_of,
    partition,
    split_of,
)
from data.sources.public import PUBLIC_SETS
from data.splits import SPLITS
from tests.data.builders import LONG, RELATED, example


def test_fractions_add_up() -> None:
    for fractions in (PUBLIC_FRACTIONS, *FRACTIONS.values()):
        assert sum(getattr(fractions, name) for name in SPLITS) == pytest.approx(1)


@pytest.mark.parametrize("source", ["corpus", "emscad", "brighter", "afrisenti"])
def test_splits_get_their_fraction_of_groups(source: str) -> None:
    counts = Counter(split_of(f"g{n}", source, seed=1) for n in range(20_000))
    fractions = FRACTIONS.get(source, PUBLIC_FRACTIONS)
    for name in SPLITS:
        assert counts[name] / 20_000 == pytest.approx(getattr(fractions, name), abs=0.01)


def test_folds_are_even_and_independent_of_the_split() -> None:
    counts = Counter(
        fold_of(f"g{n}", seed=1) for n in range(20_000) if split_of(f"g{n}", "x", seed=1) == "test"
    )
    assert sorted(counts) == [0, 1, 2, 3, 4]
    assert min(counts.values()) > 0.9 * max(counts.values())


def test_a_group_lies_in_one_split_and_one_fold() -> None:
    rows = [example(f"a:{n:03}", f"text {n}", group=f"g{n % 40}") for n in range(200)]
    placed: dict[str, set[tuple[str, int | None]]] = {}
    for name, examples in partition(rows, seed=1).items():
        for row in examples:
            placed.setdefault(row.group, set()).add((name, row.fold))
    assert len(placed) == 40
    assert all(len(places) == 1 for places in placed.values())


def test_other_rows_do_not_move_a_group() -> None:
    rows = [example(f"a:{n:03}", f"text {n}") for n in range(60)]

    def places(count: int) -> dict[str, str]:
        splits = partition(rows[:count], seed=1)
        return {row.id: name for name, examples in splits.items() for row in examples}

    before, after = places(40), places(60)
    assert before == {row_id: after[row_id] for row_id in before}


def test_a_group_that_is_a_large_share_of_its_source_goes_to_train() -> None:
    for seed in range(20):
        rows = [example(f"a:{n:03}", f"text {n}", group="campaign") for n in range(30)]
        rows += [example(f"b:{n:03}", f"text {n}") for n in range(70)]
        train = partition(rows, seed=seed)["train"]
        assert sum(row.group == "campaign" for row in train) == 30


def test_the_held_out_sources_are_public_sets() -> None:
    assert set(HELD_OUT_SOURCES) < {public_set.name for public_set in PUBLIC_SETS}


@pytest.mark.parametrize("source", HELD_OUT_SOURCES)
def test_a_held_out_source_lies_in_test_whole(source: str) -> None:
    for seed in range(20):
        rows = [example(f"a:{n:03}", f"text {n}", source=source, group="large") for n in range(30)]
        rows += [example(f"b:{n:03}", f"text {n}", source=source) for n in range(70)]
        splits = partition(rows, seed=seed)
        assert len(splits["test"]) == 100
        assert sum(map(len, splits.values())) == 100


@pytest.mark.parametrize("other", ["corpus", "emscad", "brighter"])
def test_what_resembles_a_held_out_source_follows_it_to_test(other: str) -> None:
    held_out = example("a:1", "text", source="afrisenti", group="both")
    for seed in range(20):
        rows = [example(f"b:{n}", f"text {n}", source=other, group="both") for n in range(3)]
        assert len(partition([*rows, held_out], seed=seed)["test"]) == 4


def test_independent_splits_pass() -> None:
    check_no_leak(
        {"train": [example("a:1", LONG)], "test": [example("a:2", "Something else")]},
        threshold=0.6,
    )
    check_no_leak({"train": [], "test": []}, threshold=0.6)


def test_a_planted_near_duplicate_is_found_and_named() -> None:
    others = [example(f"b:{n}", f"{LONG[n : n + 60]} {n * 'harbour '}") for n in range(0, 60, 20)]
    splits = {
        "train": [*others, example("a:1", LONG)],
        "validation": [],
        "test": [example("a:2", RELATED)],
    }
    with pytest.raises(LeakError, match=r"1 pairs .* a:1 and a:2"):
        check_no_leak(splits, threshold=0.6)


@pytest.mark.parametrize("key", ["group", "id"])
def test_a_group_or_id_in_two_splits_is_found(key: str) -> None:
    splits = {
        "train": [example("a:1", "One text")],
        "test": [example("a:2", "Quite another", **{key: "same"})],
    }
    splits["train"][0] = example("a:1", "One text", **{key: "same"})
    with pytest.raises(LeakError, match=f"{key} same lies in both train and test"):
        check_no_leak(splits, threshold=0.6)
