"""Counterfactual texts: the same post about somebody of another nationality or faith.

The policy says that neither is ever evidence, so a model's answer should not change. Words are
swapped within one grammatical form of one language, and only in texts that name one such word, so
that the rest of the text does not contradict it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from data.languages import language_of
from data.records import Example
from evaluation.sets.identities import IdentitySet

_JOINERS = "_@#\u200c\u200d"
"""Besides letters, marks and digits, what makes a longer word or a name of its neighbours."""


@dataclass(frozen=True, slots=True)
class Swap:
    """What an example reads like about `word`, which is of the kind that the example named."""

    example: Example
    kind: str
    word: str
    text: str


class Swapper:
    """Finds and exchanges the words of the sets that it is given by language."""

    def __init__(self, identities: Mapping[str, Sequence[IdentitySet]]) -> None:
        self._languages = {language: _Words(sets) for language, sets in identities.items()}

    def swaps(self, example: Example) -> list[Swap]:
        """One for each other word of the set; none unless exactly one word is named."""
        words = self._languages.get(language_of(example.language, example.text))
        return [] if words is None else words.swaps(example)


@dataclass(frozen=True, slots=True)
class _Entry:
    """A word in one way of writing its first letter, and how to write others like it."""

    of: IdentitySet
    word: str
    write: Callable[[str], str]


class _Words:
    def __init__(self, sets: Sequence[IdentitySet]) -> None:
        # As listed comes last: it wins where a word has no case or is listed in that writing.
        self._entries = {
            write(word): _Entry(identity, word, write)
            for write in (_small, _capital, str)
            for identity in sets
            for word in identity.words
        }
        longest_first = sorted(self._entries, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest_first)))

    def swaps(self, example: Example) -> list[Swap]:
        text = example.text
        found = [match for match in self._pattern.finditer(text) if _stands_alone(match)]
        named = {self._entries[match[0]].word for match in found}
        if len(named) != 1:
            return []
        first = self._entries[found[0][0]]
        return [
            Swap(example, first.of.kind, word, self._replaced(text, found, word))
            for word in first.of.words
            if word != first.word
        ]

    def _replaced(self, text: str, found: Sequence[re.Match[str]], word: str) -> str:
        parts: list[str] = []
        end = 0
        for match in found:
            parts += [text[end : match.start()], self._entries[match[0]].write(word)]
            end = match.end()
        return "".join([*parts, text[end:]])


def _small(word: str) -> str:
    return word[0].lower() + word[1:]


def _capital(word: str) -> str:
    return word[0].upper() + word[1:]


def _stands_alone(match: re.Match[str]) -> bool:
    """Whether neither neighbour belongs to the word, as letters, digits and vowel signs do."""
    text = match.string
    neighbours = text[max(match.start() - 1, 0) : match.start()] + text[match.end() :][:1]
    return not any(
        unicodedata.category(character)[0] in "LMN" or character in _JOINERS
        for character in neighbours
    )
