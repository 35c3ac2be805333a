"""What the words of a post say in plain sight: prices, terms of payment, contacts, questions.

Cues are found in the normalised text, where contacts are placeholders and look-alike letters are
folded, and are laid over the text as it was sent. Digits, signs and placeholders work in every
language; the phrases are those of the corpus. A cue says what stands there, not what it means:
that is the moderator's part.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from classifier.text import NormalisedText
from serving.pages.review import cue_words


class Cue(StrEnum):
    """What can be seen. The last four occur where someone asks, warns or reports."""

    PRICE_PER_PERSON = "price_per_person"
    PRICE = "price"
    PAY_ON_ARRIVAL = "pay_on_arrival"
    MONEY_HELD = "money_held"
    FEE_FIRST = "fee_first"
    NO_PAPERS = "no_papers"
    NO_EXPERIENCE = "no_experience"
    PLACES_LEFT = "places_left"
    GUARANTEE = "guarantee"
    ROUTE = "route"
    PRIVATE_CONTACT = "private_contact"
    CONTACT = "contact"
    QUESTION = "question"
    QUOTED = "quoted"
    WARNING = "warning"
    REPORT = "report"


COUNTER_CUES = frozenset({Cue.QUESTION, Cue.QUOTED, Cue.WARNING, Cue.REPORT})


@dataclass(frozen=True, slots=True)
class Found:
    """A cue and where it stands, in code points of the text that was normalised."""

    cue: Cue
    start: int
    end: int


def find_cues(normalised: NormalisedText) -> tuple[Found, ...]:
    """The first place of each cue, in the order of `Cue`; the more exact of two hides the other.

    Takes time in proportion to the length of the text.
    """
    matches = {cue: pattern.search(normalised.text) for cue, pattern in _PATTERNS.items()}
    hidden = {
        general
        for exact, general in (
            (Cue.PRICE_PER_PERSON, Cue.PRICE),
            (Cue.PRIVATE_CONTACT, Cue.CONTACT),
        )
        if matches[exact]
    }
    return tuple(
        Found(cue, *normalised.source_span(*match.span()))
        for cue, match in matches.items()
        if match and cue not in hidden
    )


# Letters of these scripts are written without spaces between words.
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")


def _any_of(phrases: str, *, after_number: bool = False) -> str:
    """An expression for any of `phrases`, which may also follow a number without a space.

    What has to begin a word is looked for at beginnings only, which is most of the speed.
    """
    inside: list[str] = []
    beginnings: list[str] = []
    for phrase in filter(None, map(str.strip, phrases.split("|"))):
        words = r"\s+".join(re.escape(word).replace(r"\*", r"\w*") for word in phrase.split())
        if _UNSPACED.search(phrase):
            inside.append(words)
            continue
        ends = r"(?!\w)" if phrase[-1].isalnum() or phrase[-1] == "." else ""
        (beginnings if phrase[0].isalnum() else inside).append(f"{words}{ends}")
    start = "" if after_number else r"(?<!\w)"
    return "|".join([*inside, rf"{start}(?:{'|'.join(beginnings)})"])


# Begun inside a number it would be tried from each of its digits.
_NUMBER_STARTS = r"(?<!\d)(?<!\d[.,\u066b\u066c'])"
_NUMBER = (
    rf"{_NUMBER_STARTS}"
    r"(?:\d{1,3}(?:[ \u00a0\u202f]\d{3}){1,3}|\d[\d.,\u066b\u066c']{0,12})"
)
_AMOUNT = rf"{_NUMBER}(?:\s?[k\u043a](?!\w))?"
_SIGN = "[€$£₺₽₹₦৳₫₴₱฿¥₩﷼₪💶💵💷💴]"
_PER_PERSON = _any_of(cue_words.PER_PERSON)
_PERSON = _any_of(cue_words.PERSON)
_CURRENCY = rf"(?:{_SIGN}|{_any_of(cue_words.CURRENCY, after_number=True)})"
_GAP = r"[\s,/:=-]{0,3}"
_ARROW = "(?:[➡→⟶⇒✈🚤🚗🚢🛶🚛🚶⛵🚕]\ufe0f?|[-=]>)"
_WORD_STARTS = r"(?<![^\W\d_])"  # without it a long word is tried from each of its letters
_PLACE = "(?:[\U0001f1e6-\U0001f1ff]{2}|[^\\W\\d_]{3,})"
_COUNTED_PLACES = (
    r"\d{1,2}\s?(?:more\s)?(?:seats|spots|slots|places|cupos|posti|locuri|chỗ|kursi|plätze|мест|місц)"
    r"(?:\w{0,3})(?!\w)(?:\s(?:left|free|libres|restantes|liberi|libere|frei|trống|kosong))?"
)
_MARKS = (("“", "”"), ("«", "»"), ("„", "“”"), ("「", "」"), ('"', '"'))


def _pattern(expression: str) -> re.Pattern[str]:
    return re.compile(expression, re.IGNORECASE)


_PATTERNS: Mapping[Cue, re.Pattern[str]] = MappingProxyType(
    {
        Cue.PRICE_PER_PERSON: _pattern(
            rf"{_SIGN}?{_AMOUNT}\s{{0,2}}{_CURRENCY}?{_GAP}(?:{_PER_PERSON})"
            rf"|(?:{_PER_PERSON}){_GAP}{_SIGN}?\s?{_AMOUNT}(?:\s{{0,2}}{_CURRENCY})?"
            rf"|{_SIGN}\s?{_AMOUNT}{_GAP}(?:{_PERSON})"
            rf"|{_AMOUNT}\s{{0,2}}{_CURRENCY}{_GAP}(?:{_PERSON})"
            rf"|(?:{_PERSON}){_GAP}(?:{_SIGN}\s?{_AMOUNT}|{_AMOUNT}\s{{0,2}}{_CURRENCY})"
        ),
        Cue.PRICE: _pattern(rf"{_SIGN}\s?{_AMOUNT}|{_AMOUNT}\s{{0,2}}{_CURRENCY}"),
        Cue.PAY_ON_ARRIVAL: _pattern(_any_of(cue_words.ON_ARRIVAL)),
        Cue.MONEY_HELD: _pattern(_any_of(cue_words.MONEY_HELD)),
        Cue.FEE_FIRST: _pattern(_any_of(cue_words.FEE_FIRST)),
        Cue.NO_PAPERS: _pattern(_any_of(cue_words.NO_PAPERS)),
        Cue.NO_EXPERIENCE: _pattern(_any_of(cue_words.NO_EXPERIENCE)),
        Cue.PLACES_LEFT: _pattern(rf"{_any_of(cue_words.PLACES_LEFT)}|{_COUNTED_PLACES}"),
        Cue.GUARANTEE: _pattern(_any_of(cue_words.GUARANTEE)),
        Cue.ROUTE: _pattern(rf"{_WORD_STARTS}{_PLACE}\s{{0,2}}{_ARROW}\s{{0,2}}{_PLACE}"),
        Cue.PRIVATE_CONTACT: _pattern(_any_of(cue_words.PRIVATE_CONTACT)),
        Cue.CONTACT: _pattern(r"\[(?:PHONE|CHAT|USER|EMAIL|URL)\]"),
        Cue.QUESTION: _pattern(r"(?<!\S)[^?？؟፧\n]{1,60}[?？؟፧]|\w[?？؟፧]"),
        Cue.QUOTED: _pattern(
            "|".join(f"{start}[^{start}{end}\n]{{15,300}}[{end}]" for start, end in _MARKS)
        ),
        Cue.WARNING: _pattern(_any_of(cue_words.WARNING)),
        Cue.REPORT: _pattern(_any_of(cue_words.REPORT)),
    }
)
