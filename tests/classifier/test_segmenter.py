from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.evidence import words_of
from classifier.segmenter import Segmenter
from classifier.text import normalise
from classifier.tokenizer import SPECIAL_PIECES, UNKNOWN, build_tokenizer

# Scores are multiples of a quarter, so that sums are exact and equal cuts are equal everywhere.
PIECES = [
    *((piece, 0.0) for piece in SPECIAL_PIECES),
    *(("▁", -2.0), ("▁boat", -5.0), ("s", -6.25), ("boa", -7.5), ("t", -8.0), ("b", -8.75)),
    *(("🇬🇧", -9.0), ("▁مركب", -7.0), ("ك", -9.25), ("a", -6.75), (".", -4.0), ("do", -5.5)),
]
SEGMENTER = Segmenter(PIECES)
TOKENIZER = build_tokenizer(PIECES)
TEXTS = [
    "boat boats",
    "boat\nboat",
    "船 船舟s",
    "😂s boat",
    "🇬🇧🇬🇧 مركب ككب",
    "adobo. boas t",
    "a" * 500,
]

normalised_text = st.builds(
    normalise,
    st.text(max_size=40) | st.lists(st.sampled_from(TEXTS), max_size=4).map(" ".join),
)


def by_tokenizer(text: str) -> list[int]:
    ids: list[int] = TOKENIZER.encode(text, add_special_tokens=False).ids
    return ids


@pytest.mark.parametrize("text", TEXTS)
def test_pieces_are_those_of_the_tokenizer(text: str) -> None:
    assert SEGMENTER.ids([text]) == [by_tokenizer(text)]


@given(st.lists(normalised_text.filter(lambda text: "▁" not in text), max_size=5))
def test_many_texts_are_cut_as_the_tokenizer_cuts_each(texts: list[str]) -> None:
    assert SEGMENTER.ids(texts) == [by_tokenizer(text) for text in texts]


@given(normalised_text)
def test_spans_belong_to_the_same_pieces_and_cover_the_text_in_order(text: str) -> None:
    segments = SEGMENTER.segments(text)
    assert [segments.ids] == SEGMENTER.ids([text])
    assert len(segments.spans) == len(segments.ids)
    assert all(0 <= start < end <= len(text) for start, end in segments.spans)
    assert segments.spans == sorted(segments.spans)
    covered = {place for start, end in segments.spans for place in range(start, end)}
    assert covered == set(range(len(text)))


def test_words_are_those_of_the_tokenizer() -> None:
    for text in TEXTS:
        segments = SEGMENTER.segments(text)
        encoding = TOKENIZER.encode(text, add_special_tokens=False)
        assert words_of(text, segments.spans) == words_of(text, encoding.offsets)


def test_no_text_can_spell_a_special_piece() -> None:
    segmenter = Segmenter([*PIECES[:5], *((letter, -8.0) for letter in "<>/adps")])
    for ids in segmenter.ids(["<pad>", "</s>", "a <s> a", "<unk> \n<pad>\n"]):
        assert all(number >= len(SPECIAL_PIECES) or number == UNKNOWN for number in ids)


def test_a_saved_tokenizer_has_the_whole_vocabulary(tmp_path: Path) -> None:
    TOKENIZER.save(str(tmp_path / "tokenizer.json"))
    assert Segmenter.load(tmp_path / "tokenizer.json").ids(TEXTS) == SEGMENTER.ids(TEXTS)


def test_threads_make_no_difference() -> None:
    assert SEGMENTER.ids(TEXTS * 20, threads=2) == SEGMENTER.ids(TEXTS * 20)
