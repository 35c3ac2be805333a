from __future__ import annotations

import itertools

import numpy as np
import pytest

from classifier.classifier import Classifier
from classifier.evidence import KEPT_WEIGHT, MOST_WORDS, Word, evidence_for, words_of
from classifier.labels import LABELS, Label
from classifier.text import normalise, normalise_with_offsets

LABEL = Label.FAKE_JOB


def one_word_per_token(text: str) -> list[Word]:
    words, at = [], 0
    for index, part in enumerate(text.split(" ")):
        words.append(Word(at, at + len(part), index, index + 1))
        at += len(part) + 1
    return words


def test_tokens_become_words_at_spaces() -> None:
    offsets = [(0, 3), (3, 5), (5, 8), (8, 9)]
    assert words_of("boats to!", offsets) == [Word(0, 5, 0, 2), Word(6, 9, 2, 4)]


def test_a_script_without_spaces_splits_at_every_token() -> None:
    assert words_of("船仕事", [(0, 1), (1, 3)]) == [Word(0, 1, 0, 1), Word(1, 3, 1, 2)]


def test_a_token_of_mere_space_belongs_to_the_word_after_it() -> None:
    offsets = [(0, 1), (1, 2), (2, 3), (3, 4)]
    assert words_of("a bc", offsets) == [Word(0, 1, 0, 1), Word(2, 4, 1, 4)]


def test_a_space_at_the_end_of_a_window_belongs_to_the_last_word() -> None:
    assert words_of("a bc", [(0, 1), (1, 2)]) == [Word(0, 1, 0, 2)]


def test_the_mark_before_the_first_word_is_no_word_of_its_own() -> None:
    assert words_of("boat", [(0, 1), (0, 2), (2, 4)]) == [Word(0, 4, 0, 3)]


def test_an_empty_text_has_no_words() -> None:
    assert words_of("", []) == []


@pytest.mark.parametrize(
    "text", ["boat to Italy", "one\ntwo", "漢字 かな", "ไปทำงาน ที่", "مركب إلى أوروبا", "a.b-c d"]
)
def test_words_share_out_all_tokens_and_do_not_overlap(classifier: Classifier, text: str) -> None:
    normalised = normalise(text)
    encoding = classifier._segmenter.segments(normalised)
    words = words_of(normalised, encoding.spans)
    tokens = [index for word in words for index in range(word.first, word.last)]
    assert tokens == list(range(len(encoding.ids)))
    assert all(one.end <= other.start for one, other in itertools.pairwise(words))
    assert all(normalised[word.start : word.end].strip() for word in words)


def test_the_heaviest_words_are_kept_in_order_of_place() -> None:
    text = "light heavy against feather"
    shares = np.array([0.02, 0.6, -0.37, 0.01])
    evidence = evidence_for(
        LABEL, shares, one_word_per_token(text), normalise_with_offsets(text), None
    )
    assert [text[span.start : span.end] for span in evidence] == ["heavy", "against"]
    assert [span.weight for span in evidence] == [0.6, -0.37]
    assert {span.label for span in evidence} == {LABEL}


def test_evidence_keeps_most_of_the_weight_within_its_number_of_words() -> None:
    rng = np.random.default_rng(4)
    for count in (1, 10, 400):
        text = " ".join("word" for _ in range(count))
        shares = rng.normal(0, 1, count)
        evidence = evidence_for(
            LABEL, shares, one_word_per_token(text), normalise_with_offsets(text), None
        )
        assert len(evidence) <= MOST_WORDS
        kept = sum(abs(span.weight) for span in evidence)
        assert kept >= KEPT_WEIGHT * np.abs(shares).sum() or len(evidence) == MOST_WORDS


def test_no_words_give_no_evidence() -> None:
    assert evidence_for(LABEL, np.zeros(0), [], normalise_with_offsets(""), None) == []


def test_offsets_count_from_the_start_of_their_own_field() -> None:
    title, text = "Old boat", "seats left"
    whole = normalise_with_offsets(f"{title}\n{text}")
    words = [Word(4, 8, 0, 1), Word(9, 14, 1, 2)]
    evidence = evidence_for(LABEL, np.array([0.5, 0.5]), words, whole, len(title))
    assert [(span.field, span.start, span.end) for span in evidence] == [
        ("title", 4, 8),
        ("text", 0, 5),
    ]


def test_evidence_of_a_late_window_lies_where_its_words_are(classifier: Classifier) -> None:
    text = " ".join(f"word{n}" for n in range(60))
    evidence = classifier.explain(text).score.evidence
    assert evidence is not None
    for label in LABELS:
        spans = [span for span in evidence if span.label is label]
        assert spans == sorted(spans, key=lambda span: span.start)
        assert spans[-1].end - spans[0].start <= classifier.manifest.window.size
