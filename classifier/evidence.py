"""From each token's share of the logit to words a person can read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from classifier.labels import Label
from classifier.records import Evidence
from classifier.text import NormalisedText

KEPT_WEIGHT = 0.95
"""Evidence holds the heaviest words that together make this part of all absolute weight."""

MOST_WORDS = 120
"""Words of evidence a label has at most."""

_UNSPACED = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x2E80, 0x9FFF),  # Han, Kana
    (0xF900, 0xFAFF),  # Han, compatibility
    (0x20000, 0x3FFFF),
)


@dataclass(frozen=True, slots=True)
class Word:
    """A stretch of the normalised text and the tokens `first` to `last` (exclusive) in it."""

    start: int
    end: int
    first: int
    last: int


def words_of(text: str, offsets: Sequence[tuple[int, int]]) -> list[Word]:
    """Groups tokens into words: a space begins a new one, as does a letter of a script that
    writes none. `offsets` are the tokens' spans in `text`, which may take in the space before.

    Every token is in a word, so that no share is lost: a token of mere space belongs to the word
    after it, or to the last one where none comes.
    """
    words: list[Word] = []
    first = 0
    for index, (raw_start, end) in enumerate(offsets):
        token = text[raw_start:end]
        start = end - len(token.lstrip())
        if start >= end:
            continue
        # The mark put before a text's first word has the offsets of the letter after it.
        is_after_mark = words and raw_start < words[-1].end
        goes_on = words and words[-1].end == start and not _is_unspaced(text[start])
        if is_after_mark or (goes_on and first == index):
            words[-1] = Word(words[-1].start, end, words[-1].first, index + 1)
        else:
            words.append(Word(start, end, first, index + 1))
        first = index + 1
    if words and first < len(offsets):
        words[-1] = Word(words[-1].start, words[-1].end, words[-1].first, len(offsets))
    return words


def word_weights(
    words: Sequence[Word],
    of_tokens: npt.NDArray[np.float64],
    of_characters: npt.NDArray[np.float64],
) -> npt.NDArray[np.float64]:
    """What each word adds to a logit `[words]`, by its tokens and by its characters.

    What falls on the blanks between words belongs to the word before, so that nothing is lost.
    """
    if not words:
        return np.zeros(0)
    bounds = [0, *(word.start for word in words[1:]), len(of_characters)]
    return np.array(
        [
            of_tokens[word.first : word.last].sum() + of_characters[start:end].sum()
            for word, start, end in zip(words, bounds[:-1], bounds[1:], strict=True)
        ]
    )


def evidence_for(
    label: Label,
    weights: npt.NDArray[np.float64],
    words: Sequence[Word],
    normalised: NormalisedText,
    title_length: int | None,
) -> list[Evidence]:
    """The heaviest words for and against `label`, in order of place.

    `weights` `[words]` sum to the label's logit less the biases. `title_length` is in code points
    of the title as sent, None where there is none; title and text were joined by a newline.
    """
    heaviest = np.argsort(-np.abs(weights), kind="stable")[:MOST_WORDS]
    together = np.cumsum(np.abs(weights[heaviest]))
    needed = int(np.searchsorted(together, KEPT_WEIGHT * np.abs(weights).sum())) + 1
    spans = []
    for index in sorted(heaviest[:needed].tolist()):
        start, end = normalised.source_span(words[index].start, words[index].end)
        spans.append(_in_field(start, end, label, float(weights[index]), title_length))
    return spans


def _in_field(
    start: int, end: int, label: Label, weight: float, title_length: int | None
) -> Evidence:
    if title_length is None:
        return Evidence(start, end, label, weight)
    if start < title_length:
        return Evidence(start, min(end, title_length), label, weight, field="title")
    shift = title_length + 1
    return Evidence(max(start - shift, 0), end - shift, label, weight)


def _is_unspaced(letter: str) -> bool:
    code = ord(letter)
    return any(low <= code <= high for low, high in _UNSPACED)
