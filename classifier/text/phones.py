"""Telephone numbers, told apart from prices, ranges, dates and the other numbers of an advert."""

from __future__ import annotations

import re
from itertools import pairwise

from classifier.text.alignment import Edit
from classifier.text.scripts import UNSPACED

PHONE = "[PHONE]"

_NO_WORD_BEFORE = rf"(?<![^\W{UNSPACED}])(?<!@)(?<!\d[.,:'’/])"
_NO_WORD_AFTER = rf"(?![^\W{UNSPACED}])(?![.,:'’/]\d)(?! ?%)"
_CANDIDATE = re.compile(
    rf"{_NO_WORD_BEFORE}(?:\+ ?)?\(?\d(?:(?!\. )[ ().\-–/]{{0,3}}\d)*+{_NO_WORD_AFTER}"
)
# Digits written over by x or *, as public sets and cautious posters do.
_BLANKED = re.compile(
    rf"{_NO_WORD_BEFORE}(?=[\d+(]|[xX]+[ .-])"
    rf"\+?\(?[\dxX](?:[ ().\-]{{0,2}}[\dxX*])*+{_NO_WORD_AFTER}"
)
_LONG = re.compile(r"[\dxX][\d ().\-–/xX*]{6}")
_GROUP = re.compile(r"\d+")

_MIN_DIGITS = 8
_MIN_DIGITS_WITH_PREFIX = 7
_MAX_DIGITS = 15  # E.164

_CUE = re.compile(
    r"(?:\b(?:tel|phone|ph|mob|mobile|call|text|sms|dial|ring|whats?app|wsp|wa|viber|imo|botim|zalo"
    r"|llama|appelle[zr]?|anruf|тел|звони(?:те)?|вотсап|вайбер)|هاتف|واتس?\s?اب|تلفن|تماس|फोन|电话)"
    r"\W{0,3}(?:\w{1,8}\W{1,2})?$",
    re.IGNORECASE,
)
_CURRENCY = (
    r"[$€£¥₹₽₺₴₦₱฿₫៛₸₼₾₪₩﷼]|(?:usdt?|eur|gbp|rs|rm|rp|idr|mmk|vnd|irr|inr|pkr|bdt|lkr|npr|php|kes"
    r"|ksh|ugx|tzs|rwf|ngn|ghs|etb|birr|xof|xaf|f?cfa|cdf|egp|iqd|syp|lbp|mad|dzd|tnd|lyd|aed|sar"
    r"|try|tl|rub|uah|kzt|uzs|som|azn|gel|amd|clp|cop|mxn|ars|pyg|lek[eë]?|din(?:ar)?|ft|руб|сум|тг"
    r"|грн|تومان|ریال|دينار|دینار|ليرة|đồng|vnđ)"
)
_CURRENCY_BEFORE = re.compile(rf"(?<!\d)(?<!\d )(?:{_CURRENCY})\.? ?$", re.IGNORECASE)
_CURRENCY_AFTER = re.compile(rf" ?(?:{_CURRENCY})(?!\w)", re.IGNORECASE)

_YEAR = re.compile(r"(?:1[5-9]|20)\d\d")
_DATE = re.compile(
    r"(?:19|20)\d\d[.\-/ ](?:0?[1-9]|1[0-2])[.\-/ ](?:0?[1-9]|[12]\d|3[01])(?!\d)"
    r"|(?:0?[1-9]|[12]\d|3[01])[.\-/ ](?:0?[1-9]|1[0-2])[.\-/ ](?:19|20)\d\d(?!\d)"
    r"|(?:0?[1-9]|1[0-2])/(?:0?[1-9]|[12]\d|3[01])/(?:19|20)\d\d(?!\d)"
    r"|(?:0?[1-9]|[12]\d|3[01])\.(?:0[1-9]|1[0-2])\.? ?[-–]"
    r"|00? ?[./-] ?00? ?[./-] ?0000(?!\d)|0000[./-]00[./-]00(?!\d)"  # blanked dates
)
_HOUR = r"(?:(?:[01]?\d|2[0-4])[. ]|[01]\d|2[0-4])[0-5]\d"
_HOURS = re.compile(rf"{_HOUR} ?[-–/] ?{_HOUR}(?!\d)")
_ADDRESS = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
_THOUSANDS = re.compile(r"\d{1,3}([ .])\d{3}(?:\1\d{3})*")
_FOUR_AND_YEAR = re.compile(r"\d{4}[-/](?:19|20)\d\d")
_RANGE_SIGN = re.compile(r" ?[-–/]+ ?")


