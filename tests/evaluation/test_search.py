"""The search asks within its budget, finds what a model hangs on, and changes no more."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest

from classifier.classifier import Classifier
from classifier.labels import LABELS, Label
from evaluation.attacks.search import DROPPED, QUERIES, Target, search
from evaluation.attacks.victims import NormalisedVictim
from evaluation.attacks.words import words_of
from evaluation.errors import UnscorableExampleError
from evaluation.kept import ScoredByModel
from evaluation.metrics import Floats
from tests.evaluation.examples import example

ADVERT = "we take you by boat to the coast tonight and you pay us only after the arrival there"
LABEL = Label.FAKE_JOB


@dataclass
class RuleVictim:
    """Scores by a rule, the same for each label, and keeps what it was asked."""

    rule: Callable[[str], float]
    asked: list[str] = field(default_factory=list)

    def probabilities(self, texts: Sequence[str]) -> Floats:
        self.asked += texts
        return np.array([[self.rule(text)] * len(LABELS) for text in texts])


def _target(text: str, score: float, name: str = "advert") -> Target:
    return Target(example(name, text, job=True), LABEL, 0.5, score)


def test_the_word_that_a_score_hangs_on_is_found_and_the_others_are_left() -> None:
    victim = RuleVictim(lambda text: 0.9 if "boat" in text else 0.1)

    (outcome,) = search(victim, [_target(ADVERT, 0.9)])

    assert outcome.score == 0.1
    assert "boat" not in outcome.text
    # It may stand in a piece with a neighbour.
    assert set(outcome.text.split()) >= set(ADVERT.split()) - {"by", "boat", "to"}
    assert outcome.queries == len(victim.asked) <= QUERIES


def test_a_model_that_never_moves_keeps_its_text_and_is_asked_no_more_than_allowed() -> None:
    victim = RuleVictim(lambda text: 0.9)
    long = " ".join(f"{ADVERT} {word}" for word in ("one", "two", "three", "four"))

    outcomes = search(victim, [_target(ADVERT, 0.9), _target(long, 0.9, "long")])

    assert [outcome.text for outcome in outcomes] == [ADVERT, long]
    assert [outcome.score for outcome in outcomes] == [0.9, 0.9]
    assert all(0 < outcome.queries <= QUERIES for outcome in outcomes)
    assert len(victim.asked) == sum(outcome.queries for outcome in outcomes)


def test_only_a_fifth_of_the_words_may_go() -> None:
    victim = RuleVictim(lambda text: len(re.findall(r"[a-z]{2,}", text)) / 100 + 0.6)

    (outcome,) = search(victim, [_target(ADVERT, 0.8)])

    letters = sum(map(str.isalpha, ADVERT))
    assert outcome.text != ADVERT
    kept = sum(map(str.isalpha, outcome.text))
    longest = sorted((len(span.of(ADVERT)) for span in words_of(ADVERT)), reverse=True)
    assert letters - kept <= sum(longest[: int(DROPPED * len(longest))])


def test_a_search_does_not_depend_on_its_company() -> None:
    def rule(text: str) -> float:
        return min(1.0, 0.4 + 0.05 * len(re.findall(r"[a-z]{3,}", text)))

    alone = search(RuleVictim(rule), [_target(ADVERT, 0.9)])
    together = search(
        RuleVictim(rule),
        [_target("pay the fee now, money tomorrow", 0.7, "x"), _target(ADVERT, 0.9)],
    )

    assert together[1] == alone[0]


@pytest.mark.parametrize("text", ["boat", "900 €", "รับเรือ", "b o a t"])
def test_the_shortest_texts_can_be_attacked(text: str) -> None:
    (outcome,) = search(RuleVictim(lambda text: 0.9), [_target(text, 0.9)])

    assert outcome.text == text


def test_the_classifier_is_asked_as_a_user_asks(tiny_classifier: Classifier) -> None:
    victim = ScoredByModel(tiny_classifier)

    scores = victim.probabilities(["boat tonight", "job at home"])

    assert scores.shape == (2, len(LABELS))
    assert victim.probabilities([]).shape == (0, len(LABELS))
    with pytest.raises(UnscorableExampleError, match="must hold words"):
        victim.probabilities(["\u200b"])


def test_a_model_of_normalised_texts_gets_them_normalised() -> None:
    inner = RuleVictim(lambda text: 0.5)

    NormalisedVictim(inner.probabilities).probabilities(["bo\u200bat  tonight"])

    assert inner.asked == ["boat tonight"]
