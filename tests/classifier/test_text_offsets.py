"""Properties of the normalisation that hold for every str, disguised or not."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from classifier.text import normalise, normalise_with_offsets
from classifier.text.characters import COMPOSES_LEFT, find_compatibility_forms

# Pieces that the steps react to; drawn together they meet in ways that plain text never does.
_PIECES = (
    *"aexoSTP01347@$!€.-/ \n+()[]#<>*_'’…",
    *"аортмксжіοαεԑօᎪكکييیىپةـَں\u200b\u200c\u200d\ufe0f\u20e3🇬🇧😂क्කሀאกำ하학ㅋㅏ漢かﬁﷺ½①❶🅰ᴀ´é",
    *"\u3099\uff9e\u0301\u0316\x00\ud800\x07\u2800\u2028\xa0ＳÅ٣९",
    *("  ", "http://", "t.me/", ".com", "www.", "gmail", " at ", " dot ", "[PHONE]", "[user]"),
    *("URL", "#URL_", "@abc", "tel ", "12.05.2024", "+44 7700 900", "\\n", "1-555-0117", "H1B"),
)
any_text = st.text(st.characters(codec=None), max_size=60) | st.builds(
    "".join, st.lists(st.sampled_from(_PIECES), max_size=30)
)


@given(any_text)
@example("\ud83d\ude00")
@example("P\u0301\u200c\u0301PᎪ\u0654P")
@example("@@dot@dot@dotdot@dot")
def test_normalising_twice_changes_nothing_more(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once


@given(any_text)
def test_both_variants_give_the_same_text(text: str) -> None:
    assert normalise_with_offsets(text).text == normalise(text)


@given(any_text)
def test_every_character_comes_from_somewhere_and_the_order_stays(text: str) -> None:
    normalised = normalise_with_offsets(text)
    spans = [normalised.source_span(i, i + 1) for i in range(len(normalised.text))]
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert spans == sorted(spans)
    assert [end for _, end in spans] == sorted(end for _, end in spans)


@given(any_text, st.data())
def test_a_longer_span_covers_the_spans_inside_it(text: str, data: st.DataObject) -> None:
    normalised = normalise_with_offsets(text)
    length = len(normalised.text)
    if length == 0:
        return
    start = data.draw(st.integers(0, length - 1))
    end = data.draw(st.integers(start + 1, length))
    whole = normalised.source_span(start, end)
    for i in range(start, end):
        inner = normalised.source_span(i, i + 1)
        assert whole[0] <= inner[0]
        assert inner[1] <= whole[1]


@given(any_text)
def test_the_outcome_can_be_stored_and_shown(text: str) -> None:
    normalised = normalise(text)
    normalised.encode("utf-8")
    assert "\x00" not in normalised
    assert unicodedata.is_normalized("NFKC", normalised)
    assert normalised == normalised.strip()


@given(any_text)
def test_nothing_is_reported_exactly_when_nothing_changed(text: str) -> None:
    normalised = normalise_with_offsets(text)
    assert (normalised.changes == ()) == (normalised.text == text)
    assert all(change.count > 0 for change in normalised.changes)


@given(st.text(max_size=80))
def test_forms_are_the_same_cluster_by_cluster_as_in_one_go(text: str) -> None:
    pieces, position = [], 0
    for start, end, plain in find_compatibility_forms(text):
        pieces += [text[position:start], plain]
        position = end
    assert "".join([*pieces, text[position:]]) == unicodedata.normalize("NFKC", text)


def test_no_starter_that_composes_with_its_left_is_missing() -> None:
    composing = set()
    for character in map(chr, range(sys.maxunicode + 1)):
        parts = unicodedata.decomposition(character).split()
        if len(parts) == 2 and not parts[0].startswith("<"):
            second = chr(int(parts[1], 16))
            if unicodedata.combining(second) == 0 and unicodedata.is_normalized("NFC", character):
                composing.add(second)
    assert composing <= COMPOSES_LEFT


def test_a_placeholder_points_at_the_whole_contact() -> None:
    sent = "write to ＋44 7700 900114 tonight"
    normalised = normalise_with_offsets(sent)
    start = normalised.text.index("[PHONE]")
    assert normalised.source_span(start, start + 7) == (9, 24)
    assert sent[9:24] == "＋44 7700 900114"


def test_a_joined_word_points_at_its_scattered_letters() -> None:
    sent = "go: p.a.s.s here"
    normalised = normalise_with_offsets(sent)
    start = normalised.text.index("pass")
    assert sent[slice(*normalised.source_span(start, start + 4))] == "p.a.s.s"


@pytest.mark.parametrize("span", [(0, 0), (-1, 1), (2, 1), (0, 6)])
def test_a_span_outside_the_text_is_refused(span: tuple[int, int]) -> None:
    with pytest.raises(IndexError, match="expected 0 <= start < end <= 5"):
        normalise_with_offsets("hello").source_span(*span)
