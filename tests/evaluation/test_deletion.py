"""What is deleted, how much of it, and what is compared."""

from __future__ import annotations

import numpy as np
import pytest

from classifier.classifier import Classifier
from classifier.labels import OUTPUTS, Label
from classifier.records import Evidence
from classifier.text import normalise
from evaluation.deletion import SHORTEST, Word, measure_drops, without, words_of
from tests.evaluation.examples import example

LABEL = Label.SMUGGLING_SERVICE


def _evidence(start: int, end: int, weight: float) -> Evidence:
    return Evidence(start, end, LABEL, weight)


def test_words_are_those_of_the_evidence_and_the_stretches_between() -> None:
    text = "new boat tonight, call me"

    found = words_of(text, [_evidence(9, 17, 0.2), _evidence(4, 8, 0.7)])

    assert [(text[word.start : word.end], word.weight) for word in found] == [
        ("new", 0.0),
        ("boat", 0.7),
        ("tonight,", 0.2),
        ("call", 0.0),
        ("me", 0.0),
    ]


def test_a_script_without_spaces_is_cut_by_its_evidence() -> None:
    text = "今晚有船出发"

    found = words_of(text, [_evidence(3, 4, 0.9)])

    assert [text[word.start : word.end] for word in found] == ["今晚有", "船", "出发"]


def test_overlapping_evidence_is_one_word() -> None:
    found = words_of("new boat", [_evidence(4, 8, 0.5), _evidence(4, 5, 0.25)])

    assert found == [Word(0, 3, 0.0), Word(4, 8, 0.75)]


def test_words_are_cut_out_wherever_they_stand() -> None:
    assert without("new boat tonight", [Word(9, 16, 1.0), Word(0, 3, 1.0)]) == " boat "


def test_a_drop_is_the_difference_of_the_uncalibrated_logits(tiny_classifier: Classifier) -> None:
    text = "new boat tonight call me"
    (drop,) = measure_drops(tiny_classifier, [example("a", text)], LABEL).by_evidence

    of_label = [
        span for span in tiny_classifier.explain(text).score.evidence or () if span.label is LABEL
    ]
    heaviest = max(words_of(text, of_label), key=lambda word: word.weight)
    left = normalise(without(text, [heaviest]))
    logits = tiny_classifier.logits([text, left])[:, OUTPUTS.index(LABEL)]

    assert drop == pytest.approx(logits[0] - logits[1], abs=0.02)


def test_a_text_too_short_to_lose_a_fifth_is_left_out(tiny_classifier: Classifier) -> None:
    short = example("short", " ".join(["boat"] * (SHORTEST - 1)))
    enough = example("enough", "new boat tonight call me")

    drops = measure_drops(tiny_classifier, [short, enough], LABEL)

    assert drops.examples == (enough,)
    assert len(drops.by_evidence) == len(drops.at_random) == 1


def test_the_same_seed_draws_the_same_words(tiny_classifier: Classifier) -> None:
    rows = [example(str(n), f"new boat number {n} tonight call me") for n in range(4)]

    first, second = (measure_drops(tiny_classifier, rows, LABEL, seed=3) for _ in range(2))
    other = measure_drops(tiny_classifier, rows, LABEL, seed=4)

    np.testing.assert_allclose(first.at_random, second.at_random, atol=0.02)
    assert not np.allclose(first.at_random, other.at_random, atol=0.02)
