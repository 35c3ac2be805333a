from __future__ import annotations

import numpy as np
import torch

from classifier.rows import end_to_end
from classifier.tokenizer import BOS, EOS, PAD
from training.distillation.padding import Openings

ROWS = end_to_end([[5, 6, 7, 8], [9], [10, 11, 12]])
OPENINGS = Openings(ROWS, 3, torch.device("cpu"))


def test_texts_are_cut_to_the_room_and_padded_to_the_longest_of_the_batch() -> None:
    batch = OPENINGS.padded(np.array([1, 0]))
    assert batch.ids.tolist() == [[9, PAD, PAD], [5, 6, 7]]
    assert batch.mask.tolist() == [[True, False, False], [True, True, True]]
    assert batch.lengths.tolist() == [1, 3]


def test_a_window_is_framed_by_the_special_tokens() -> None:
    framed = OPENINGS.padded(np.array([1, 0])).framed()
    assert framed.tolist() == [[BOS, 9, EOS, PAD, PAD], [BOS, 5, 6, 7, EOS]]


def test_batches_hold_every_text_once_within_their_tokens() -> None:
    batches = list(OPENINGS.by_length(np.array([0, 1, 2]), tokens=6))
    assert [batch.tolist() for batch in batches] == [[1, 0], [2]]
    assert [batch.tolist() for batch in OPENINGS.by_length(np.array([0]), tokens=1)] == [[0]]
