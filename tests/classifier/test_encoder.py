from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.classifier import Classifier
from classifier.encoder import ANY_NUMBER, BATCH_TOKENS, PADDED_TO, _batches
from classifier.evidence import words_of
from classifier.labels import LABELS, OUTPUTS
from classifier.text import normalise

TEXTS = ("boat to Italy, pay on arrival", "漢字 かな boat", "one\ntwo three", "x")


def shares_of(classifier: Classifier, text: str) -> npt.NDArray[np.float32]:
    encoding = classifier._segmenter.segments(normalise(text))
    (shares,) = classifier._encoder.shares([encoding.ids])
    return shares


@given(st.lists(st.integers(1, 600), max_size=80))
def test_a_batch_is_of_few_windows_or_a_power_of_two_of_no_more_tokens_than_it_may_hold(
    lengths: list[int],
) -> None:
    windows = [[5] * length for length in lengths]
    order = sorted(range(len(windows)), key=lengths.__getitem__)
    batches = _batches(order, windows)
    assert [index for members in batches for index in members] == order
    for members in batches:
        padded = len(members) * (max(lengths[index] for index in members) + 2)
        assert padded <= BATCH_TOKENS or len(members) == 1
        assert len({(lengths[index] + 1) // PADDED_TO for index in members}) == 1
        assert len(members) <= ANY_NUMBER or len(members).bit_count() == 1


def test_shares_come_in_the_order_of_the_windows(classifier: Classifier) -> None:
    windows: list[Sequence[int]] = [[5 + n] * length for n, length in enumerate((9, 2, 30, 2, 46))]
    together = classifier._encoder.shares(windows)
    for window, shares in zip(windows, together, strict=True):
        (alone,) = classifier._encoder.shares([window])
        assert shares.shape == (len(window), len(OUTPUTS))
        np.testing.assert_allclose(shares, alone, atol=1e-6)


def test_no_windows_give_no_shares(classifier: Classifier) -> None:
    assert classifier._encoder.shares([]) == []


@pytest.mark.parametrize("text", TEXTS)
def test_shares_of_all_words_and_the_bias_make_the_logit(classifier: Classifier, text: str) -> None:
    normalised = normalise(text)
    encoding = classifier._segmenter.segments(normalised)
    shares = shares_of(classifier, text)
    words = words_of(normalised, encoding.spans)
    of_words = sum(shares[word.first : word.last].sum(axis=0) for word in words) / len(shares)
    (logits,) = classifier.logits([normalised])
    bias = classifier._encoder._bias
    np.testing.assert_allclose(of_words + bias, logits, atol=1e-4)


def test_evidence_weights_are_the_shares_of_their_words(classifier: Classifier) -> None:
    """A text of two words keeps both: neither alone makes 95 % of the weight."""
    found = 0
    for text in ("boat tonight", "typing work", "seat left"):
        (logits,) = classifier.logits([text])
        evidence = classifier.explain(text).score.evidence
        assert evidence is not None
        for index, label in enumerate(LABELS):
            weights = [span.weight for span in evidence if span.label is label]
            if len(weights) == 2:
                found += 1
                total = sum(weights) + classifier._encoder._bias[index]
                assert total == pytest.approx(logits[index], abs=0.02)
    assert found


def test_a_long_text_is_worth_its_worst_window(classifier: Classifier) -> None:
    text = " ".join(f"word{n}" for n in range(40))
    shape = classifier.manifest.window
    ids = classifier._segmenter.segments(text).ids
    room = shape.size - 2
    step = room - shape.overlap
    starts = [*range(0, len(ids) - room, step), len(ids) - room]
    windows = [ids[start : start + room] for start in starts]
    of_windows = np.stack(
        [classifier._encoder.logits(shares) for shares in classifier._encoder.shares(windows)]
    )
    (logits,) = classifier.logits([text])
    np.testing.assert_allclose(logits, of_windows.max(axis=0), atol=0.02)
