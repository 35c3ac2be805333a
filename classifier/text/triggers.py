"""Which step can find something in which of many texts, told from the kinds of their characters.

Most texts need no step at all. Here every character of all texts is looked up once in a table of
marks, and a step is worth calling only for a text that has the marks, or the run of marks, without
which it finds nothing. What is said here is never too little and now and then too much: the step
itself decides.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntFlag, auto
from functools import cache, reduce
from operator import or_

import numpy as np
import numpy.typing as npt

from classifier.text import arabic, characters, contacts, leet, lookalikes, phones, spacing
from classifier.text.alignment import Finder
from classifier.text.scripts import ARMENIAN, CHEROKEE, CYRILLIC, GREEK, LATIN

_TABLE_END = 0x20000
"""Code points from here on are rare and have every mark."""


class Mark(IntFlag):
    """Kinds of characters; one may be of several."""

    UNSEEN = auto()
    STYLED = auto()
    REGIONAL = auto()
    UNSTABLE = auto()
    MASK_SIGN = auto()
    AT_SIGN = auto()
    GAP = auto()
    A = auto()
    T = auto()
    R = auto()
    P = auto()
    CAPITAL_U = auto()
    PROVIDER = auto()
    SLASH = auto()
    DOT = auto()
    ASCII_LETTER = auto()
    DIGIT = auto()
    IN_NUMBER = auto()
    LATIN = auto()
    CYRILLIC = auto()
    LOOKALIKE = auto()
    APART = auto()
    LETTER = auto()
    LATIN_SIGN = auto()
    CYRILLIC_SIGN = auto()
    ORNAMENT = auto()
    ARABIC_FORM = auto()
    PERSIAN = auto()
    SPACE = auto()
    BLANK = auto()
    ODD_BLANK = auto()
    AGAIN = auto()


_CHARACTERS: Mapping[Mark, str] = {
    Mark.UNSEEN: rf"[{characters.UNREADABLE}{characters.INVISIBLE}]",
    Mark.STYLED: rf"[{characters.STYLED}{characters.REGIONAL}]",
    Mark.REGIONAL: rf"[{characters.REGIONAL}]",
    Mark.MASK_SIGN: r"[\[#<]",
    Mark.AT_SIGN: "@",
    Mark.GAP: r"[ (\[{]",
    Mark.A: "(?i:a)",
    Mark.T: "(?i:t)",
    Mark.R: "(?i:r)",
    Mark.P: "(?i:p)",
    Mark.CAPITAL_U: "U",
    Mark.PROVIDER: r"(?i:[)\]}gyhopim])",
    Mark.SLASH: "/",
    Mark.DOT: r"\.",
    Mark.ASCII_LETTER: "[A-Za-z]",
    Mark.DIGIT: r"[\dxX]",
    Mark.IN_NUMBER: r"[\d ().\-–/xX*]",
    Mark.LATIN: f"[{LATIN}]",
    Mark.CYRILLIC: f"[{CYRILLIC}]",
    Mark.LOOKALIKE: f"[{CYRILLIC}{GREEK}{ARMENIAN}{CHEROKEE}]",
    Mark.APART: r"[ ._*·•|~+/-]",
    Mark.LETTER: r"[^\W\d_]",
    Mark.LATIN_SIGN: "[0-9@$!€]",
    Mark.CYRILLIC_SIGN: "[01346@]",
    Mark.ORNAMENT: f"[{arabic.ORNAMENT}]",
    Mark.ARABIC_FORM: f"[{arabic.ARABIC_FORM}]",
    Mark.PERSIAN: f"[{arabic.PERSIAN_FORM}{arabic.PERSIAN_MARK}{arabic.PASHTO}]",
    Mark.SPACE: " ",
    Mark.BLANK: r"[ \n]",
    Mark.ODD_BLANK: r"[^\S \n]|\u2800",
}
"""The characters of all marks but two: UNSTABLE are those that NFKC changes, alone or after some
other, and AGAIN are those that repeat the one before."""


@dataclass(frozen=True, slots=True)
class _Needed:
    """Marks without which a step finds nothing.

    Each must be somewhere in the text; in a `run` they stand on characters in a row, which are
    looked for where the `rarest` of them is.
    """

    marks: tuple[np.uint32, ...]
    together: np.uint32
    run: bool
    rarest: int = 0


def _all(*marks: Mark) -> _Needed:
    return _Needed(tuple(map(np.uint32, marks)), np.uint32(reduce(or_, marks)), run=False)


def _run(*marks: Mark, rarest: int = 0) -> _Needed:
    return replace(_all(*marks), run=True, rarest=rarest)


_TRIGGERS: Mapping[Finder, tuple[_Needed, ...]] = {
    characters.find_unreadable: (_all(Mark.UNSEEN),),
    characters.find_styled: (_all(Mark.STYLED),),
    characters.find_compatibility_forms: (_all(Mark.UNSTABLE),),
    characters.find_invisible: (_all(Mark.UNSEEN),),
    contacts.find_masks: (
        _all(Mark.MASK_SIGN),
        _run(Mark.CAPITAL_U, Mark.R),  # URL
        _run(Mark.T, Mark.P, rarest=1),  # http
    ),
    contacts.find_emails: (
        _all(Mark.AT_SIGN),
        _run(Mark.GAP, Mark.A, Mark.T, Mark.PROVIDER, rarest=2),
        _run(Mark.GAP, Mark.A, Mark.T, Mark.SPACE, Mark.PROVIDER, rarest=2),
        _run(Mark.GAP, Mark.A, Mark.R, Mark.R, rarest=3),  # arroba
    ),
    contacts.find_links: (
        _run(Mark.SLASH, Mark.SLASH),
        _run(Mark.DOT, Mark.ASCII_LETTER),
    ),
    contacts.find_handles: (_all(Mark.AT_SIGN),),
    phones.find_phones: (_run(Mark.DIGIT, *(Mark.IN_NUMBER,) * 6),),
    lookalikes.find_lookalikes: (_all(Mark.LOOKALIKE, Mark.LATIN),),
    spacing.find_spaced_letters: (
        _run(Mark.APART, Mark.LETTER, Mark.APART, Mark.LETTER, Mark.APART),
        _run(Mark.APART, Mark.LETTER, Mark.APART, Mark.SPACE),
    ),
    leet.find_leet: (
        _run(Mark.LATIN, Mark.LATIN_SIGN, Mark.LATIN, rarest=1),
        _run(Mark.LATIN, Mark.LATIN_SIGN, Mark.LATIN_SIGN, Mark.LATIN, rarest=1),
        _run(Mark.CYRILLIC, Mark.CYRILLIC_SIGN, Mark.CYRILLIC, rarest=1),
    ),
    arabic.find_ornaments: (_all(Mark.ORNAMENT),),
    arabic.find_variants: (_all(Mark.ARABIC_FORM, Mark.PERSIAN),),
    characters.find_repeats: (_run(*(Mark.AGAIN,) * 3), _run(*(Mark.REGIONAL,) * 8)),
    characters.find_white_space: (_all(Mark.ODD_BLANK), _run(Mark.BLANK, Mark.BLANK)),
}

Marks = npt.NDArray[np.uint32]

_AGAIN = np.uint32(Mark.AGAIN)


def suspects(texts: Sequence[str]) -> Mapping[Finder, list[int]]:
    """For each step the places of the texts in which it may find something; no others can hold."""
    # A line break on either side makes a blank at an end a run of two.
    codes = np.frombuffer(
        "\n{}\n".format("\n".join(texts)).encode("utf-32-le", "surrogatepass"), np.uint32
    )
    marks = _table().take(codes, mode="clip")
    marks[1:] |= (codes[1:] == codes[:-1]) * _AGAIN
    starts = np.cumsum([0, *(len(text) + 1 for text in texts[:-1])])
    in_text = np.bitwise_or.reduceat(marks, starts)
    found: dict[Finder, list[int]] = {}
    for find, alternatives in _TRIGGERS.items():
        is_suspect = np.zeros(len(texts), np.bool_)
        for needed in alternatives:
            has_all = (in_text & needed.together) == needed.together
            if not needed.run:
                is_suspect |= has_all
            elif has_all.any():
                owners = np.searchsorted(starts, _places(marks, needed), side="right") - 1
                is_suspect[owners] = True
        found[find] = np.flatnonzero(is_suspect).tolist()
    return found


def _places(marks: Marks, run: _Needed) -> npt.NDArray[np.intp]:
    """Where runs begin."""
    last = len(marks) - len(run.marks)
    places = np.flatnonzero((marks & run.marks[run.rarest]) != 0) - run.rarest
    places = places[(places >= 0) & (places <= last)]
    for step, mark in enumerate(run.marks):
        if step != run.rarest:
            places = places[(marks[places + step] & mark) != 0]
    return places


@cache
def _table() -> Marks:
    """The marks of each code point, those from _TABLE_END on in the last place."""
    everything = "".join(map(chr, range(_TABLE_END)))
    table = np.zeros(_TABLE_END + 1, np.uint32)
    for mark, pattern in _CHARACTERS.items():
        for match in re.finditer(f"(?:{pattern})+", everything):
            table[match.start() : match.end()] |= np.uint32(mark)
    unstable = [code for code, letter in enumerate(everything) if not _is_stable(letter)]
    table[unstable] |= np.uint32(Mark.UNSTABLE)
    table[_TABLE_END] = np.iinfo(np.uint32).max & ~int(Mark.AGAIN)
    return table


def _is_stable(character: str) -> bool:
    """Whether NFKC leaves the character as it is, whatever stands before it."""
    return (
        unicodedata.is_normalized("NFKC", character)
        and unicodedata.combining(character) == 0
        and character not in characters.COMPOSES_LEFT
    )
