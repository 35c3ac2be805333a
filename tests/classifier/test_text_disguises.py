"""Spellings meant to slip past a filter, and the plain texts they must not be taken for."""

from __future__ import annotations

import pytest

from classifier.text import normalise


@pytest.mark.parametrize(
    ("disguised", "plain"),
    [
        ("Сruise shiр jobs on WhаtsAрр", "Cruise ship jobs on WhatsApp"),
        ("рaбoтa в Mocквe", "работа в Москве"),
        ("направленuu kрuптовалют", "направлении криптовалют"),
        ("fake раѕѕрοrt", "fake passport"),
        ("τaυτότητα", "ταυτότητα"),
        ("Мinsk to Веrlin", "Minsk to Berlin"),
        ("jobs in Teleɡram Ꭺgent", "jobs in Teleɡram Agent"),
        ("в городе нaм oт", "в городе нам от"),
        ("tell them, noт", "tell them, not"),
    ],
)
def test_lookalikes_are_folded_in_words_that_mix_scripts(disguised: str, plain: str) -> None:
    assert normalise(disguised) == plain


@pytest.mark.parametrize(
    "text",
    [
        "пиши в viberом, SMSки, VIPам",
        "сосна and COCHA",
        "Ελλάδα и Россия",
        "50µm и 3kΩ".replace("µ", "μ"),
        "yεԑ".replace("εԑ", "ɛɛ"),
        "Հայաստան",
    ],
)
def test_words_of_one_script_or_without_counterparts_stay(text: str) -> None:
    assert normalise(text) == text


@pytest.mark.parametrize(
    ("disguised", "plain"),
    [
        ("S T O P  T H E  B O A T S. yes", "STOP THE BOATS. yes"),
        ("k e n t + e s s e x . pick up", "kent + essex . pick up"),
        ("W E  B U Y old cars", "WE BUY old cars"),
        ("p.a.s.s.p.o.r.t", "passport"),
        ("!!U.R.G.E.N.T!! c-a-s-h", "!!URGENT!! cash"),
        ("C/r/u/c/e/r/o/s", "Cruceros"),
        ("р а б о т а есть", "работа есть"),
        ("م ط ل و ب سائق", "مطلوب سائق"),
        ("ኢ ን ግ ላ ን ድ", "ኢንግላንድ"),
        ("K y e y o w'ekkubo", "Kyeyo w'ekkubo"),
    ],
)
def test_letters_pulled_apart_are_joined(disguised: str, plain: str) -> None:
    assert normalise(disguised) == plain


@pytest.mark.parametrize(
    "text",
    [
        "U.S.A. and e.g. this",
        "plan a b c",
        "Fahrer m/w/d/x gesucht",
        "m / f / d / x",
        "今 天 去 办 签 证",
        "ห า ง า น",
        "호 주 워 홀",
        "so I did a 3 x 4",
    ],
)
def test_initials_lists_and_scripts_without_spaces_stay_apart(text: str) -> None:
    assert normalise(text) == normalise(normalise(text)) == text


@pytest.mark.parametrize(
    ("disguised", "plain"),
    [
        ("R3gistered in syst3m", "Registered in system"),
        ("P4y for passp0rt", "Pay for passport"),
        ("n@me and ca$h", "name and cash"),
        ("v1$a, off!ce, wh!le", "visa, office, while"),
        ("n33d dr1v3rs l4r3d0", "need drivers laredo"),
        ("4v41lable 0verse4s 1nst4gram", "available overseas instagram"),
        ("on1ine c@ptain P!N", "online captain PIN"),
        ("V1SA SC@M J0B", "VISA SCAM JOB"),
        ("раб0та п4тент ра6ота", "работа патент работа"),
        ("M0ДEP@T0P чaтa", "МОДЕРАТОР чата"),
    ],
)
def test_digits_and_signs_for_letters_are_read(disguised: str, plain: str) -> None:
    assert normalise(disguised) == plain


@pytest.mark.parametrize(
    "text",
    [
        "4G B2B mp3 covid19 2nd 24h h2o 3months N95 H1B b4u m4w",
        "Rs3k or 1h30min or 4D3N",
        "P3MI #March4Peace now!Call",
        "free!call info@company",
        "kan3ref l7araga ma3lish 3andi 7ad",
        "US$150 and $5",
        "i18n k8s html5player",
    ],
)
def test_codes_units_and_romanised_arabic_keep_their_digits(text: str) -> None:
    assert normalise(text) == text
