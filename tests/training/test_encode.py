from __future__ import annotations

import math

import pytest
import torch
from tokenizers import Tokenizer

from classifier.labels import OUTPUTS
from classifier.tokenizer import BOS, EOS, PAD, SPECIAL_PIECES, build_tokenizer
from classifier.windows import WindowShape, window_starts
from data.records import Example
from tests.training.examples import cell
from training.encode import FixedBatches, PlannedBatches, pad, token_ids
from training.sampling import Draw

WINDOW = WindowShape(size=24, overlap=6)
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    special = [(piece, 0.0) for piece in SPECIAL_PIECES]
    return build_tokenizer([*special, ("▁", -2.0), *((letter, -8.0) for letter in LETTERS)])


@pytest.fixture(scope="module")
def examples() -> list[Example]:
    return [*cell("corpus", "en", 10), *cell("corpus", "fr", 10, smuggling=None)]


def planned(
    examples: list[Example], plan: list[list[Draw]], tokenizer: Tokenizer, evasion: float = 0.5
) -> PlannedBatches:
    return PlannedBatches(examples, plan, tokenizer, WINDOW, evasion, seed=3)


def test_rows_are_framed_and_padded_to_the_longest() -> None:
    assert pad([[7, 8, 9], [7]]).tolist() == [[BOS, 7, 8, 9, EOS], [BOS, 7, EOS, PAD, PAD]]


def test_a_draw_looks_the_same_in_whatever_run_and_batch_it_is_built(
    examples: list[Example], tokenizer: Tokenizer
) -> None:
    """What a resumed run rests on: the batches before a draw have no part in it."""
    draws = [Draw(epoch, row, copy) for epoch in (0, 1) for row in range(20) for copy in (0, 1)]
    together = planned(examples, [draws], tokenizer)[0]["input_ids"]
    alone = planned(examples, [[draw] for draw in draws], tokenizer)
    for index in reversed(range(len(draws))):
        (row,) = alone[index]["input_ids"].tolist()
        assert together[index].tolist()[: len(row)] == row


def test_epochs_and_copies_are_disguised_differently(
    examples: list[Example], tokenizer: Tokenizer
) -> None:
    draws = [[Draw(epoch, 5, copy)] for epoch in range(8) for copy in range(4)]
    batches = planned(examples, draws, tokenizer, evasion=1.0)
    looks = {tuple(batches[index]["input_ids"][0].tolist()) for index in range(len(draws))}
    assert len(looks) > len(draws) // 2


def test_without_evasion_a_short_text_is_shown_as_it_is(
    examples: list[Example], tokenizer: Tokenizer
) -> None:
    draws = [Draw(0, 0, 0), Draw(1, 0, 1)]
    rows = planned(examples, [draws], tokenizer, evasion=0.0)[0]["input_ids"].tolist()
    (ids,) = token_ids(tokenizer, [examples[0].text])
    assert len(ids) > WINDOW.size - 2
    windows = [
        [BOS, *ids[start : start + WINDOW.size - 2], EOS]
        for start in window_starts(len(ids), WINDOW)
    ]
    assert all(row in windows for row in rows)


def test_twins_are_the_same_texts_in_another_disguise(
    examples: list[Example], tokenizer: Tokenizer
) -> None:
    draws = [Draw(0, row, 0) for row in range(8)]
    plain = planned(examples, [draws], tokenizer, evasion=0.0)[0]
    twins = PlannedBatches(examples, [draws], tokenizer, WINDOW, 0.0, seed=3, twins=True)[0]
    assert "twin_ids" not in plain
    assert torch.equal(twins["input_ids"], plain["input_ids"])
    assert len(twins["twin_ids"]) == len(draws)
    assert twins["twin_ids"].tolist() != plain["input_ids"].tolist()


def test_a_long_text_shows_every_window_and_its_opening_most(
    examples: list[Example], tokenizer: Tokenizer
) -> None:
    (ids,) = token_ids(tokenizer, [examples[6].text])
    starts = window_starts(len(ids), WINDOW)
    assert len(starts) > 2
    batches = planned(examples, [[Draw(0, 6, copy)] for copy in range(200)], tokenizer, 0.0)
    shown = [batches[index]["input_ids"][0, 1:-1].tolist() for index in range(200)]
    counts = [shown.count(ids[start : start + WINDOW.size - 2]) for start in starts]
    assert sum(counts) >= 185  # a stop that is added now and then shifts the last window by one
    assert min(counts) > 0
    assert counts[0] == pytest.approx(100 + 100 / len(starts), abs=30)


def test_labels_go_with_their_rows(examples: list[Example], tokenizer: Tokenizer) -> None:
    labels = planned(examples, [[Draw(0, 15, 0), Draw(0, 2, 0)]], tokenizer)[0]["labels"]
    assert labels.shape == (2, len(OUTPUTS))
    assert math.isnan(labels[0, 0].item())
    assert labels[1].tolist() == [0.0] * len(OUTPUTS)


def test_fixed_batches_show_each_opening_once_and_nothing_disguised(
    examples: list[Example], tokenizer: Tokenizer
) -> None:
    batches = FixedBatches(examples, tokenizer, WINDOW, batch=8)
    assert len(batches) == 3
    shown = sorted(
        [token for token in row if token != PAD]
        for index in range(len(batches))
        for row in batches[index]["input_ids"].tolist()
    )
    openings = [
        [BOS, *ids[: WINDOW.size - 2], EOS]
        for ids in token_ids(tokenizer, [row.text for row in examples])
    ]
    assert shown == sorted(openings)
    unknown = sum(int(torch.isnan(batches[index]["labels"][:, 0]).sum()) for index in range(3))
    assert unknown == 10
