"""Steps on single characters: unreadable, invisible and styled ones, repeats, white space."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from types import MappingProxyType

from classifier.text.alignment import Edit
from classifier.text.scripts import JOINING

UNREADABLE = r"\x00\ud800-\udfff"
_UNREADABLE = re.compile(f"[{UNREADABLE}]")

INVISIBLE = (
    r"\x01-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5"
    r"\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u20dd-\u20e0\u20e2-\u20e4"
    r"\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb"
    r"\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_INVISIBLE_RUN = re.compile(f"[{INVISIBLE}]+")
_JOINER = re.compile("[\u200c\u200d]")
_JOINING_LETTER = re.compile(f"[{JOINING}]")

REGIONAL = r"\U0001f1e6-\U0001f1ff"
_FIRST_REGIONAL = "\U0001f1e6"
_FOUR = re.compile(r"(.)\1\1\1", re.DOTALL)
_FOUR_FLAGS = re.compile(f"[{REGIONAL}]{{8}}")
_REPEAT = re.compile(rf"([{REGIONAL}]{{2}})\1{{3,}}|([^\d\s{REGIONAL}])\2{{3,}}")
_KEPT_REPEATS = 3

_SPACE_RUN = re.compile(r"[\s\u2800]+")
_LINE_BREAK = re.compile(r"[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")

# With the character before, which may take the first of them into its cluster.
_NOT_ASCII = re.compile(r"[\x00-\x7f]?[^\x00-\x7f]+")

# Starters that compose with the character before them: no cluster may begin here. From
# UnicodeData.txt up to 16; a test derives them again from the interpreter's own tables.
COMPOSES_LEFT = frozenset(
    "\u09be\u09d7\u0b3e\u0b56\u0b57\u0bbe\u0bd7\u0cc2\u0cd5\u0cd6\u0d3e\u0d57\u0dcf\u0ddf\u102e"
    "\u1b35\U00011127\U0001133e\U00011357\U000113b8\U000113bb\U000113c2\U000113c9\U000114b0"
    "\U000114ba\U000114bd\U000115af\U00011930\U0001611e\U0001611f\U00016120\U00016129\U00016d67"
) | frozenset(map(chr, (*range(0x1161, 0x1176), *range(0x11A8, 0x11C3))))

_SMALL_CAPITALS = "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ"
_STYLED = MappingProxyType(
    dict(zip(_SMALL_CAPITALS, "abcdefghijklmnoprstuvwyz", strict=True))
    | {chr(0x1F150 + i): chr(0x41 + i) for i in range(26)}
    | {chr(0x1F170 + i): chr(0x41 + i) for i in range(26)}
    | {chr(base + i): str(i + 1) for base in (0x2776, 0x2780, 0x278A) for i in range(10)}
    | {chr(0x24EB + i): str(i + 11) for i in range(10)}
    | {"\u24ff": "0", "\u00b4": "'", "\u1ffd": "'", "\u2010": "-"}
)
"""Styled letters and digits that NFKC leaves alone, and the acute accent typed as an apostrophe,
which NFKC would turn into a space and a combining mark."""

# Ranges around the styled characters, few so that the search is fast.
STYLED = (
    r"\u00b4\u0262-\u029f\u1d00-\u1d22\u1ffd\u2010\u24eb-\u24ff\u2776-\u2793\ua730\ua731"
    r"\U0001f150-\U0001f189"
)
_MAYBE_STYLED = re.compile(f"[{STYLED}{REGIONAL}]")
_STYLED_CHARACTER = re.compile(rf"[{STYLED}]|(?<![{REGIONAL}])[{REGIONAL}](?![{REGIONAL}])")


def find_unreadable(text: str) -> list[Edit]:
    """NUL and lone surrogates, which no database or encoder takes, become U+FFFD."""
    if text.isprintable():
        return []
    return [Edit(*m.span(), "\ufffd") for m in _UNREADABLE.finditer(text)]


def find_invisible(text: str) -> list[Edit]:
    """Controls and fillers go; a joiner between Arabic or Indic letters becomes a space.

    The space is what the XLM-R normaliser made of such joiners in pre-training.
    """
    if text.isascii() and text.isprintable():
        return []
    edits = []
    for match in _INVISIBLE_RUN.finditer(text):
        start, end = match.span()
        spells = (
            _JOINER.search(match.group())
            and _JOINING_LETTER.match(text[start - 1 : start])
            and _JOINING_LETTER.match(text[end : end + 1])
        )
        edits.append(Edit(start, end, " " if spells else ""))
    return edits


def find_styled(text: str) -> list[Edit]:
    """Circled, squared and small-capital letters; regional indicators unless paired as flags."""
    if text.isascii() or not _MAYBE_STYLED.search(text):
        return []
    edits = []
    for match in _STYLED_CHARACTER.finditer(text):
        character = match.group()
        if character in _STYLED:
            edits.append(Edit(*match.span(), _STYLED[character]))
        elif character >= _FIRST_REGIONAL:
            letter = chr(ord(character) - ord(_FIRST_REGIONAL) + ord("A"))
            edits.append(Edit(*match.span(), letter))
    return edits


def find_compatibility_forms(text: str) -> list[Edit]:
    """NFKC, cluster by cluster, so that each changed character keeps a short source."""
    if unicodedata.is_normalized("NFKC", text):
        return []
    edits = []
    for run in _NOT_ASCII.finditer(text):
        if not unicodedata.is_normalized("NFKC", run.group()):
            edits += _forms_between(text, *run.span())
    return edits


def _forms_between(text: str, start: int, stop: int) -> list[Edit]:
    edits = []
    for end in range(start + 1, stop + 1):
        if end < stop and not _starts_cluster(text[end]):
            continue
        cluster = text[start:end]
        if not cluster.isascii():
            plain = unicodedata.normalize("NFKC", cluster)
            if plain != cluster:
                edits.append(Edit(start, end, plain))
        start = end
    return edits


@lru_cache(maxsize=4096)
def _starts_cluster(character: str) -> bool:
    first = unicodedata.normalize("NFKC", character)[0]
    return unicodedata.combining(first) == 0 and first not in COMPOSES_LEFT


def find_repeats(text: str) -> list[Edit]:
    """Four or more of one character or flag become three; digits are left as they are."""
    if not _FOUR.search(text) and not _FOUR_FLAGS.search(text):
        return []
    edits = []
    for match in _REPEAT.finditer(text):
        unit = match.group(1) or match.group(2)
        edits.append(Edit(match.start() + _KEPT_REPEATS * len(unit), match.end(), ""))
    return edits


def _is_tidy(text: str) -> bool:
    lines = [" ".join(line.split()) for line in text.split("\n")]
    return all(lines) and "\n".join(lines) == text and "\u2800" not in text


def find_white_space(text: str) -> list[Edit]:
    """White space at the ends goes; inside, a run becomes one newline or one space."""
    if _is_tidy(text):
        return []
    edits = []
    for match in _SPACE_RUN.finditer(text):
        start, end = match.span()
        if start == 0 or end == len(text):
            plain = ""
        else:
            plain = "\n" if _LINE_BREAK.search(match.group()) else " "
        if plain != match.group():
            edits.append(Edit(start, end, plain))
    return edits
