"""Cuts the base's 250,002 pieces down to those that the languages at hand use, by a fair quota.

A cut by raw frequency starves languages with little text. Here each language has its own estimate
of how often it uses each piece: its counts, smoothed by the base's own Unigram probabilities
within the scripts it writes (thin text says little about rare words). A piece's worth is its
largest share in any language, and languages whose texts grow too long under a cut get a larger
say in the next, until the growth is level. Pieces keep the base's order and scores.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from classifier.tokenizer import SPECIAL_PIECES, build_tokenizer

Piece = tuple[str, float]

_PRIOR_TOKENS = 4_000
_ROUNDS = 6
_HELD_OUT_EVERY = 8
_SHARED = "COMMON"


@dataclass(frozen=True, slots=True)
class VocabularyCut:
    """The kept piece numbers, ascending, and the growth of the token count by language.

    A growth of 0.05 means 5 % more tokens than with the whole vocabulary, on texts that had no
    part in the counts.
    """

    kept: tuple[int, ...]
    growth: Mapping[str, float]


def cut_vocabulary(
    pieces: Sequence[Piece], texts: Mapping[str, Sequence[str]], size: int
) -> VocabularyCut:
    """Choose `size` pieces for `texts`, normalised texts by language.

    Raises:
        ValueError: `size` is less than the special and the single-letter pieces in use.
    """
    whole = build_tokenizer(pieces)
    counts: dict[str, Counter[int]] = {}
    held_out: dict[str, list[str]] = {}
    held_out_tokens: dict[str, int] = {}
    for language, of_language in sorted(texts.items()):
        encoded = whole.encode_batch_fast(list(of_language), add_special_tokens=False)
        counts[language] = Counter()
        held_out[language] = []
        held_out_tokens[language] = 0
        for number, encoding in enumerate(encoded):
            if number % _HELD_OUT_EVERY == _HELD_OUT_EVERY - 1:
                held_out[language].append(of_language[number])
                held_out_tokens[language] += len(encoding.ids)
            else:
                counts[language].update(encoding.ids)

    languages = [language for language in counts if held_out_tokens[language] > 0]
    shares = _shares(pieces, [counts[language] for language in languages])
    always = _always_kept(pieces, counts.values())
    if size < len(always):
        raise ValueError(f"a vocabulary of {size:,} cannot hold the {len(always):,} letters in use")

    say = np.ones(len(languages))
    best: VocabularyCut | None = None
    for _ in range(_ROUNDS):
        kept = _most_worth((shares * say[:, None]).max(axis=0), always, size)
        tokenizer = build_tokenizer([pieces[index] for index in kept])
        growth = np.array(
            [
                _tokens(tokenizer, held_out[language]) / held_out_tokens[language] - 1
                for language in languages
            ]
        )
        cut = VocabularyCut(kept, dict(zip(languages, growth.tolist(), strict=True)))
        if best is None or max(cut.growth.values()) < max(best.growth.values()):
            best = cut
        say *= np.sqrt(np.maximum(growth, 0.01) / max(float(np.median(growth)), 0.01))
    assert best is not None
    return best


def _shares(pieces: Sequence[Piece], counts: Sequence[Counter[int]]) -> npt.NDArray[np.float64]:
    """How often each language uses each piece, `[languages, pieces]`, each row summing to 1."""
    scripts = np.array([script_of(piece) for piece, _ in pieces])
    probabilities = np.exp([score for _, score in pieces])
    probabilities[: len(SPECIAL_PIECES)] = 0
    probabilities[-1] = 0  # <mask>
    rows = []
    for count in counts:
        observed = np.zeros(len(pieces))
        observed[list(count)] = list(count.values())
        by_script = Counter[str]()
        for index, number in count.items():
            by_script[scripts[index]] += number
        prior = np.zeros(len(pieces))
        for script, number in by_script.items():
            share = number / sum(count.values())
            if share >= 0.05 and script != _SHARED:
                of_script = np.where(scripts == script, probabilities, 0)
                prior += share * of_script / of_script.sum()
        rows.append((observed + _PRIOR_TOKENS * prior) / (observed.sum() + _PRIOR_TOKENS))
    return np.stack(rows)


def _always_kept(pieces: Sequence[Piece], counts: Iterable[Counter[int]]) -> set[int]:
    """Special pieces, and single letters: those in use, and all of the smaller alphabets."""
    used = set[int]().union(*counts)
    kept = set(range(len(SPECIAL_PIECES)))
    for index, (piece, _) in enumerate(pieces):
        letter = piece.lstrip("▁")
        if len(letter) <= 1 and (index in used or script_of(piece) not in ("CJK", "HANGUL")):
            kept.add(index)
    return kept


def _most_worth(worth: npt.NDArray[np.float64], always: set[int], size: int) -> tuple[int, ...]:
    kept = set(always)
    for index in np.argsort(-worth, kind="stable").tolist():
        if len(kept) == size:
            break
        kept.add(index)
    return tuple(sorted(kept))


def _tokens(tokenizer: Tokenizer, texts: Sequence[str]) -> int:
    encoded = tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
    return sum(len(encoding.ids) for encoding in encoded)


def script_of(piece: str) -> str:
    """The script most letters of `piece` are of, by the first word of their Unicode names."""
    found = Counter(
        unicodedata.name(letter, _SHARED).split()[0]
        for letter in piece
        if letter.isalpha() or unicodedata.category(letter).startswith("M")
    )
    return found.most_common(1)[0][0] if found else _SHARED
