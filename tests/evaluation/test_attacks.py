"""An attack changes what it says, the same each time, and leaves contacts alone."""

from __future__ import annotations

import re
from collections import Counter

import grimp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier.text import normalise
from evaluation.attacks import ATTACKS
from evaluation.attacks.attack import generator_for
from evaluation.attacks.substitution import concepts
from evaluation.attacks.words import letters_of, words_of
from tests.evaluation.examples import example

ADVERT = (
    "Boat to Italy tonight, guaranteed. Price 3.500 euro without documents, pay when you "
    "arrive. Write to @captain_nine or https://example.invalid/boat or [PHONE]!"
)
RUSSIAN = "Лодка в Италию сегодня, гарантия. Цена 3.500 евро, пишите [PHONE]."
ARABIC = "قارب إلى إيطاليا اليوم مضمون. السعر 3500 يورو، واتساب [PHONE]"
THAI = "เรือไปยุโรปวันนี้ ราคา 3500 ติดต่อ [PHONE] ด่วน"
CONTACTS = ("@captain_nine", "https://example.invalid/boat", "[PHONE]")


def _apply(name: str, text: str, seed: int = 0) -> str:
    return ATTACKS[name].on(example("row", text), seed=seed).text


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_changes_an_advert_and_leaves_its_contacts(name: str) -> None:
    text = RUSSIAN if name == "romanisation" else ADVERT

    disguised = _apply(name, text)

    assert disguised != text
    assert all(contact in disguised for contact in CONTACTS if contact in text)


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_depends_on_the_seed_and_the_row_alone(name: str) -> None:
    text = f"{RUSSIAN} Без визы. Берём семьи. Без предоплаты."
    rows = [example(f"row {number}", text) for number in range(20)]
    attack = ATTACKS[name]

    once = [attack.on(row).text for row in rows]

    assert once[::-1] == [attack.on(row).text for row in reversed(rows)]
    if name not in ("emoji_for_words", "romanisation", "code_switching"):
        assert len(set(once)) > 1
        assert once != [attack.on(row, seed=1).text for row in rows]


@pytest.mark.parametrize("name", ATTACKS)
@pytest.mark.parametrize("text", ["900 € 💶", "[PHONE]", ""])
def test_a_text_without_words_stays(name: str, text: str) -> None:
    assert _apply(name, text) == text


@pytest.mark.parametrize("name", ATTACKS)
@given(text=st.text(max_size=80))
@settings(max_examples=40, deadline=None)
def test_an_attack_takes_any_text_and_leaves_something_of_it(name: str, text: str) -> None:
    if normalise(text):
        assert normalise(_apply(name, text))


def test_a_word_that_has_no_latin_spelling_stays() -> None:
    assert _apply("romanisation", "\U0002a700") == "\U0002a700"


def test_two_kinds_at_least_are_kept_out_of_training() -> None:
    unseen = {name for name, attack in ATTACKS.items() if not attack.in_training}

    assert unseen == {
        "zero_width",
        "emoji_for_words",
        "romanisation",
        "code_switching",
        "sentence_shuffle",
    }


def test_neither_the_classifier_nor_training_imports_an_attack() -> None:
    graph = grimp.build_graph("classifier", "data", "training", "evaluation")

    for package in ("classifier", "data", "training"):
        assert graph.find_shortest_chain(package, "evaluation.attacks", as_packages=True) is None


@pytest.mark.parametrize("text", [ADVERT, RUSSIAN, ARABIC, THAI])
def test_words_are_letters_with_their_marks_and_no_contact(text: str) -> None:
    words = [span.of(text) for span in words_of(text)]

    assert words
    assert not any(re.search(r"[\d\s\[\]@]", word) for word in words)
    assert not {"captain", "example", "PHONE"} & set(words)
    assert ["".join(letters_of(word)) for word in words] == words


