"""Many texts normalised at once are what each is alone, and no step is called too seldom."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from classifier.text import normalise, normalise_all
from classifier.text.alignment import apply
from classifier.text.pipeline import _FEW, _STEPS
from classifier.text.triggers import _TABLE_END, suspects
from tests.builders import CORPUS
from tests.classifier.test_text_offsets import any_text

FILLING = ["boats to Italy", ""] * _FEW
"""Enough texts beside those of a test that they are asked together."""


def step_by_step(text: str) -> str:
    """All steps in order, as long as one of them finds something."""
    before = None
    while text != before:
        before = text
        for _, find in _STEPS:
            text = apply(text, find(text))
    return text


@given(st.lists(any_text, max_size=5))
@example(["PASS\u0301PORT", "a\u0301", "\u0301"])
@example([" at gmaıl dot com", "x at gmail dot com", "x arroba gmail dot com"])
@example(["U R L", "URL", "http", "t.me/x", "//", "a/b c/d e"])
@example(["\U00020000 \U00020000 \U00020000", "\U0002f800\U000e0041"])
def test_many_texts_become_what_each_becomes_step_by_step(texts: list[str]) -> None:
    expected = [step_by_step(text) for text in texts]
    assert normalise_all([*texts, *FILLING])[: len(texts)] == expected
    assert normalise_all(texts) == expected


@given(any_text)
def test_one_text_becomes_what_it_becomes_step_by_step(text: str) -> None:
    assert normalise(text) == step_by_step(text)


@given(st.lists(any_text, min_size=1, max_size=5))
def test_a_step_that_finds_something_is_called(texts: list[str]) -> None:
    suspected = suspects(texts)
    for _, find in _STEPS:
        assert {place for place, text in enumerate(texts) if find(text)} <= set(suspected[find])


def test_plain_text_is_left_alone() -> None:
    texts = ["The ferry leaves at nine.", "Паром отходит в девять", "العبارة تغادر", "渡轮九点开"]
    assert not any(suspects(texts).values())


@pytest.mark.parametrize("code", [_TABLE_END - 1, _TABLE_END, 0x2F800, 0xE0041, 0x10FFFF])
def test_characters_past_the_table_are_everywhere_suspected(code: int) -> None:
    texts = [f"x{chr(code)}x"]
    for _, find in _STEPS:
        assert not find(texts[0]) or suspects(texts)[find] == [0]


def test_the_corpus_becomes_what_it_becomes_one_by_one() -> None:
    texts = [
        json.loads(line)["text"]
        for path in sorted(CORPUS.glob("*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()[::12]
    ]
    assert normalise_all(texts) == [step_by_step(text) for text in texts]
