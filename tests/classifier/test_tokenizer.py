from __future__ import annotations

import pytest

from classifier.tokenizer import BOS, EOS, PAD, SPECIAL_PIECES, UNKNOWN, build_tokenizer

PIECES = [
    *((piece, 0.0) for piece in SPECIAL_PIECES),
    ("▁", -2.0),
    ("▁boat", -5.0),
    ("s", -6.0),
    ("b", -8.0),
]


def pieces_of(text: str) -> list[str]:
    tokens: list[str] = build_tokenizer(PIECES).encode(text, add_special_tokens=False).tokens
    return tokens


def test_special_pieces_have_the_first_numbers() -> None:
    assert [SPECIAL_PIECES[index] for index in (BOS, PAD, EOS, UNKNOWN)] == [
        *("<s>", "<pad>", "</s>", "<unk>"),
    ]


def test_other_pieces_first_are_refused() -> None:
    with pytest.raises(ValueError, match="expected the pieces"):
        build_tokenizer(PIECES[1:])


def test_words_are_cut_at_spaces_and_line_breaks_alike() -> None:
    assert pieces_of("boat boats") == ["▁boat", "▁boat", "s"]
    assert pieces_of("boat\nboat") == ["▁boat", "▁boat"]


def test_a_letter_without_a_piece_is_unknown() -> None:
    encoding = build_tokenizer(PIECES).encode("船", add_special_tokens=False)
    assert encoding.ids == [4, UNKNOWN]


def test_offsets_are_code_points() -> None:
    encoding = build_tokenizer(PIECES).encode("😂s boat", add_special_tokens=False)
    assert encoding.offsets[-1] == (2, 7)


def test_no_text_can_spell_a_special_token() -> None:
    letters = [(letter, -8.0) for letter in "<>/adp"]
    tokenizer = build_tokenizer([*PIECES[:5], *letters, ("s", -6.0)])
    for text in ("<pad>", "</s>", "a <s> a", "\n<pad>\n"):
        ids = tokenizer.encode(text, add_special_tokens=False).ids
        assert min(ids) >= len(SPECIAL_PIECES)
