from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from classifier.text import normalise
from training.augment import _DISGUISES, disguise, vary_stops

PLACEHOLDER = re.compile(r"\[[A-Z]+\]")
SENTENCE = "Seats on the boat this Thursday, write to [PHONE] or [EMAIL], è già tutto pronto"
texts = st.text(st.characters(codec=None), max_size=60) | st.builds(
    " ".join,
    st.lists(
        st.sampled_from(
            [
                *("boat", "seats", "PASSPORT", "зарплата", "مركب", "船の", "ß", "İstanbul"),
                *("[PHONE]", "[LINK]", "😂", "a.b", "é", "4", "\n", "#tag", "İ"),
            ]
        ),
        max_size=12,
    ),
)


@given(texts, st.integers(0, 2**32))
@example("İ İİİİ", 0)
def test_a_disguise_never_raises_and_is_as_scoring_would_see_it(text: str, seed: int) -> None:
    found = disguise(normalise(text), np.random.default_rng(seed))
    assert normalise(found) == found


@given(st.integers(0, 2**32))
def test_placeholders_stay_whole(seed: int) -> None:
    found = disguise(normalise(SENTENCE), np.random.default_rng(seed))
    assert Counter(PLACEHOLDER.findall(found)) == {"[PHONE]": 1, "[EMAIL]": 1}


def test_the_same_numbers_give_the_same_disguise() -> None:
    found = {disguise(SENTENCE, np.random.default_rng(5)) for _ in range(3)}
    assert len(found) == 1
    others = {disguise(SENTENCE, np.random.default_rng(seed)) for seed in range(40)}
    assert len(others) > 20


@pytest.mark.parametrize("change", _DISGUISES, ids=lambda change: change.__name__.strip("_"))
def test_every_disguise_changes_some_text(
    change: Callable[[str, np.random.Generator], str],
) -> None:
    assert any(change(SENTENCE, np.random.default_rng(seed)) != SENTENCE for seed in range(20))


@given(texts, st.integers(0, 2**32))
def test_varied_stops_leave_the_words_and_are_as_scoring_would_see_them(
    text: str, seed: int
) -> None:
    text = normalise(text)
    found = vary_stops(text, np.random.default_rng(seed))
    assert normalise(found) == found
    assert [letter for letter in found if letter.isalnum()] == [
        letter for letter in text if letter.isalnum()
    ]


@pytest.mark.parametrize(
    ("text", "stop"),
    [("Seats left", "."), ("नाव आज रात", "।"), ("今晚有船", "。"), ("ጀልባ ዛሬ", "።")],
)
def test_a_final_stop_comes_and_goes(text: str, stop: str) -> None:
    for sent in (text, text + stop):
        found = {vary_stops(sent, np.random.default_rng(seed)) for seed in range(40)}
        assert found == {text, text + stop}
