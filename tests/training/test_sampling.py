from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from data.records import Example
from tests.training.examples import cell
from training.recipe import Sampling
from training.sampling import Draw, draw_epoch, plan_batches, pool_of

SAMPLING = Sampling(
    epochs=2,
    texts_per_epoch=2_000,
    temper=0.5,
    share={"corpus": 0.6, "emscad": 0.1, "public": 0.3},
    evasion=0.2,
)


@pytest.fixture(scope="module")
def examples() -> list[Example]:
    return [
        *cell("corpus", "en", 900),
        *cell("corpus", "en", 100, smuggling=True),
        *cell("corpus", "so", 9, smuggling=True),
        *cell("emscad", "en", 500),
        *cell("afrisenti", "sw", 800),
        *cell("brighter", "en", 200),
    ]


def drawn_by_source(examples: list[Example], draws: list[Draw]) -> Counter[str]:
    return Counter(examples[draw.row].source for draw in draws)


def test_each_pool_gets_its_share(examples: list[Example]) -> None:
    counts = drawn_by_source(examples, draw_epoch(examples, SAMPLING, 7, 0))
    assert sum(counts.values()) == pytest.approx(2_000, abs=1)
    assert counts["corpus"] == pytest.approx(1_200, abs=1)
    assert counts["emscad"] == pytest.approx(200, abs=1)
    assert counts["afrisenti"] + counts["brighter"] == pytest.approx(600, abs=1)


def test_a_pool_without_rows_leaves_its_share_to_the_rest(examples: list[Example]) -> None:
    rest = [row for row in examples if row.source != "emscad"]
    counts = drawn_by_source(rest, draw_epoch(rest, SAMPLING, 7, 0))
    assert sum(counts.values()) == pytest.approx(2_000, abs=1)
    assert counts["corpus"] == pytest.approx(2_000 * 0.6 / 0.9, abs=1)


def test_a_pool_of_no_share_is_never_drawn(examples: list[Example]) -> None:
    alone = replace(SAMPLING, share={"corpus": 1.0, "emscad": 0.0, "public": 0.0})
    assert set(drawn_by_source(examples, draw_epoch(examples, alone, 7, 0))) == {"corpus"}


def test_a_row_comes_its_expected_number_of_times_or_one_off(examples: list[Example]) -> None:
    """Cells of 900, 100 and 9 rows have weights of their square roots: 30, 10 and 3."""
    for epoch in range(3):
        times = Counter(draw.row for draw in draw_epoch(examples, SAMPLING, 7, epoch))
        for rows, root in ((range(900), 30), (range(900, 1_000), 10), (range(1_000, 1_009), 3)):
            expected = 1_200 * root / 43 / len(rows)
            assert all(abs(times[row] - expected) < 1 + 1e-9 for row in rows)


def test_no_language_is_drowned(examples: list[Example]) -> None:
    draws = draw_epoch(examples, SAMPLING, 7, 0)
    somali = sum(examples[draw.row].language == "so" for draw in draws)
    assert somali == pytest.approx(1_200 * 3 / 43, abs=1)
    assert somali / 1_200 > 5 * 9 / 1_009  # five times its part of the rows


@pytest.mark.parametrize(("temper", "expected"), [(0.0, 1_200 * 9 / 1_009), (1.0, 400)])
def test_the_temper_goes_from_rows_alike_to_cells_alike(
    examples: list[Example], temper: float, expected: float
) -> None:
    draws = draw_epoch(examples, replace(SAMPLING, temper=temper), 7, 0)
    somali = sum(examples[draw.row].language == "so" for draw in draws)
    assert somali == pytest.approx(expected, abs=1)


def test_the_same_seed_and_epoch_draw_the_same_and_others_do_not(examples: list[Example]) -> None:
    once = draw_epoch(examples, SAMPLING, 7, 0)
    assert draw_epoch(examples, SAMPLING, 7, 0) == once
    rows = [draw.row for draw in once]
    assert [draw.row for draw in draw_epoch(examples, SAMPLING, 7, 1)] != rows
    assert [draw.row for draw in draw_epoch(examples, SAMPLING, 8, 0)] != rows


def test_repeats_of_a_row_are_numbered(examples: list[Example]) -> None:
    draws = draw_epoch(examples, SAMPLING, 7, 3)
    assert len(set(draws)) == len(draws)
    assert {draw.epoch for draw in draws} == {3}
    of_somali = [draw.copy for draw in draws if draw.row == 1_000]
    assert of_somali == list(range(len(of_somali)))


def test_a_source_without_a_share_of_its_own_is_public(examples: list[Example]) -> None:
    pools = tuple(SAMPLING.share)
    assert pool_of(examples[0], pools) == "corpus"
    assert pool_of(examples[-1], pools) == "public"


def test_batches_hold_every_draw_once(examples: list[Example]) -> None:
    draws = draw_epoch(examples, SAMPLING, 7, 0)
    batches = plan_batches(draws, [len(row.text) for row in examples], 16, 7)
    assert sorted(map(repr, (draw for batch in batches for draw in batch))) == sorted(
        map(repr, draws)
    )
    assert all(len(batch) <= 16 for batch in batches)
    assert plan_batches(draws, [len(row.text) for row in examples], 16, 7) == batches


def test_texts_of_a_batch_are_of_like_length(examples: list[Example]) -> None:
    lengths = [len(row.text) for row in examples]
    draws = draw_epoch(examples, SAMPLING, 7, 0)
    batches = plan_batches(draws, lengths, 16, 7)
    spreads = [
        max(lengths[draw.row] for draw in batch) - min(lengths[draw.row] for draw in batch)
        for batch in batches
    ]
    assert np.mean(spreads) < 0.2 * (max(lengths) - min(lengths))
    middles = [lengths[batch[0].row] for batch in batches]
    assert middles != sorted(middles)


def test_no_draws_make_no_batches() -> None:
    assert plan_batches([], [], 16, 7) == []


def test_twins_share_a_batch_where_groups_are_given(examples: list[Example]) -> None:
    """Groups of three: all but those that the end of a batch cuts stay together."""
    draws = draw_epoch(examples, SAMPLING, 7, 0)
    groups = [str(row // 3) for row in range(len(examples))]
    batches = plan_batches(draws, [len(row.text) for row in examples], 16, 7, groups)
    drawn = [draw for batch in batches for draw in batch]
    assert sorted(map(repr, drawn)) == sorted(map(repr, draws))
    assert all(len(batch) <= 16 for batch in batches)
    places: dict[str, set[int]] = {}
    for number, batch in enumerate(batches):
        for draw in batch:
            places.setdefault(groups[draw.row], set()).add(number)
    sizes = Counter(groups[draw.row] for draw in draws)
    small = [group for group, size in sizes.items() if 1 < size <= 8]
    assert sum(len(places[group]) == 1 for group in small) > 0.75 * len(small)
