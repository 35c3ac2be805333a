"""Invisible, styled and repeated characters, Arabic forms, white space."""

from __future__ import annotations

import pytest

from classifier.text import normalise, normalise_with_offsets


@pytest.mark.parametrize(
    ("sent", "plain"),
    [
        ("pa\u200bss\u2060po\u00adrt\ufeff", "passport"),
        ("vi\u200csa and jo\u200db", "visa and job"),
        ("می\u200cشود", "می شود"),
        ("ශ්\u200dරී", "ශ් රී"),
        ("\u202edesrever\u202c \u2066x\u2069", "desrever x"),
        ("x\U000e0041\U000e0042y", "xy"),
        ("❤\ufe0f 👨\u200d🍳", "❤ 👨🍳"),
        ("1\ufe0f\u20e35\ufe0f\u20e3 kids", "15 kids"),
        ("bell\x07 esc\x1b", "bell esc"),
    ],
)
def test_invisible_characters_go(sent: str, plain: str) -> None:
    assert normalise(sent) == plain


def test_what_cannot_be_stored_becomes_the_replacement_character() -> None:
    assert normalise("a\x00b\ud800c") == "a\ufffdb\ufffdc"


@pytest.mark.parametrize(
    ("sent", "plain"),
    [
        ("ＭＯＤＥＬＳ ｎｏ\u3000ｅｘｐ", "MODELS no exp"),
        ("𝗚𝗥𝗘𝗘𝗡 𝐖𝐚𝐥𝐤", "GREEN Walk"),
        ("ᴘᴀssᴘᴏʀᴛ", "passport"),
        ("🅲🆃🆃 ❶❸⓿", "CTT 130"),
        ("e\u0301t\u0065\u0301", "été"),
        ("ﻭﻇﻴﻔﺔ", "وظيفة"),
        ("시ㅇㅏ누크빌", "시아누크빌"),
        ("l´agence", "l'agence"),
        ("🇵 🇦 🇸 🇸", "PASS"),
    ],
)
def test_styled_letters_become_plain(sent: str, plain: str) -> None:
    assert normalise(sent) == plain


def test_flags_and_emoji_are_kept() -> None:
    assert normalise("🇦🇱➡🇬🇧 🚤👍🏽") == "🇦🇱➡🇬🇧 🚤👍🏽"


@pytest.mark.parametrize(
    ("sent", "plain"),
    [
        ("تأشيـــرة شنغـــن", "تأشيرة شنغن"),
        ("تُـــرَدّ", "ترد"),
        ("كام پکا", "کام پکا"),
        ("سفر با كاميون ارزان گران", "سفر با کامیون ارزان گران"),
        ("الشركة في بيروت علی المرفأ", "الشركة في بيروت علي المرفأ"),
    ],
)
def test_arabic_script_is_written_one_way(sent: str, plain: str) -> None:
    assert normalise(sent) == plain


@pytest.mark.parametrize(
    "text",
    [
        "على المدينة الكبيرة",
        "أكول باچر للبصرة إي گال",
        "د کارت فیس دي غواړي",
        "تاكسى ئۈچۈن يول",
    ],
)
def test_arabic_dialects_pashto_and_uyghur_keep_their_letters(text: str) -> None:
    assert normalise(text) == text


@pytest.mark.parametrize(
    ("sent", "plain"),
    [
        ("soooooo!!!!!!", "sooo!!!"),
        ("😂😂😂😂😂", "😂😂😂"),
        ("🇬🇧🇬🇧🇬🇧🇬🇧🇬🇧", "🇬🇧🇬🇧🇬🇧"),
        ("1000000 kids", "1000000 kids"),
        ("  a \t b\r\n\n c\u2028d  ", "a b\nc\nd"),
    ],
)
def test_repeats_and_white_space_are_cut_down(sent: str, plain: str) -> None:
    assert normalise(sent) == plain


def test_nothing_visible_normalises_to_nothing() -> None:
    assert normalise(" \u200b\ufe0f\n") == ""


def test_the_changes_say_what_was_done_and_how_often() -> None:
    sent = "Fr33 v!sa\u200b, fаke раssport\u2003call 07700 900114!!!!!"
    changes = {change.kind: change.count for change in normalise_with_offsets(sent).changes}
    assert changes == {
        "compatibility_forms": 1,
        "invisible_removed": 1,
        "contacts_masked": 1,
        "lookalikes_folded": 3,
        "leet_folded": 1,
        "repeats_shortened": 1,
    }


@pytest.mark.parametrize("unit", ["a1", "aя@", "1.", "a b", "\u0301\u0316", "@a.", "(1", "x@x."])
def test_a_hostile_text_of_full_length_takes_no_more_than_a_moment(unit: str) -> None:
    text = (unit * 20_000)[:20_000]
    assert normalise(normalise(text)) == normalise(text)
