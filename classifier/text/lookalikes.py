"""Letters of another script that look alike, folded only inside words that mix scripts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType

from classifier.text.alignment import Edit
from classifier.text.scripts import ARMENIAN, CHEROKEE, CYRILLIC, GREEK, LATIN, Script

_OTHER = re.compile(f"[{CYRILLIC}{GREEK}{ARMENIAN}{CHEROKEE}]")
_WORD = re.compile(r"[^\W_]+(?:@[^\W_]+)*")
_LETTERS = {
    Script.LATIN: re.compile(f"[{LATIN}]"),
    Script.CYRILLIC: re.compile(f"[{CYRILLIC}]"),
    Script.GREEK: re.compile(f"[{GREEK}]"),
    Script.ARMENIAN: re.compile(f"[{ARMENIAN}]"),
    Script.CHEROKEE: re.compile(f"[{CHEROKEE}]"),
}


def _pairs(*columns: str) -> Mapping[str, str]:
    sources, targets = "".join(columns[::2]), "".join(columns[1::2])
    return MappingProxyType(dict(zip(sources, targets, strict=True)))


# Chosen from Unicode TR39's confusables.txt, plus what evaders were seen to use. Strict pairs look
# the same in print; loose ones only as small capitals or by hand ("u" for "и", "м" for "m").
_TO_LATIN = {
    Script.CYRILLIC: _pairs(
        "аеорсухіјѕһԁԛԝӏёїѵԑ",
        "aeopcyxijshdqwlëïvɛ",
        "АВЕКМНОРСТУХІЈЅЁЇԌԚԜҺӀԐ",
        "ABEKMHOPCTYXIJSËÏGQWHIƐ",
    ),
    Script.GREEK: _pairs("αονρικεάόίϲϳͻ", "aovpikɛáóícjɔ", "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧϹ", "ABEZHIKMNOPTYXC"),
    Script.ARMENIAN: _pairs("օոսհցզՕՍԼՏ", "onuhgqOULS"),
    Script.CHEROKEE: _pairs("ᎪᏴᏟᎠᎬᏀᎻᎥᎫᏦᏞᎷᏢᎡᏚᎢᏙᎳᏃ", "ABCDEGHiJKLMPRSTVWZ"),
}
_FROM_LATIN = {
    Script.CYRILLIC: _pairs("aeopcyxëkABEKMHOPCTYXË", "аеорсухёкАВЕКМНОРСТУХЁ"),
    Script.GREEK: _pairs("aovpiáóíABEZHIKMNOPTYX", "αονριάόίΑΒΕΖΗΙΚΜΝΟΡΤΥΧ"),
    Script.ARMENIAN: _pairs("onuhgqOULS", "օոսհցզՕՍԼՏ"),
    Script.CHEROKEE: _pairs("ABCDEGHJKLMPRSTVWZ", "ᎪᏴᏟᎠᎬᏀᎻᎫᏦᏞᎷᏢᎡᏚᎢᏙᎳᏃ"),
}
_LOOSE_TO_LATIN = {
    Script.CYRILLIC: _pairs("кмт", "kmt"),
    Script.GREEK: _pairs("υχτηγωέύ", "uxtnywéú"),
}
_LOOSE_FROM_LATIN = {
    Script.CYRILLIC: _pairs("ijsïmthrnubSIJÏ", "іјѕїмтнгпиьЅІЈЇ"),
    Script.GREEK: _pairs("kuxtnywéú", "κυχτηγωέύ"),
}


def find_lookalikes(text: str) -> list[Edit]:
    """In each mixed word, the letters that are not of the word's script.

    The word's script is one that all its letters can be read in; of several, that of most of its
    letters, then of most of the text's. Loose pairs serve only the script of the text around.
    Where some letter has no counterpart the word stays; words of one script are never touched.
    """
    if text.isascii() or not _OTHER.search(text) or not _LETTERS[Script.LATIN].search(text):
        return []
    edits: list[Edit] = []
    in_text: Counter[Script] | None = None
    for match in _WORD.finditer(text):
        word = match.group()
        in_word = Counter() if word.isascii() else _count(word)
        if len(in_word) < 2:
            continue
        if in_text is None:
            in_text = _count(text)
        folded = _fold_word(word, in_word, in_text)
        edits += [
            Edit(match.start() + i, match.start() + i + 1, new)
            for i, (old, new) in enumerate(zip(word, folded, strict=True))
            if old != new
        ]
    return edits


def _count(text: str) -> Counter[Script]:
    counts = {script: len(pattern.findall(text)) for script, pattern in _LETTERS.items()}
    return Counter({script: count for script, count in counts.items() if count})


def _fold_word(word: str, in_word: Counter[Script], in_text: Counter[Script]) -> str:
    for script in sorted(in_word, key=lambda script: (-in_word[script], -in_text[script], script)):
        if folded := _read_in(word, script, loosely=False):
            return folded
    around = min(in_word, key=lambda script: (-in_text[script], script))
    if around is Script.LATIN or 2 * in_word[around] > in_word.total():
        return _read_in(word, around, loosely=True) or word
    return word  # "smsкам" in a Russian text is neither disguise nor Cyrillic


def _read_in(word: str, target: Script, *, loosely: bool) -> str | None:
    letters = [_read_as(character, target, loosely) for character in word]
    return None if None in letters else "".join(filter(None, letters))


def _read_as(character: str, target: Script, loosely: bool) -> str | None:
    """The character as a letter of the target script, or None where it has no counterpart."""
    source = next((s for s, pattern in _LETTERS.items() if pattern.match(character)), target)
    if source is target:
        return character
    latin: str | None = character
    if source is not Script.LATIN:
        latin = _TO_LATIN[source].get(character)
        if latin is None and loosely and source in _LOOSE_TO_LATIN:
            latin = _LOOSE_TO_LATIN[source].get(character)
    if target is Script.LATIN or latin is None:
        return latin
    letter = _FROM_LATIN[target].get(latin)
    if letter is None and loosely and target in _LOOSE_FROM_LATIN:
        letter = _LOOSE_FROM_LATIN[target].get(latin)
    return letter