def find_phones(text: str) -> list[Edit]:
    """Numbers of 8 to 15 digits in any script, or of 7 after +, 0 or a word such as "call"."""
    if not _LONG.search(text):
        return []
    if "x" in text or "X" in text or "*" in text:
        blanked = [m for m in _BLANKED.finditer(text) if _is_blanked_phone(m.group())]
        if blanked:
            return [Edit(*match.span(), PHONE) for match in blanked]  # the rest in the next round
    edits = []
    for match in _CANDIDATE.finditer(text):
        opening = match.start()
        if match.group().startswith("(") and ")" not in match.group():
            opening += 1
        for start, end in _split(text, opening, match.end()):
            if _is_phone(text, start, end):
                edits.append(Edit(start, end, PHONE))
    return edits


def _split(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Part what only a space or slash joins: a price before a number, or two numbers."""
    groups = list(_GROUP.finditer(text, start, end))
    if _has_prefix(text[start], groups) and sum(map(_length, groups)) <= _MAX_DIGITS:
        return [(start, end)]
    bounds = [start]
    for before, group in pairwise(groups):
        between = text[before.end() : group.start()]
        if _length(group) > _MIN_DIGITS and (" " in between or "/" in between):
            bounds += before.end(), group.start()
    bounds.append(end)
    return list(zip(bounds[::2], bounds[1::2], strict=True))


def _has_prefix(first: str, groups: list[re.Match[str]]) -> bool:
    """Whether the number opens with a country or area code, so that it is one number."""
    if first in "+(" or groups[0].group().startswith("00"):
        return True
    return _length(groups[0]) <= 3 and all(_length(group) <= _MIN_DIGITS for group in groups[2:])


def _length(match: re.Match[str]) -> int:
    return len(match.group())


def _is_phone(text: str, start: int, end: int) -> bool:
    shape = re.sub(r"\d", lambda m: str(int(m.group())), text[start:end].strip())
    groups = re.findall(r"\d+", shape)
    number = "".join(groups)
    if not _MIN_DIGITS_WITH_PREFIX <= len(number) <= _MAX_DIGITS:
        return False
    if _DATE.match(shape) or _HOURS.fullmatch(shape) or _ADDRESS.fullmatch(shape):
        return False
    if shape.startswith("+"):
        return True
    if all(_YEAR.fullmatch(group) for group in groups) or _is_range(shape):
        return False
    if number.startswith("0"):
        return "." not in shape or len(groups) > 2
    if (
        _is_list(shape, groups)
        or _is_amount(shape, groups, number)
        or _has_currency(text, start, end)
    ):
        return False
    return len(number) >= _MIN_DIGITS or _CUE.search(text[max(0, start - 30) : start]) is not None


def _is_range(shape: str) -> bool:
    """Tell "1000-1200", "1943-1952", "35 000–60 000", "9001-2008" from "7123-4567"."""
    if _FOUR_AND_YEAR.fullmatch(shape):
        return True
    sides = [re.sub(r"[ .]", "", side) for side in _RANGE_SIGN.split(shape)]
    if len(sides) < 2 or not all(side.isdigit() and not side.startswith("0") for side in sides):
        return False
    round_or_year = all(side[-1] in "05" or _YEAR.fullmatch(side) for side in sides[1:])
    rising = all(int(low) <= int(high) for low, high in pairwise(sides))
    return round_or_year and rising and len(sides) <= 3


def _is_list(shape: str, groups: list[str]) -> bool:
    """Area codes and sizes ("703/202/301"), scores ("11-4 9-11 11-6 11-7")."""
    if len(groups) > 2 and set(re.sub(r"\d", "", shape)) == {"/"}:
        return True
    return " " in shape and "-" in shape and all(len(group) <= 2 for group in groups)


def _is_amount(shape: str, groups: list[str], number: str) -> bool:
    if number.endswith("0000"):
        return True
    if len(groups) == 2 and "." in shape:
        return True  # a decimal
    if _THOUSANDS.fullmatch(shape) is None:
        return False
    return len(number) <= _MIN_DIGITS or number.endswith("00")


def _has_currency(text: str, start: int, end: int) -> bool:
    before = text[max(0, start - 8) : start]
    return bool(_CURRENCY_BEFORE.search(before) or _CURRENCY_AFTER.match(text, end))


def _is_blanked_phone(candidate: str) -> bool:
    signs = re.findall(r"[\dxX*]", candidate)
    blanks = sum(not sign.isdigit() for sign in signs)
    if blanks < 2 or not _MIN_DIGITS_WITH_PREFIX <= len(signs) <= _MAX_DIGITS:
        return False
    return blanks < len(signs) or len(re.findall(r"[ .-]+", candidate)) >= 2
