"""Which contacts become which placeholder, and which numbers are none."""

from __future__ import annotations

import pytest

from classifier.text import normalise


@pytest.mark.parametrize(
    "number",
    [
        "+44 7700 900114",
        "07700 900114",
        "0612345678",
        "06.12.34.56.78",
        "06 12 34 56 78",
        "600 123 456",
        "+1 (555) 123-4567",
        "(021) 555-1234",
        "+49 (0) 171 1234567",
        "00 49 1711234567",
        "0211/1234567",
        "888-373-7888",
        "1-555-0117",
        "7123-4567",
        "9812345670",
        "٠٧٧٠١٢٣٤٥٦٧",
        "۰۹۱۲ ۳۴۵ ۶۷۸۹",
        "९८१२३४५६७८",
        "０７７００９００１１４",
        "0️⃣7️⃣7️⃣0️⃣0️⃣9️⃣0️⃣0️⃣1️⃣1️⃣4️⃣",
        "+999 00 000",
    ],
)
def test_telephone_numbers_are_masked(number: str) -> None:
    assert normalise(f"ask {number} today") == "ask [PHONE] today"


@pytest.mark.parametrize(
    "mask",
    [
        "00000000000",
        "0000 000 0000",
        "0000 000 00 00",
        "000 0000",
        "92XXXXXX01",
        "07xx xxx xxx",
        "xxx-xxx-xxxx",
        "077*****12",
        "[PHONE]",
        "[phone]",
        "#PHONE_ab12#",
    ],
)
def test_masks_of_numbers_look_like_masked_numbers(mask: str) -> None:
    assert normalise(f"ask {mask} today") == "ask [PHONE] today"


@pytest.mark.parametrize(
    "figure",
    [
        "1000-1200",
        "1943-1952",
        "(1894-1895)",
        "2000–5000",
        "50 000-60 000",
        "120000-150000",
        "1.650.000",
        "1 200 000",
        "12 500 000",
        "2 400 €",
        "$15000000",
        "Rp15500000",
        "15500000 сум",
        "10000000",
        "2024-05-12",
        "12.05.2024",
        "00.00.0000",
        "01.06.-30.09.2024",
        "2024 2025 2026",
        "2024/2025",
        "08.00-17.00",
        "0800-1700",
        "24/7",
        "41.902782",
        "192.168.100.12",
        "123456789,50",
        "1234567",
        "4276 1234 5678 9012",
        "@150 @4pm",
        "9001-2008",
        "703/202/301",
        "11-4 9-11 11-6 11-7",
    ],
)
def test_prices_ranges_dates_and_other_figures_stay(figure: str) -> None:
    assert normalise(f"from {figure} on") == f"from {figure} on"


def test_a_number_is_told_from_the_figure_before_it() -> None:
    assert normalise("15 000 0612345678") == "15 000 [PHONE]"
    assert normalise("3500 € 612345678") == "3500 € [PHONE]"
    assert normalise("0501234567 / 0507654321") == "[PHONE] / [PHONE]"


def test_seven_digits_are_a_number_after_a_word_that_says_so() -> None:
    assert normalise("call 555-1234 now") == "call [PHONE] now"
    assert normalise("room 555-1234 now") == "room 555-1234 now"


def test_contacts_may_touch_letters_of_scripts_without_spaces() -> None:
    assert normalise("电话13800138000加我") == "电话[PHONE]加我"
    assert normalise("01012345678로 연락") == "[PHONE]로 연락"
    assert normalise("联系@abc_12加我") == "联系[USER]加我"
    assert normalise("看https://t.me/abc加我") == "看[CHAT]加我"


@pytest.mark.parametrize(
    "link",
    [
        "t.me/+a0_bc",
        "https://t.me/abc",
        "wa.me/441234",
        "HTTPS://CHAT.WHATSAPP.COM/x",
        "api.whatsapp.com/send?phone=1",
        "m.me/page",
        "signal.group/#abc",
        "discord.gg/abc",
        "vk.me/x",
        "zalo.me/0",
        "tg://resolve?domain=x",
        "viber://chat",
    ],
)
def test_links_into_messengers_are_told_apart(link: str) -> None:
    assert normalise(f"join {link}, now") == "join [CHAT], now"


@pytest.mark.parametrize(
    "link",
    [
        "https://example.com/a?b=c",
        "http://fly-high.example",
        "www.example.co.uk",
        "example.com",
        "dmw.gov.ph",
        "flood-studio.com/x",
        "clck.ru/000xx0",
        "jobs-here.ru",
        "https://t.co/xxxx0xx",
        "#URL_abc123#",
        "[url]",
        "##URL##",
    ],
)
def test_other_links_and_their_masks_become_one_placeholder(link: str) -> None:
    assert normalise(f"see {link} for more") == "see [URL] for more"


@pytest.mark.parametrize(
    "text",
    [
        "Mon.zo pass.port vi.sa ta.sk na.ge love.ly",
        "Done.It is",
        "B.Com with a year of VB.NET and ASP.net",
        "product development group.Pro/Engineer",
        "e.g. a.m. or p.m.",
        "all staff.Communicates well",
        "free!call",
    ],
)
def test_a_full_stop_inside_a_word_makes_no_link(text: str) -> None:
    assert normalise(text) == text


@pytest.mark.parametrize(
    "address",
    [
        "hr@acme.example",
        "first.last+x@mail.acme.co.uk",
        "docs @ mail . example",
        "name (at) acme dot com",
        "name[at]acme[dot]com",
        "john at gmail dot com",
        "[email]",
        "#EMAIL_0a#",
    ],
)
def test_e_mail_addresses_and_their_masks_become_one_placeholder(address: str) -> None:
    assert normalise(f"to {address} please") == "to [EMAIL] please"


@pytest.mark.parametrize(
    "handle", ["@user", "@xxxxx", "@hr_kelvin_0x", "<username>", "@<username>"]
)
def test_handles_and_their_masks_become_one_placeholder(handle: str) -> None:
    assert normalise(f"Telegram {handle}!") == "Telegram [USER]!"


def test_placeholders_are_left_alone() -> None:
    text = "[PHONE] [URL] [EMAIL] [USER] [CHAT]"
    assert normalise(text) == text


def test_contacts_are_found_behind_a_disguise() -> None:
    assert normalise("t.m\u200be/abc") == "[CHAT]"
    assert normalise("ｗｗｗ．example．com") == "[URL]"
    assert normalise("+44\u00a07700\u2011900114") == "[PHONE]"
