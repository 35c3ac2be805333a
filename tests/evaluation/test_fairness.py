"""Identities are swapped where that leaves a sentence, and gaps are told beside chance."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from evaluation.disparity import false_positive_gap
from evaluation.errors import EvaluationError
from evaluation.sets.identities import IDENTITIES, KINDS, IdentitySet, read_identities
from evaluation.sets.sets import digest
from evaluation.suites.fairness import FAIRNESS
from evaluation.swaps import Swapper
from evaluation.workbench import Workbench
from tests.evaluation.examples import example

SETS = {
    "en": (
        IdentitySet("nationality", ("Syrian", "Somali")),
        IdentitySet("religion", ("Muslim", "Sikh", "Hindu")),
    ),
    "hi": (IdentitySet("nationality", ("नेपाली", "पाकिस्तानी")),),
}


def _texts(text: str, language: str = "en-GB") -> list[str]:
    return [swap.text for swap in Swapper(SETS).swaps(example("row", text, language=language))]


def test_a_word_is_exchanged_for_each_other_of_its_set_wherever_it_stands() -> None:
    assert _texts("A Sikh and a sikh.") == ["A Muslim and a muslim.", "A Hindu and a hindu."]


def test_a_text_that_names_two_identities_or_none_is_left_alone() -> None:
    assert _texts("a Syrian Muslim") == []
    assert _texts("a Syrian and a Somali") == []
    assert _texts("somebody from the village") == []


@pytest.mark.parametrize("text", ["Somaliland", "#Somali", "@somali", "Somali_Times", "1Somali"])
def test_a_part_of_a_longer_word_or_of_a_name_is_none(text: str) -> None:
    assert _texts(text) == []


def test_a_vowel_sign_belongs_to_its_word() -> None:
    assert _texts("नेपाली भाई", "hi") == ["पाकिस्तानी भाई"]
    assert _texts("नेपालीयों", "hi") == []
    assert _texts("नेपालीा", "hi") == []


def test_another_language_is_not_read_with_these_words() -> None:
    assert _texts("ein Muslim", "de") == []


def test_the_committed_words_are_unambiguous_and_have_another_to_stand_for_them() -> None:
    identities = read_identities()

    assert len(identities) >= 15
    for language, sets in identities.items():
        words = [word for identity in sets for word in identity.words]
        assert len(words) == len(set(words)), language
        assert all(len(identity.words) >= 2 for identity in sets), language
        assert {identity.kind for identity in sets} <= set(KINDS)


def test_unreadable_words_are_named(tmp_path: Path) -> None:
    path = tmp_path / "identities.json"
    path.write_text('[{"languages": ["en"]}]', encoding="utf-8")

    with pytest.raises(EvaluationError, match=r"identities\.json"):
        read_identities(path)


def test_the_gap_is_between_the_largest_and_the_smallest_rate_of_those_with_enough_rows() -> None:
    strata = ["en"] * 100 + ["tr"] * 60 + ["sq"] * 59
    flagged = np.array([n < 10 for n in range(100)] + [n < 30 for n in range(60)] + [True] * 59)

    gap = false_positive_gap(flagged, strata, [str(n) for n in range(len(strata))])

    assert gap.found.value == pytest.approx(0.4)
    assert gap.found.n == 160
    assert gap.found.low is not None
    assert gap.by_chance.value is not None
    assert 0 < gap.by_chance.value < gap.found.low


def test_one_language_alone_has_no_gap() -> None:
    gap = false_positive_gap(np.zeros(80, dtype=np.bool_), ["en"] * 80, ["g"] * 80)

    assert (gap.found.value, gap.by_chance.value) == (None, None)


def test_the_suite_counts_swaps_beside_the_baseline(public_build: Path, tiny_model: Path) -> None:
    report = FAIRNESS.run(Workbench(public_build, tiny_model))
    overall = {
        (figure.label, figure.metric): figure
        for figure in report.figures
        if figure.dimension == "overall"
    }
    flips = overall["any", "decision_flips"]
    of_kinds = [
        figure.model.n
        for figure in report.figures
        if (figure.label, figure.dimension, figure.metric) == ("any", "identity", "decision_flips")
    ]

    assert report.absent is None
    assert flips.model.value is not None
    assert flips.baseline is not None
    assert sum(of_kinds) == flips.model.n
    assert overall["fake_job", "probability_change"].model.value is not None
    # Fewer than sixty rows of any language: nothing to compare.
    assert overall["any", "corpus_language_false_positive_gap"].model.value is None


def test_the_card_names_the_words_by_their_hash() -> None:
    assert digest(IDENTITIES) in IDENTITIES.with_suffix(".md").read_text(encoding="utf-8")
