"""Words whose letters were pulled apart: "S T O P  T H E  B O A T S", "p.a.s.s.p.o.r.t"."""

from __future__ import annotations

import re

from classifier.text.alignment import Edit
from classifier.text.scripts import SPACED

# Within words one space; between words two or more, or a slash.
_BY_SPACES = re.compile(
    rf"(?<![\w'’])[{SPACED}](?:(?: | {{2,}}| ?/ ?)[{SPACED}](?!['’]?\w)){{3,}}+"
)
_BY_SIGNS = re.compile(
    rf"(?<![\w'’])[{SPACED}]([._*·•|~+-])[{SPACED}](?:\1[{SPACED}]){{2,}}+(?!\w)"
)
_BY_SLASHES = re.compile(rf"(?<!\w)[{SPACED}](?:/[{SPACED}]){{4,}}+(?!\w)")
_APART = re.compile(r"[ ._*·•|~+/-](?=[^\W\d_][ ._*·•|~+/-] *[^\W\d_][ ._*·•|~+/-])")
_GAP = re.compile(r" ?/ ?| +")


def find_spaced_letters(text: str) -> list[Edit]:
    """Four or more single letters in a row, of scripts that put spaces between words.

    Gaps inside words go, gaps between words become one space. "a/b  c/d" is no spelling:
    at least two gaps must be inside words. Five letters are asked of slashes, for "m/w/d/x".
    """
    if not _APART.search(text):
        return []
    edits = _fold_spaces(text)
    for pattern in (_BY_SIGNS, _BY_SLASHES):
        for match in pattern.finditer(text):
            signs = range(match.start() + 1, match.end(), 2)
            edits += [Edit(position, position + 1, "") for position in signs]
    return sorted(edits)


def _fold_spaces(text: str) -> list[Edit]:
    edits = []
    for match in _BY_SPACES.finditer(text):
        gaps = list(_GAP.finditer(text, *match.span()))
        if sum(gap.group() == " " for gap in gaps) < 2:
            continue
        for gap in gaps:
            if gap.group() == " ":
                edits.append(Edit(*gap.span(), ""))
            elif "/" not in gap.group():
                edits.append(Edit(*gap.span(), " "))
    return edits
