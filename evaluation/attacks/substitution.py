"""Words put in another form: as an emoji, or as a word of another language.

`concepts.json` lists what adverts of both kinds speak of, with the words for it by language. It
was written for this attack and is far from a dictionary: a text without any of its words stays.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from classifier.text.scripts import UNSPACED
from evaluation.attacks.attack import Attack
from evaluation.attacks.words import Span, replaced, words_of

_CONCEPTS = Path(__file__).parent / "concepts.json"

_UNSPACED_LETTER = re.compile(f"[{UNSPACED}]")
_UNSPACED = frozenset({"ja", "km", "lo", "my", "th", "zh"})
_LATIN = ("es", "fr", "de", "it", "pt", "tr", "pl")
"""Languages whose words are mixed into English."""

_PREFIXES = ("وال", "بال", "لل", "ال", "و", "ب", "ل")
"""Of Arabic words; the longest first."""


@dataclass(frozen=True, slots=True)
class Concept:
    """An emoji, None where none says it, and words for it by language, the plainest first."""

    emoji: str | None
    words: Mapping[str, tuple[str, ...]]


def emoji_for_words(text: str, generator: np.random.Generator) -> str:
    return _exchange(text, lambda concept, _: concept.emoji)


def code_switching(text: str, generator: np.random.Generator) -> str:
    """English for the words of other languages, one other language for the words of English."""
    other = str(generator.choice(_LATIN))

    def change(concept: Concept, language: str) -> str | None:
        words = concept.words.get(other if language == "en" else "en")
        return words[0] if words else None

    return _exchange(text, change)


@cache
def concepts() -> tuple[Concept, ...]:
    rows = json.loads(_CONCEPTS.read_text(encoding="utf-8"))
    return tuple(
        Concept(row["emoji"], {name: tuple(words) for name, words in row["words"].items()})
        for row in rows
    )


@cache
def _by_word() -> Mapping[str, Mapping[str, Concept]]:
    """For each word, what it says in which language, by those that put spaces between words."""
    table: dict[str, dict[str, Concept]] = {}
    for concept in concepts():
        for language, words in concept.words.items():
            for word in words if language not in _UNSPACED else ():
                table.setdefault(word.casefold(), {})[language] = concept
    return table


@cache
def _by_unspaced_language() -> Mapping[str, Mapping[str, Concept]]:
    """For each language without spaces, its words, the longest first."""
    tables: dict[str, dict[str, Concept]] = {language: {} for language in sorted(_UNSPACED)}
    for concept in concepts():
        for language in _UNSPACED & concept.words.keys():
            tables[language] |= dict.fromkeys(concept.words[language], concept)
    return {
        language: {word: table[word] for word in sorted(table, key=lambda word: (-len(word), word))}
        for language, table in tables.items()
    }


def _exchange(text: str, change: Callable[[Concept, str], str | None]) -> str:
    """Put `change(concept, language)` in place of every word of the text's language.

    The language is the one with most words in the text, so that "para" is money in Albanian
    and stays in Spanish.
    """
    found = _found(text)
    if _UNSPACED_LETTER.search(text):
        for name, table in _by_unspaced_language().items():
            found[name] = _found_inside(text, table)
    if not found:
        return text
    language = max(sorted(found), key=lambda name: len(found[name]))
    changes = [
        (span, new)
        for span, concept in found[language]
        if (new := change(concept, language)) is not None
    ]
    return replaced(text, [span for span, _ in changes], [new for _, new in changes])


def _found(text: str) -> dict[str, list[tuple[Span, Concept]]]:
    """The words of the text by the languages that they may be of."""
    found: dict[str, list[tuple[Span, Concept]]] = {}
    for span in words_of(text):
        word = span.of(text).casefold()
        stems = (word.removeprefix(prefix) for prefix in ("", *_PREFIXES))
        by_language = next((_by_word()[stem] for stem in stems if stem in _by_word()), {})
        for language, concept in by_language.items():
            found.setdefault(language, []).append((span, concept))
    return found


def _found_inside(text: str, table: Mapping[str, Concept]) -> list[tuple[Span, Concept]]:
    """Where no spaces say what a word is, any stretch will do, the longest first."""
    found: list[tuple[Span, Concept]] = []
    taken: set[int] = set()
    for word, concept in table.items():
        for match in re.finditer(re.escape(word), text):
            if taken.isdisjoint(range(*match.span())):
                taken.update(range(*match.span()))
                found.append((Span(*match.span()), concept))
    return sorted(found, key=lambda item: item[0].start)


EMOJI_FOR_WORDS = Attack(
    "emoji_for_words", "emoji and flags for words", emoji_for_words, in_training=False
)
CODE_SWITCHING = Attack(
    "code_switching", "words of another language", code_switching, in_training=False
)
