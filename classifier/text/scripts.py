"""The scripts the normalisation has to tell apart, as bodies of regular-expression classes.

The standard library has no script property; the ranges are the letter ranges of Unicode 14's
Scripts.txt, as far as posts use them.
"""

from __future__ import annotations

from enum import StrEnum

LATIN = (
    r"A-Za-z\u00aa\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02af"
    r"\u1d00-\u1d25\u1e00-\u1eff\ua722-\ua7ff"
)
CYRILLIC = r"\u0400-\u0481\u048a-\u052f\u1c80-\u1c88\ua640-\ua66e\ua680-\ua69b"
GREEK = r"\u0370-\u0373\u0376\u0377\u037b-\u037d\u0386\u0388-\u03ff\u1f00-\u1ffc"
ARMENIAN = r"\u0531-\u0556\u0560-\u0588"
CHEROKEE = r"\u13a0-\u13f5\u13f8-\u13fd\uab70-\uabbf"
HEBREW = r"\u05d0-\u05ea"
ARABIC = (
    r"\u0620-\u063f\u0641-\u064a\u066e-\u066f\u0671-\u06d3\u06d5\u06ee\u06ef\u06fa-\u06ff"
    r"\u0750-\u077f\u08a0-\u08c9"
)
GEORGIAN = r"\u10a0-\u10ff\u1c90-\u1cbf"
ETHIOPIC = r"\u1200-\u135a\u1380-\u138f\u2d80-\u2dde"

SPACED = LATIN + CYRILLIC + GREEK + ARMENIAN + HEBREW + ARABIC + GEORGIAN + ETHIOPIC
"""Letters of scripts that put spaces between words."""

UNSPACED = (
    r"\u0e00-\u0fff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3040-\u30ff\u3130-\u318f"
    r"\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff"
    r"\U00020000-\U0003ffff"
)
"""Letters that may touch a contact: Thai to Myanmar, Khmer, Han, Kana, and Hangul particles."""

JOINING = r"\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff\u0900-\u0dff"
"""Arabic and Indic letters and marks: here zero-width joiners are spelling, not disguise."""


class Script(StrEnum):
    """Scripts with letters that look alike."""

    LATIN = "latin"
    CYRILLIC = "cyrillic"
    GREEK = "greek"
    ARMENIAN = "armenian"
    CHEROKEE = "cherokee"