def test_a_run_without_spaces_is_cut_between_letters_not_before_marks() -> None:
    pieces = [span.of(THAI) for span in words_of(THAI)]

    assert "".join(pieces) == re.sub(r"\[PHONE\]|[\d\s]", "", THAI)
    assert all(1 <= len(letters_of(piece)) <= 4 for piece in pieces)


def test_zero_width_characters_are_gone_after_normalisation() -> None:
    assert _apply("zero_width", ADVERT) != ADVERT
    assert normalise(_apply("zero_width", ADVERT)) == normalise(ADVERT)


def test_look_alikes_keep_the_length_and_every_second_word() -> None:
    disguised = _apply("homoglyph", ADVERT)

    assert len(disguised) == len(ADVERT)
    assert any(not word.isascii() for word in disguised.split())
    assert sum(word.isascii() for word in disguised.split()) > 5


def test_spaces_and_signs_only_come_between() -> None:
    spaced, dotted = _apply("spacing", ADVERT), _apply("punctuation", ADVERT)

    assert spaced.replace(" ", "") == ADVERT.replace(" ", "")
    assert len(dotted) > len(ADVERT)
    assert re.sub(r"[\W_]", "", dotted) == re.sub(r"[\W_]", "", ADVERT)


def test_hashtags_hold_the_letters_of_the_words() -> None:
    disguised = _apply("split_hashtags", ADVERT)

    assert "#" in disguised
    assert re.sub(r"[# ]", "", disguised) == ADVERT.replace(" ", "")


def test_sentences_change_places_and_numbers_stay_whole() -> None:
    disguised = _apply("sentence_shuffle", ADVERT)

    assert Counter(disguised.split()) == Counter(ADVERT.split())
    assert not disguised.startswith("Boat to Italy") or not disguised.endswith("[PHONE]!")
    one_sentence = "boat, two nights, inbox"
    clauses = _apply("sentence_shuffle", one_sentence)
    assert clauses != one_sentence
    assert Counter(re.findall(r"\w+", clauses)) == Counter(re.findall(r"\w+", one_sentence))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("паспорт", {"pasport"}),
        ("διαβατήριο", {"diavatirio"}),
        ("नमस्ते", {"namaste"}),
        ("مرحبا", {"marhaba", "mar7aba"}),
        ("passeport français", {"passeport français"}),
        ("viza паспорт 900", {"viza pasport 900"}),
    ],
)
def test_other_scripts_are_spelled_in_latin(text: str, expected: set[str]) -> None:
    assert {_apply("romanisation", text, seed) for seed in range(10)} == expected


def test_words_become_emoji_and_flags() -> None:
    assert _apply("emoji_for_words", "Boat to Italy, no police") == "🚤 to 🇮🇹, no 👮"
    assert _apply("emoji_for_words", "القارب إلى إيطاليا") == "🚤 إلى 🇮🇹"


def test_words_of_other_languages_become_english() -> None:
    assert _apply("code_switching", "trabajo para mujeres sin experiencia") == (
        "job para women without experience"
    )
    assert _apply("code_switching", "今晚快艇去意大利") == "todayboat去italy"


def test_english_words_become_those_of_one_other_language() -> None:
    disguised = {_apply("code_switching", "a boat to Germany", seed) for seed in range(20)}

    assert "a lancha to alemania" in disguised
    assert "a boat to Germany" not in disguised


def test_no_word_of_a_language_stands_for_two_concepts() -> None:
    counts = Counter(
        (language, word.casefold())
        for concept in concepts()
        for language, words in concept.words.items()
        for word in set(map(str.casefold, words))
    )

    assert [word for word, count in counts.items() if count > 1] == []


def test_random_numbers_hang_on_every_name() -> None:
    draws = {
        float(generator_for(seed, *names).random())
        for seed in (0, 1)
        for names in (("a", "b"), ("ab",), ("a", "c"))
    }

    assert len(draws) == 6
    assert isinstance(generator_for(0, "a"), np.random.Generator)
