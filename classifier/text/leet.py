"""Letters written as digits and signs: "syst3m", "passp0rt", "ca$h", "v!sa"."""

from __future__ import annotations

import re
from types import MappingProxyType

from classifier.text.alignment import Edit
from classifier.text.scripts import CYRILLIC, LATIN

_LATIN_SIGNS = MappingProxyType(
    {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t"}
    | {"@": "a", "$": "s", "!": "i", "€": "e"}
)
_CYRILLIC_SIGNS = MappingProxyType({"0": "о", "1": "и", "3": "з", "4": "ч", "6": "б", "@": "а"})
_CYRILLIC_VOWELS = frozenset("аеёиоуыэюяіїєАЕЁИОУЫЭЮЯІЇЄ")
_BETWEEN_CONSONANTS = MappingProxyType({"3": "е", "4": "а"})

_LATIN_WORD = re.compile(rf"(?<![\w@$!€])[{LATIN}0-9][{LATIN}0-9@$!€]*[{LATIN}0-9](?![\w@€])")
_CYRILLIC_WORD = re.compile(rf"(?<![\w@])[{CYRILLIC}][{CYRILLIC}01346@]*[{CYRILLIC}](?![\w@])")
_INSIDE = re.compile(rf"[0-9@$!€](?<=[{LATIN}].)[0-9@$!€]?(?=[{LATIN}])")
_INSIDE_CYRILLIC = re.compile(rf"[01346@](?=[{CYRILLIC}])(?<=[{CYRILLIC}].)")
_LETTER = re.compile(f"[{LATIN}]")

# What only looks like it: H1B, B4U, m4w, Rs3k, 1h30min, 4D3N (days and nights), mp3player, and
# P3MI, the licensed recruiters of Indonesia.
_NO_DISGUISE = re.compile(
    r"[a-z]1[abcv]|[a-z]4u|[mfwt]4[mfwt]|[a-z]{1,3}\d+(?:k|m|mn|l|cr|jt|rb|x|th|st|nd|rd|gb|mb|kg)"
    r"|\d+[hx]\d.*|\d+[dh]\d+[nm]|(?:bp|p)3mi|(?:mp[34]|html5|web3).+",
    re.IGNORECASE,
)
# Arabic in Latin letters spells with digits: 7 and 9 and 5 are letters there, and 3 is ayn.
_ARABIZI = re.compile(
    r"[a-z]{2}[2579][a-z]|[a-z][2579][a-z]{2}|(?<!\w)(?:3[aio]|3l[aiy]|3nd|[79][ail][a-z])|[aiou]3(?!\w)"
)
_VOWELS = frozenset("aeiouyAEIOUY")


def find_leet(text: str) -> list[Edit]:
    """Signs between the letters of a word, and at its ends once one stands inside.

    Left alone: words with digits that stand for no letter (B2B, h2o), digits only at an end
    (mp3, 24h, covid19), and 3, 5 and 7 where the text looks like romanised Arabic.
    """
    edits: list[Edit] = []
    if _INSIDE.search(text):
        arabizi = _ARABIZI.search(text) is not None
        spelled = any("3" not in run for run in _INSIDE.findall(text))
        for match in _LATIN_WORD.finditer(text):
            word = match.group()
            if _INSIDE.search(word) and _is_disguised(word):
                edits += _fold(word, match.start(), arabizi, spelled)
    if not text.isascii() and _INSIDE_CYRILLIC.search(text):
        for match in _CYRILLIC_WORD.finditer(text):
            edits += _fold_cyrillic(match.group(), match.start())
    return sorted(edits)


def _is_disguised(word: str) -> bool:
    letters = len(_LETTER.findall(word))
    signs = len(word) - letters
    if letters < signs or any(c.isdigit() and c not in _LATIN_SIGNS for c in word):
        return False
    if len(word) == 3 and word[1] in "1345" and not word[2].islower():
        return False
    return _NO_DISGUISE.fullmatch(word) is None


def _fold(word: str, offset: int, arabizi: bool, spelled: bool) -> list[Edit]:
    letters: dict[int, str] = {}
    surely = any(sign in word for sign in "0134@$!")
    for run in _INSIDE.finditer(word):
        before, after = word[run.start() - 1], word[run.end()]
        for position in range(*run.span()):
            sign = word[position]
            if sign in "!@":
                meant = run.group() == "!!" or not _is_short_side(
                    position, len(word) - position - 1
                )
            elif sign in "57":
                meant = arabizi or not surely
            elif sign == "3":
                meant = arabizi or not (spelled or _VOWELS.isdisjoint((before, after)))
            else:
                meant = False
            letter = None if meant else _letter(sign, before, after)
            if letter:
                letters[position] = letter
    if letters and len(word) > 3:
        if word[0] in "0134" and not word[1].isdigit():
            letters[0] = _LATIN_SIGNS[word[0]]
        if word[-1] in "03" and not word[-2].isdigit():
            letters[len(word) - 1] = _LATIN_SIGNS[word[-1]]
    return _edits(word, letters, offset)


def _letter(sign: str, before: str, after: str) -> str | None:
    """The letter a sign inside a word stands for, or None where its neighbours rule one out."""
    if before.islower() and after.isupper():
        return None  # two words: "March4Peace", "now!Call"
    between_vowels = before in _VOWELS and after in _VOWELS
    if sign == "1" and (between_vowels or "i" in (before + after).lower()):
        return "l"
    if sign in "034" and between_vowels:
        return None
    if sign == "€" and not (before.isascii() and after.isascii()):
        return None
    return _LATIN_SIGNS[sign]


def _is_short_side(left: int, right: int) -> bool:
    """Tell "v!sa", "c@ptain" and "prov!der" from "free!call" and "info@company"."""
    return min(left, right) <= 2 or (left <= 4 and right <= 3)


def _fold_cyrillic(word: str, offset: int) -> list[Edit]:
    letters: dict[int, str] = {}
    for sign in _INSIDE_CYRILLIC.finditer(word):
        letter = _CYRILLIC_SIGNS[sign.group()]
        if _CYRILLIC_VOWELS.isdisjoint((word[sign.start() - 1], word[sign.end()])):
            letter = _BETWEEN_CONSONANTS.get(sign.group(), letter)
        letters[sign.start()] = letter
    return _edits(word, letters, offset)


def _edits(word: str, letters: dict[int, str], offset: int) -> list[Edit]:
    upper = word.upper() == word
    return [
        Edit(offset + position, offset + position + 1, letter.upper() if upper else letter)
        for position, letter in sorted(letters.items())
    ]
