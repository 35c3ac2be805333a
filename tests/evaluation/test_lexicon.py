"""The lexicon finds whole terms in whatever script, and its file says where they come from."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from classifier.labels import LABELS, Label
from classifier.text import normalise
from evaluation.baselines.lexicon import LEXICON_FILE, Lexicon, read_lexicon
from evaluation.errors import EvaluationError
from evaluation.sets.sets import digest


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return read_lexicon()


def _found(lexicon: Lexicon, text: str) -> list[str]:
    return [hit.term.text for hit in lexicon.hits(normalise(text))]


def test_the_committed_lexicon_is_wide_enough_and_without_doubles(lexicon: Lexicon) -> None:
    terms = [(normalise(term.text).lower(), term.label) for term in lexicon.terms]

    assert len(lexicon.terms) >= 300
    assert len({term.language for term in lexicon.terms}) >= 25
    assert [term for term, count in Counter(terms).items() if count > 1] == []
    assert {term.weight for term in lexicon.terms} == {1, 2, 3}
    assert {term.source for term in lexicon.terms} - {None} == set(lexicon.sources)
    for label in LABELS:
        assert sum(term.label is label for term in lexicon.terms) >= 100


def test_the_card_states_the_hash_and_the_count(lexicon: Lexicon) -> None:
    card = LEXICON_FILE.with_suffix(".md").read_text(encoding="utf-8")

    assert digest(LEXICON_FILE) in card
    assert f"{len(lexicon.terms)} terms" in card


def test_only_a_term_with_a_source_is_attested(lexicon: Lexicon) -> None:
    attested = [term for term in lexicon.terms if term.attested]

    assert attested
    assert all(term.source is not None for term in attested)


def test_every_term_is_found_where_it_stands_alone(lexicon: Lexicon) -> None:
    missed = [term.text for term in lexicon.terms if term.text not in _found(lexicon, term.text)]

    assert missed == []


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("New DUNKI every week", "dunki"),
        ("pay  on\narrival, inbox", "pay on arrival"),
        ("فقط گیم مطمئن", "گیم"),
        ("今年走线到美国", "走线"),
        ("والدفع بعد الوصول ان شاء الله", "الدفع بعد الوصول"),
    ],
)
def test_a_term_is_found_in_a_sentence(lexicon: Lexicon, text: str, term: str) -> None:
    assert term in _found(lexicon, text)


def test_a_term_inside_another_word_is_not_found(lexicon: Lexicon) -> None:
    assert "boza" not in _found(lexicon, "a bozart gallery")
    assert "saraf" not in _found(lexicon, "the sarafan choir")


def test_a_hit_says_where_the_term_stands(lexicon: Lexicon) -> None:
    text = "seats for the taxi game tonight"

    (hit,) = [hit for hit in lexicon.hits(text) if hit.term.text == "taxi game"]

    assert text[hit.start : hit.end] == "taxi game"


def test_more_weight_is_a_higher_score_and_repeating_is_not(lexicon: Lexicon) -> None:
    scores = lexicon.probabilities(
        ["a quiet day", "dunki", "dunki dunki dunki", "dunki, pay on arrival", "registration fee"]
    )
    smuggling = scores[:, LABELS.index(Label.SMUGGLING_SERVICE)]

    assert smuggling[0] == 0
    assert smuggling[0] < smuggling[1] == smuggling[2] < smuggling[3] < 1
    assert smuggling[4] == 0 < scores[4, LABELS.index(Label.FAKE_JOB)]


def test_a_source_that_is_not_listed_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "lexicon.json"
    term = {"term": "x", "language": "en", "label": "fake_job", "weight": 1, "source": "nowhere"}
    path.write_text(json.dumps({"sources": {}, "terms": [term]}), encoding="utf-8")

    with pytest.raises(EvaluationError, match="nowhere"):
        read_lexicon(path)
