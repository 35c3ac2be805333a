"""Whether evidence is what the score hangs on: delete it and see.

A token's share of the logit is exact for a linear head, which does not make it the cause: the
encoder has mixed every token into the others. So the words of greatest weight are deleted, and in
other copies as many words at random (comprehensiveness of DeYoung et al. 2020, with a control).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from classifier.classifier import Classifier
from classifier.labels import OUTPUTS, Label
from classifier.records import Evidence, Post
from classifier.text import normalise
from data.progress import Track, untracked
from data.records import Example
from evaluation.metrics import Floats

SHARE = 0.2
"""Share of a text's words that is deleted."""

DRAWS = 5
"""Random deletions of each text, whose mean the evidence is held against."""

SHORTEST = 5
"""Texts of fewer words are left out: a fifth of them is less than one."""

_CHUNK = 64


@dataclass(frozen=True, slots=True)
class Word:
    """A stretch of a text, `end` exclusive, and its share of the logit; 0 outside the evidence."""

    start: int
    end: int
    weight: float


@dataclass(frozen=True, slots=True)
class Drops:
    """How far a label's uncalibrated logit falls in each text, [n], by what was deleted."""

    examples: tuple[Example, ...]
    by_evidence: Floats
    at_random: Floats


def measure_drops(
    classifier: Classifier,
    examples: Sequence[Example],
    label: Label,
    *,
    seed: int = 0,
    track: Track = untracked,
) -> Drops:
    """Delete from every text of at least SHORTEST words and score what is left."""
    generator = np.random.default_rng(seed)
    kept: list[Example] = []
    by_evidence: list[float] = []
    at_random: list[float] = []
    chunks = [examples[start : start + _CHUNK] for start in range(0, len(examples), _CHUNK)]
    for chunk in track(chunks, f"Deleting evidence of {label.value}"):
        variants: list[str] = []
        for example in chunk:
            explained = classifier.explain(Post(example.id, example.text)).score
            of_label = [span for span in explained.evidence or () if span.label is label]
            words = words_of(example.text, of_label)
            if len(words) >= SHORTEST:
                kept.append(example)
                variants.append(example.text)
                variants += _deletions(example.text, words, generator)
        if variants:
            texts = [normalise(variant) for variant in variants]
            logits = classifier.logits(texts)[:, OUTPUTS.index(label)].reshape(-1, 2 + DRAWS)
            by_evidence += (logits[:, 0] - logits[:, 1]).tolist()
            at_random += (logits[:, 0] - logits[:, 2:].mean(axis=1)).tolist()
    return Drops(tuple(kept), np.array(by_evidence), np.array(at_random))


def words_of(text: str, evidence: Sequence[Evidence]) -> list[Word]:
    """The words of the evidence, and every other stretch between white space.

    In a script without spaces, what lies between two words of the evidence counts as one word.
    It is the longer for it, so that a random deletion takes more and the comparison is harder.
    """
    words: list[Word] = []
    position = 0
    for span in sorted(evidence, key=lambda span: (span.start, span.end)):
        if span.start < position:
            # Several pieces may stand for one letter, and normalisation may split one.
            last = words.pop()
            words.append(Word(last.start, max(last.end, span.end), last.weight + span.weight))
        else:
            words += _stretches(text, position, span.start)
            words.append(Word(span.start, span.end, span.weight))
        position = words[-1].end
    return words + _stretches(text, position, len(text))


def without(text: str, words: Sequence[Word]) -> str:
    """The text with these words cut out."""
    kept: list[str] = []
    position = 0
    for word in sorted(words, key=lambda word: word.start):
        kept.append(text[position : word.start])
        position = word.end
    return "".join([*kept, text[position:]])


def _deletions(text: str, words: Sequence[Word], generator: np.random.Generator) -> list[str]:
    """The text without its heaviest words, then DRAWS times without as many random ones."""
    count = round(SHARE * len(words))
    heaviest = sorted(words, key=lambda word: -word.weight)[:count]
    draws = (generator.choice(len(words), count, replace=False) for _ in range(DRAWS))
    drawn = ([words[index] for index in draw] for draw in draws)
    return [without(text, heaviest), *(without(text, some) for some in drawn)]


def _stretches(text: str, start: int, end: int) -> list[Word]:
    return [
        Word(start + match.start(), start + match.end(), 0.0)
        for match in re.finditer(r"\S+", text[start:end])
    ]
