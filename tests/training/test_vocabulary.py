from __future__ import annotations

import random
from collections import Counter

import pytest
from tokenizers import Tokenizer

from classifier.tokenizer import SPECIAL_PIECES, build_tokenizer
from training.vocabulary import VocabularyCut, cut_vocabulary, script_of

WORDS = {
    "en": "boat seat leave night coast money pay arrive price inbox work hotel driver",
    "el": "βάρκα θέση φεύγει νύχτα ακτή χρήματα πληρωμή άφιξη τιμή δουλειά οδηγός λιμάνι νησί",
    "th": "เรือ ที่นั่ง คืนนี้ ชายฝั่ง เงิน จ่าย ราคา งาน โรงแรม คนขับ ท่าเรือ เกาะ ถึง",
}
VOCABULARY = {language: words.split() for language, words in WORDS.items()}


def sentences(language: str, count: int) -> list[str]:
    """Sentences of eight words, the first words of the language much more often than the last."""
    rng = random.Random(language)
    words = VOCABULARY[language]
    weights = [1 / rank for rank in range(1, len(words) + 1)]
    return [" ".join(rng.choices(words, weights, k=8)) for _ in range(count)]


TEXTS = {"en": sentences("en", 800), "el": sentences("el", 80), "th": sentences("th", 40)}


@pytest.fixture(scope="module")
def pieces() -> list[tuple[str, float]]:
    """Letters, the languages' words, and as many words that nobody uses."""
    letters = sorted(set("".join(WORDS.values())) - {" "})
    words = [f"▁{word}" for of_language in VOCABULARY.values() for word in of_language]
    idle = [f"▁{letter * 4}{number}" for letter in "xωฮ" for number in range(60)]
    return [
        *((piece, 0.0) for piece in SPECIAL_PIECES),
        ("▁", -3.0),
        *((piece, -7.0) for piece in [*idle, *words]),
        *((letter, -12.0) for letter in letters),
        ("<mask>", 0.0),
    ]


def is_word(piece: tuple[str, float]) -> bool:
    return len(piece[0]) > 1 and piece[0] not in SPECIAL_PIECES


def tokens(tokenizer: Tokenizer, texts: list[str]) -> int:
    return sum(len(tokenizer.encode(text, add_special_tokens=False).ids) for text in texts)


def cut_to(pieces: list[tuple[str, float]], size: int) -> VocabularyCut:
    return cut_vocabulary(pieces, TEXTS, size)


@pytest.fixture(scope="module")
def letters(pieces: list[tuple[str, float]]) -> int:
    return sum(len(piece) == 1 for piece, _ in pieces) + len(SPECIAL_PIECES)


def test_a_cut_has_the_size_asked_for_and_the_special_pieces_first(
    pieces: list[tuple[str, float]], letters: int
) -> None:
    cut = cut_to(pieces, letters + 12)
    assert len(cut.kept) == letters + 12
    assert list(cut.kept) == sorted(set(cut.kept))
    build_tokenizer([pieces[index] for index in cut.kept])


def test_a_cut_that_keeps_every_word_in_use_lengthens_nothing(
    pieces: list[tuple[str, float]], letters: int
) -> None:
    used = sum(map(len, VOCABULARY.values()))
    cut = cut_to(pieces, letters + used)
    assert cut.growth == {language: pytest.approx(0) for language in WORDS}
    assert not [index for index in cut.kept if pieces[index][0][-1].isdigit()]


def test_growth_is_that_of_the_token_count_on_texts_held_out(
    pieces: list[tuple[str, float]], letters: int
) -> None:
    cut = cut_to(pieces, letters + 8)
    whole = build_tokenizer(pieces)
    small = build_tokenizer([pieces[index] for index in cut.kept])
    for language, texts in TEXTS.items():
        held_out = texts[7::8]
        before, after = (tokens(one, held_out) for one in (whole, small))
        assert cut.growth[language] == pytest.approx(after / before - 1)
        assert cut.growth[language] > 0


def test_no_language_pays_for_the_others_as_under_a_cut_by_frequency(
    pieces: list[tuple[str, float]], letters: int
) -> None:
    size = letters + 20
    whole = build_tokenizer(pieces)
    counts = Counter[int]()
    for texts in TEXTS.values():
        for encoding in whole.encode_batch(texts, add_special_tokens=False):
            counts.update(encoding.ids)
    frequent = sorted(
        range(len(pieces)), key=lambda index: (is_word(pieces[index]), -counts[index])
    )
    plain = build_tokenizer([pieces[index] for index in sorted(frequent[:size])])
    growth = {}
    for language, texts in TEXTS.items():
        before, after = (tokens(one, texts[7::8]) for one in (whole, plain))
        growth[language] = after / before - 1
    assert max(cut_to(pieces, size).growth.values()) < 0.7 * max(growth.values())


def test_the_same_texts_give_the_same_cut(pieces: list[tuple[str, float]], letters: int) -> None:
    again = cut_vocabulary(pieces, dict(reversed(TEXTS.items())), letters + 10)
    assert again == cut_to(pieces, letters + 10)


def test_a_size_below_the_letters_in_use_is_refused(
    pieces: list[tuple[str, float]], letters: int
) -> None:
    with pytest.raises(ValueError, match=f"cannot hold the {letters:,} letters"):
        cut_to(pieces, letters - 1)


def test_the_script_of_a_piece_is_that_of_most_letters() -> None:
    found = [
        script_of(piece) for piece in ("▁boat", "βάρκα", "เรือ", "船", "12.", "▁", "β-carotene")
    ]
    assert found == ["LATIN", "GREEK", "THAI", "CJK", "COMMON", "COMMON", "LATIN"]
