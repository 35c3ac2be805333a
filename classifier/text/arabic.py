"""Arabic script: elongation and vowel marks dropped, the two forms of kaf and yeh unified."""

from __future__ import annotations

import re

from classifier.text.alignment import Edit

_ARABIC = re.compile(r"[\u0600-\u08ff]")
ORNAMENT = (
    r"\u0640\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u08d3-\u08e1"
    r"\u08e3-\u08ff"
)
_ORNAMENT = re.compile(f"[{ORNAMENT}]+")

_TO_PERSIAN = {"\u0643": "\u06a9", "\u064a": "\u06cc", "\u0649": "\u06cc"}
_TO_ARABIC = {"\u06a9": "\u0643", "\u06cc": "\u064a"}
ARABIC_FORM = r"\u0643\u064a\u0649"
_ARABIC_FORM = re.compile(f"[{ARABIC_FORM}]")
_ARABIC_KAF = re.compile("\u0643")
PERSIAN_FORM = r"\u06a9\u06cc"
_PERSIAN_FORM = re.compile(f"[{PERSIAN_FORM}]")

# Letters of Persian, Urdu and Kurdish that Arabic lacks; Iraqi and Gulf posts borrow some
# of them, so they are weighed against what only Arabic writes: teh marbuta, hamza on alef, al-.
PERSIAN_MARK = (
    r"\u067e\u0686\u0698\u06af\u0679\u0688\u0691\u06ba\u06d2\u06c6\u06ce\u0695\u06b5\u06d5\u06c1"
    r"\u06be"
)
_PERSIAN_MARK = re.compile(f"[{PERSIAN_MARK}]")
_ARABIC_MARK = re.compile(r"[\u0629\u0623\u0625]|\b\u0627\u0644")

# Sindhi, Uyghur, Maghrebi and Jawi writing keep both conventions in ways of their own.
_OTHER_CONVENTION = re.compile(
    r"[\u067b\u0684\u0683\u0687\u068a\u068c\u068d\u068f\u0699\u06a6\u06b3\u06b1\u06aa\u067d\u067f"
    r"\u067a\u0680\u06c7\u06c8\u06cb\u06ad\u06a0\u06bd\u0762]"
)
# Pashto writes both yehs and means different endings by them.
PASHTO = r"\u067c\u0681\u0685\u0689\u0693\u0696\u069a\u06ab\u06bc\u06d0\u06cd"
_PASHTO = re.compile(f"[{PASHTO}]")


def find_ornaments(text: str) -> list[Edit]:
    """Tatweel, harakat and Quranic marks."""
    if not _ARABIC.search(text):
        return []
    return [Edit(*m.span(), "") for m in _ORNAMENT.finditer(text)]


def find_variants(text: str) -> list[Edit]:
    """Kaf and yeh of the convention that the text does not follow.

    Nothing changes unless the text mixes both forms or carries letters of the other convention.
    Teh marbuta, heh and the hamza forms are left alone.
    """
    if not _ARABIC.search(text):
        return []
    if _PASHTO.search(text):
        return [Edit(*m.span(), "\u06a9") for m in _ARABIC_KAF.finditer(text)]
    arabic, persian = _ARABIC_FORM.findall(text), _PERSIAN_FORM.findall(text)
    if (not arabic and not persian) or _OTHER_CONVENTION.search(text):
        return []
    marks = len(_PERSIAN_MARK.findall(text)) - len(_ARABIC_MARK.findall(text))
    mixed = bool(arabic and persian)
    if marks == 0:
        marks = len(persian) - len(arabic) if mixed else 0
    if marks > 0:
        return [Edit(*m.span(), _TO_PERSIAN[m.group()]) for m in _ARABIC_FORM.finditer(text)]
    if mixed:
        return [Edit(*m.span(), _TO_ARABIC[m.group()]) for m in _PERSIAN_FORM.finditer(text)]
    return []
