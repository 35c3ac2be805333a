"""A keyword lexicon: coded and plain terms of the trade, each with a weight.

What a platform's word filter would do. It is there to be beaten, and to find out where a model
hangs on words alone; it decides nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np

from classifier.labels import LABELS, Label
from classifier.text import normalise
from evaluation.errors import EvaluationError
from evaluation.metrics import Floats
from evaluation.sets.sets import set_path

LEXICON_FILE = set_path("lexicon.json")

# Scripts written without spaces, or with endings and prefixes run on, where a term may begin or
# end within a word: Hebrew and Arabic, Thai to Burmese, Ethiopic, Khmer, kana, Han, Hangul.
_RUN_ON = re.compile(
    "[\u0590-\u06ff\u0e00-\u109f\u1200-\u139f\u1780-\u17ff\u3040-\u9fff\uac00-\ud7af]"
)


@dataclass(frozen=True, slots=True)
class Term:
    """A term of one label. `weight`: 3 hardly used but in adverts, 2 telling, 1 a hint.

    `language` is a BCP 47 tag, or `und` where several share the term. `source` is a key of the
    lexicon's sources: the publication tells of what the term stands for, and of this very word
    where `attested`. None for plain wording.
    """

    text: str
    language: str
    label: Label
    weight: int
    note: str
    source: str | None
    attested: bool


@dataclass(frozen=True, slots=True)
class Hit:
    """A term found in a normalised text; `end` is exclusive."""

    term: Term
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Terms, for each its first word and the pattern that finds it, and what each source is.

    Looking for the word first saves most of the patterns.
    """

    terms: tuple[Term, ...]
    patterns: tuple[tuple[str, re.Pattern[str]], ...]
    sources: Mapping[str, str]

    def probabilities(self, texts: Sequence[str]) -> Floats:
        """Of normalised texts, [n, labels]: 1 - exp(-w / 3), with w the weight of all terms hit.

        A term counts once a text, however often it stands there.
        """
        weights = np.zeros((len(texts), len(LABELS)))
        for row, text in enumerate(texts):
            for term in {hit.term for hit in self.hits(text)}:
                weights[row, LABELS.index(term.label)] += term.weight
        return 1 - np.exp(-weights / 3)

    def hits(self, text: str) -> list[Hit]:
        """Every place of every term in a normalised text, in the order of the text."""
        folded = _folded(text)
        found = [
            Hit(term, match.start(), match.end())
            for term, (opening, pattern) in zip(self.terms, self.patterns, strict=True)
            if opening in folded
            for match in pattern.finditer(folded)
        ]
        return sorted(found, key=lambda hit: (hit.start, hit.end))


def read_lexicon(path: Path = LEXICON_FILE) -> Lexicon:
    """Raises EvaluationError naming what is wrong with the file."""
    try:
        content = json.loads(path.read_bytes())
        sources = {str(key): str(meaning) for key, meaning in content["sources"].items()}
        terms = tuple(_term(row, sources) for row in content["terms"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise EvaluationError(
            f"{path} should hold the lexicon and cannot be read ({error!r}); "
            "restore it from the repository"
        ) from error
    patterns = tuple(_pattern(term.text) for term in terms)
    return Lexicon(terms, patterns, MappingProxyType(sources))


def _term(row: Mapping[str, object], sources: Mapping[str, str]) -> Term:
    source = row.get("source")
    if source is not None and source not in sources:
        raise ValueError(f"{row['term']!r} names the source {source!r}, which is not listed")
    return Term(
        text=str(row["term"]),
        language=str(row["language"]),
        label=Label(str(row["label"])),
        weight=int(str(row["weight"])),
        note=str(row.get("note", "")),
        source=None if source is None else str(source),
        attested=row.get("attested") is True,
    )


def _pattern(term: str) -> tuple[str, re.Pattern[str]]:
    """Whole words, with any white space between them; anywhere in a script that runs on."""
    words = _folded(normalise(term)).split()
    body = r"\s+".join(map(re.escape, words))
    if not _RUN_ON.search(term) and term[0].isalnum():
        body = rf"(?<!\w){body}(?!\w)"
    return words[0], re.compile(body)


def _folded(text: str) -> str:
    """Lower case, letter by letter, so that places in the text stay what they are."""
    return "".join(low if len(low := letter.lower()) == 1 else letter for letter in text)
